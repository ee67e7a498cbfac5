"""Record how years of two operators are attributed, and see who may read a scorecard."""

from datetime import datetime
from uuid import UUID

from contracts.registry import SchoolChanged
from kit.auth import Caller
from kit.errors import NotFound
from sqlalchemy.ext.asyncio import AsyncSession

from accountability.attribution.reading import attributions, district_of, districts_of, schools_run_by, scorecard
from accountability.attribution.schemas import (
    AttributionRuleView,
    AttributionView,
    NewAttributionRule,
    ScorecardLine,
)
from accountability.attribution.tables import AttributionRule
from accountability.directory import Organization, School
from accountability.rollups.entitled import require_home, sees_in_full


async def record_rule(
    session: AsyncSession, caller: Caller, body: NewAttributionRule, now: datetime
) -> AttributionRuleView:
    """Record a rule; a newer one goes before an older. Raises Forbidden, Invalid."""
    await require_home(session, caller, body.organization_id)
    rule = AttributionRule(**body.model_dump(), client_id=caller.client_id, recorded_at=now)
    session.add(rule)
    await session.flush()
    return rule_shape(rule)


def rule_shape(rule: AttributionRule) -> AttributionRuleView:
    """A rule as shown."""
    return AttributionRuleView.model_validate({name: getattr(rule, name) for name in AttributionRuleView.model_fields})


async def attribution_of(session: AsyncSession, school_id: UUID, data_year: int) -> AttributionView:
    """To whom a school's year of data counts: assignments are public, and so is this. Raises NotFound."""
    row = await session.get(School, school_id)
    if row is None:
        raise NotFound(f"There is no school {school_id}.")
    school = SchoolChanged.read(row.said)
    return (await attributions(session, [(school, data_year)])).of(school, data_year)


async def scorecard_of(
    session: AsyncSession, caller: Caller, organization_id: UUID, school_year: int | None
) -> list[ScorecardLine]:
    """An operator's scorecard: for itself, for districts as to their own schools, for the state. Raises NotFound."""
    schools = await schools_run_by(session, organization_id)
    own = caller.organization_id == organization_id
    districts = districts_of(schools.values())
    in_full = own or await sees_in_full(session, caller, organization_id)
    theirs = caller.organization_id in districts
    if not (in_full or theirs) or await session.get(Organization, organization_id) is None:
        raise NotFound(f"There is no scorecard of {organization_id} for you.")
    lines = await scorecard(session, organization_id, school_year)
    if in_full:
        return lines
    # The measures behind a rating are for the district that the school had in their year, not for one before or after.
    years = ((line, district_of(schools[line.school_id], line.attribution.data_year)) for line in lines)
    return [line for line, district in years if district == caller.organization_id]
