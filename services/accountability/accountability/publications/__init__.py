"""Ratings become public: published, revised, and what follows from it in the same transaction."""
