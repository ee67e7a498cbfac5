"""Findings: what is doubtful or wrong with the measures of a year, told before a run rates by them."""
