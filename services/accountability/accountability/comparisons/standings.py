"""What every school of a district was in every year: a frame with a row for each school and year."""

from collections.abc import Collection, Iterable, Iterator
from datetime import date
from typing import Any
from uuid import UUID

import polars as pl
from contracts.registry import SchoolChanged, SchoolFacts

from accountability.breaks.restarts import restarts, school_year_of
from accountability.comparisons.schemas import Level

STANDINGS = pl.Schema(
    {"school_id": pl.String, "year": pl.Int64, "standing": pl.String, "life": pl.Int64, "level": pl.String}
)
"""`standing`: autonomous, traditional, apart (of another kind), elsewhere (of another district), closed, not-yet-open.
`life` counts restarts."""

OCTOBER = 10
"""A school is in a year what it is on 1 October, the day on which students are counted."""

SHUT = {"closed", "inactive", "future"}
HIGHEST_ELEMENTARY, HIGHEST_MIDDLE = 6, 8


def standings(
    schools: Iterable[SchoolChanged], district_id: UUID, autonomous: Collection[str], to_year: int
) -> pl.DataFrame:
    """The standings from the first that is known on; only of schools that were ever the district's."""
    rows: list[dict[str, Any]] = []
    for school in schools:
        of_school = list(_of(school, district_id, autonomous, to_year))
        if any(row["standing"] in ("autonomous", "traditional") for row in of_school):
            rows += of_school
    return pl.DataFrame(rows, schema=STANDINGS).sort("school_id", "year")


def _of(
    school: SchoolChanged, district_id: UUID, autonomous: Collection[str], to_year: int
) -> Iterator[dict[str, Any]]:
    if not school.facts:
        return
    first = min(school_year_of(facts.valid_from) for facts in school.facts)
    begun = [school_year_of(day) for day in restarts(school)]
    for year in range(first, to_year + 1):
        day = date(year - 1, OCTOBER, 1)
        facts = school.facts_on(day)
        at_home = district_id in school.organizations_on(day, "accountable-lea")
        yield {
            "school_id": str(school.id),
            "year": year,
            "standing": _standing(facts, at_home, autonomous, is_first=year == first),
            "life": sum(restart <= year for restart in begun),
            "level": level_of(facts.grade_high) if facts else None,
        }


def _standing(facts: SchoolFacts | None, at_home: bool, autonomous: Collection[str], *, is_first: bool) -> str:
    if facts is None:
        return "not-yet-open" if is_first else "closed"
    if facts.operational_status in SHUT:
        return "not-yet-open" if facts.operational_status == "future" else "closed"
    if not at_home:
        return "elsewhere"
    if facts.arrangement in autonomous:
        return "autonomous"
    return "traditional" if facts.arrangement == "traditional" else "apart"


def level_of(grade_high: str | None) -> Level | None:
    """The level by the highest grade; None where it is not known or has no number."""
    if grade_high in ("PK", "KG"):
        return "elementary"
    if grade_high is None or not grade_high.isdigit():
        return None
    if int(grade_high) <= HIGHEST_ELEMENTARY:
        return "elementary"
    return "middle" if int(grade_high) <= HIGHEST_MIDDLE else "high"
