"""Ratings: published, revised, explained, pulled."""
