"""Runs: a framework applied to the measures of a year. Staged, and seen by nobody else, until published."""
