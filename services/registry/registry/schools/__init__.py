"""Schools: a permanent identity, and everything about it that a date can change."""
