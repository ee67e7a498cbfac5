"""Enrollment policies: how pupils come to a school, in which order, and what was promised to them."""
