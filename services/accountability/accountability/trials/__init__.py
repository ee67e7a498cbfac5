"""Trials: a version of a framework on the measures of a past year, beside the one in charge. Never published."""
