"""Ask for a comparison, and keep it with all that it read."""

import asyncio
from collections.abc import Iterator
from datetime import datetime
from uuid import UUID

from kit.auth import Caller
from kit.errors import FieldError, Invalid, NotFound
from sqlalchemy.ext.asyncio import AsyncSession

from accountability.comparisons.cohorts import members
from accountability.comparisons.comparing import autonomous_of, compare
from accountability.comparisons.inputs import digest, read_inputs
from accountability.comparisons.schemas import ComparisonView, NewComparison
from accountability.comparisons.tables import Comparison
from accountability.directory import Organization
from accountability.ratings.sources import source_faults

LONGEST = 40
"""Years."""


async def compare_schools(session: AsyncSession, caller: Caller, body: NewComparison, now: datetime) -> ComparisonView:
    """Compare by what is published, and keep the comparison. Raises Invalid."""
    errors = [*_faults(body, now), *await source_faults(session, caller, body.framework, body.indicator)]
    for place, each in enumerate(body.matching.covariates if body.matching else []):
        of_covariate = await source_faults(
            session, caller, body.framework, each.indicator, f"matching.covariates.{place}."
        )
        errors += [error for error in of_covariate if error.field.endswith("indicator")]
    if await session.get(Organization, body.district_id) is None:
        message = "no such organization is known here"
        errors.append(FieldError("districtId", "unknown", message, value=str(body.district_id)))
    if errors:
        raise Invalid("This cannot be compared; see `errors`.", errors=errors)
    known_at = body.known_at or now
    inputs = await read_inputs(session, body, known_at)
    if not autonomous_of(members(inputs.standings, body.cohort, body.from_year, body.to_year)):
        error = FieldError(
            "cohort", "no-autonomous-school", "choose years in which a school of the district is autonomous"
        )
        raise Invalid("There is no autonomous school to compare.", errors=[error])
    result = await asyncio.to_thread(compare, body, inputs)
    stored = inputs.stored()
    row = Comparison(
        title=body.title,
        asked=body.model_dump(mode="json", by_alias=True),
        known_at=known_at,
        inputs=stored,
        inputs_sha256=digest(stored),
        result=result.model_dump(mode="json", by_alias=True),
        organization_id=caller.organization_id,
        client_id=caller.client_id,
        recorded_at=now,
    )
    session.add(row)
    await session.flush()
    return shape(row)


async def find_comparison(session: AsyncSession, comparison_id: UUID) -> Comparison:
    """A comparison: it is of public figures, so everybody may read it. Raises NotFound."""
    row = await session.get(Comparison, comparison_id)
    if row is None:
        raise NotFound(f"There is no comparison {comparison_id}.")
    return row


def shape(row: Comparison) -> ComparisonView:
    """A comparison as shown."""
    return ComparisonView.model_validate(row, from_attributes=True)


def _faults(body: NewComparison, now: datetime) -> Iterator[FieldError]:
    if (body.of == "indicator") != (body.indicator is not None):
        yield FieldError("indicator", "of-indicator", "name it where `of` is `indicator`, and nowhere else")
    if not body.from_year <= body.to_year < body.from_year + LONGEST:
        message = f"it must be `fromYear` or up to {LONGEST - 1} years later"
        yield FieldError("toYear", "out-of-range", message, value=str(body.to_year))
    if (body.cohort.kind == "fixed") != (body.cohort.year is not None):
        yield FieldError("cohort.year", "of-fixed-cohort", "name the year of a fixed cohort, and of no other")
    if body.cohort.year is not None and body.cohort.year > body.to_year:
        message = "the year of the cohort must not lie after `toYear`"
        yield FieldError("cohort.year", "out-of-range", message, value=str(body.cohort.year))
    if set(body.autonomous) & {"traditional", "independent-charter"}:
        message = (
            "leave out `traditional`, which is compared with, and `independent-charter`, which is not the district's"
        )
        yield FieldError("autonomous", "not-autonomous", message)
    if body.matching is not None:
        names = [each.indicator for each in body.matching.covariates]
        if len(set(names)) < len(names):
            yield FieldError("matching.covariates", "repeated", "name each covariate once")
    if body.known_at is not None and body.known_at > now:
        yield FieldError("knownAt", "future", "choose an instant that has passed", value=str(body.known_at))
