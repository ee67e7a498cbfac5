"""Snapshots: the directory as of a date, as it was known at an instant, under a name."""
