"""Agreements: the dated instruments by which a school decides for itself, and every step of their lives."""
