"""A small service for testing the kit: accounts, and a copy of them that hears its own events."""
