"""Verification: published data sets through the real path, compared with what was published."""
