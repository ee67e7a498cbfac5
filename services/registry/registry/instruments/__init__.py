"""Instrument kinds: by which document, approved by whom, a school may become autonomous. Documents, not code."""
