"""Restarts of schools: from then on, a school is not what it was, though its name and number may be the same."""

from datetime import date
from itertools import pairwise

from contracts.registry import SchoolChanged

RESTARTED = {"new", "reopened"}
"""NCES statuses of a school that begins, or begins anew."""

JULY = 7


def restarts(school: SchoolChanged) -> list[date]:
    """The days on which the school began anew; that it began at all is no restart."""
    pieces = sorted(school.facts, key=lambda facts: facts.valid_from)
    return [
        now.valid_from
        for before, now in pairwise(pieces)
        if now.operational_status in RESTARTED and before.operational_status != now.operational_status
    ]


def school_year_of(day: date) -> int:
    """The school year in which a day lies; it begins on 1 July."""
    return day.year + (day.month >= JULY)
