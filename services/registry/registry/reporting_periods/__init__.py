"""Reporting periods: what was reported is settled, and a later change of it takes a reason."""
