"""Measures: what was measured at schools, loaded in bulk, corrected by appending."""
