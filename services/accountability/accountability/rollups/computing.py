"""Compute a roll-up: a new version if it gives anything else than before. The old ones stay."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from contracts.accountability import RollupComputed
from kit.auth import Caller
from kit.journal import record
from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from accountability.privacy.policy import policy_for
from accountability.rollups.disclosure import Version, shown_parts
from accountability.rollups.figures import RATING, Figures, part_figures
from accountability.rollups.gathering import figures_of, standings_in
from accountability.rollups.inputs import basis
from accountability.rollups.pooling import exact
from accountability.rollups.reconciling import Official, reconcile
from accountability.rollups.schemas import Figure
from accountability.rollups.standing import Standing
from accountability.rollups.tables import Rollup, RollupVersion


async def compute(
    session: AsyncSession, caller: Caller | None, rollup: Rollup, reason: str, now: datetime
) -> RollupVersion | None:
    """Compute a roll-up that is locked, from what is published; the new version, None if nothing is new."""
    public = await basis(session, rollup.framework_id, rollup.school_year)
    if public is None:
        return None
    stand = await standings_in(session, rollup, public.data_year)
    found, officials = await figures_of(session, rollup, public, {each.school_id for each in stand})
    before = (await session.scalars(_versions(rollup))).all()
    minimum = (await policy_for(session, rollup.framework_id, rollup.school_year, "report")).minimum_n
    figures = [
        _figure(each, stand, officials.get(each.code), rollup.digits)
        | _disclosed(each, stand, [_version(version, each.code) for version in before], minimum)
        for each in found
    ]
    made = [each.model_dump(mode="json", by_alias=True) for each in stand]
    if before and (before[-1].standings, before[-1].figures) == (made, figures):
        return None
    rollup.version += 1
    version = RollupVersion(
        rollup_id=rollup.id,
        version=rollup.version,
        data_year=public.data_year,
        input_version=public.input_version,
        computed_at=now,
        reason=reason,
        standings=made,
        figures=figures,
        minimum_n=minimum,
    )
    session.add(version)
    await session.flush()
    await record(session, _said(rollup, version, stand), caller=caller)
    return version


def _versions(rollup: Rollup) -> Any:
    return select(RollupVersion).where(RollupVersion.rollup_id == rollup.id).order_by(RollupVersion.version)


def _figure(figures: Figures, stand: Sequence[Standing], official: Official | None, digits: int) -> dict[str, Any]:
    value = exact(official.value) if official else None
    shown = Figure(
        figure=figures.code,
        title=figures.title,
        parts=part_figures(figures, stand, digits),
        not_counted=figures.not_counted(stand),
        reconciliation=reconcile(figures, stand, official, value, digits) if official and value is not None else None,
    )
    return shown.model_dump(mode="json", by_alias=True)


def _disclosed(
    figures: Figures, stand: Sequence[Standing], before: Sequence[dict[str, Any] | None], minimum: int
) -> dict[str, Any]:
    """What decides what everybody sees, now and in later versions: members, their students, the parts shown."""
    members = figures.members(stand)
    students = {school: _students(figures, school) for school in members}
    known = [each for each in before if each is not None]
    ever = {UUID(school): count for each in known for school, count in each["students"].items()} | students
    shown = shown_parts(members, ever, [_as_shown(each) for each in known], minimum)
    return {
        "members": {str(school): part for school, part in sorted(members.items())},
        "students": {str(school): count for school, count in sorted(students.items())},
        "shown": sorted(shown),
    }


def _students(figures: Figures, school: UUID) -> int:
    of = figures.of[school]
    return of.students if of.students is not None else int(of.denominator or 0)


def _version(version: RollupVersion, code: str) -> dict[str, Any] | None:
    return next((figure for figure in version.figures if figure["figure"] == code), None)


def _as_shown(figure: dict[str, Any]) -> Version:
    members = {UUID(school): part for school, part in figure["members"].items()}
    return Version(members, frozenset(figure["shown"]))


def _said(rollup: Rollup, version: RollupVersion, stand: Sequence[Standing]) -> RollupComputed:
    """That there is a new version, without any figure: whoever wants them asks, and sees what it may."""
    return RollupComputed(
        id=rollup.id,
        version=version.version,
        organization_id=rollup.organization_id,
        framework=rollup.framework_id,
        school_year=rollup.school_year,
        data_year=version.data_year,
        computed_at=version.computed_at,
        schools=len(stand),
        figures=[figure["figure"] for figure in version.figures if figure["figure"] != RATING],
        reason=version.reason,
    )
