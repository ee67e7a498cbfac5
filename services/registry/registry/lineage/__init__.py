"""Lineage: what happened to schools as institutions, which came from which, and what went on."""
