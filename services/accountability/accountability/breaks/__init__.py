"""Breaks: years from which a figure is no longer comparable with those before."""
