"""Compute a roll-up: a new version if it gives anything else than before. The old ones stay."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from contracts.accountability import RollupComputed
from kit.auth import Caller
from kit.journal import record
from sqlalchemy import Select, select
from sqlalchemy.ext.asyncio import AsyncSession

from accountability.privacy.policy import Policy
from accountability.rollups.disclosure import Behind, disclosed, policy_of
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
    policy = await policy_of(session, rollup)
    behind = {each.code: Behind.of(each, stand) for each in found}
    decision = await disclosed(session, rollup, behind, policy)
    figures = [
        _figure(each, stand, officials.get(each.code), rollup.digits)
        | behind[each.code].keep()
        | (_shown(each, stand, policy) if each.code == RATING else behind[each.code].disclose(each.code, decision))
        for each in found
    ]
    made = [each.model_dump(mode="json", by_alias=True) for each in stand]
    before = await session.scalar(_newest(rollup))
    if before is not None and (before.standings, before.figures) == (made, figures):
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
        minimum_n=policy.minimum_n,
    )
    session.add(version)
    await session.flush()
    await record(session, _said(rollup, version, stand), caller=caller)
    return version


def _newest(rollup: Rollup) -> Select[RollupVersion]:
    of = select(RollupVersion).where(RollupVersion.rollup_id == rollup.id)
    return of.order_by(RollupVersion.version.desc()).limit(1)


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


def _shown(figures: Figures, stand: Sequence[Standing], policy: Policy) -> dict[str, Any]:
    """Of the result, whose scores are public, everybody sees the parts that are not of a few students."""
    parts = part_figures(figures, stand, 0)
    return {"shown": sorted(part for part, of in parts.items() if not policy.is_small(of.students))}


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
