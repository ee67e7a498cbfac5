"""Comparisons over time: autonomous schools beside other schools of their district, by what is published alone."""
