"""Votes and acts: what bodies decided, counted and not asserted."""
