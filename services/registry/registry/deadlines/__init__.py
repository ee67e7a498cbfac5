"""Deadlines: what agreements and their instruments ask for by which day, computed; and what was done by it."""
