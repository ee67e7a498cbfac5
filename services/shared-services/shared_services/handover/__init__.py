"""Handover: what is open at a school when its operator changes, and what becomes of each thing."""
