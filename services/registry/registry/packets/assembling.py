"""A board packet put together: everything that is known of an agreement on a date, for a body that must decide."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from uuid import UUID

from kit.auth import Caller
from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from registry.agreements.approvals import approvals_view
from registry.agreements.dossier import Dossier
from registry.agreements.schemas import AgreementView, InForceView, RequirementsView
from registry.agreements.tables import AgreementTransition
from registry.agreements.views import agreement_view, in_force_view, requirements_view
from registry.autonomies.answers import AgreementImpact
from registry.autonomies.lapsing import agreement_impact
from registry.autonomies.reading import rules_known
from registry.dated import among, believed
from registry.entitlements.reading import entitlements_view
from registry.entitlements.schemas import EntitlementsView
from registry.instruments.document import Instrument
from registry.lineage.reading import views as lineage_views
from registry.lineage.schemas import LineageView
from registry.lineage.tables import LineageEvent, LineageSchool
from registry.organizations.actions import names_of, today_of
from registry.packets.evidence import evidence_views, kept_for
from registry.packets.schemas import Deciding, EvidenceView
from registry.packets.series import Series, series
from registry.packets.tables import KeptPacket
from registry.published_ratings import PublishedRating, newest_ratings
from registry.reports.quality import FindingLine, Quality
from registry.schools.reading import schools_at, shape
from registry.schools.schemas import SchoolView
from registry.schools.tables import School
from registry.schools.visibility import visible
from registry.standpoint import Standpoint
from registry.votes.schemas import ApprovalsView

ONE_DAY = timedelta(days=1)


@dataclass(frozen=True)
class Packet:
    """All that is before the body. `others` counts covered schools that are not the reader's on the date."""

    day: date
    made_at: datetime
    decision: Deciding
    kind: Instrument
    agreement: AgreementView
    in_force: InForceView
    schools: Sequence[SchoolView]
    others: int
    requirements: RequirementsView
    approvals: ApprovalsView
    lapses: AgreementImpact
    entitlements: Sequence[EntitlementsView]
    ratings: Sequence[PublishedRating]
    series: Sequence[Series]
    lineage: Sequence[LineageView]
    findings: Sequence[FindingLine]
    evidence: Sequence[EvidenceView]
    names: Mapping[UUID | None, str]
    """Of organizations, schools and rules."""


async def assemble(
    session: AsyncSession, caller: Caller, dossier: Dossier, decision: Deciding, day: date, now: datetime
) -> Packet:
    """The packet for a decision that would take effect on `day`, of what the caller may see then."""
    at, agreement = Standpoint(day), agreement_view(dossier, day)
    covered = set(dossier.schools_on(day))
    schools = await _schools(session, caller, covered, at)
    ids = [school.id for school in schools]
    end = agreement.term_to if agreement.term_to and agreement.term_to > day else day + ONE_DAY
    lapses = await agreement_impact(session, caller, agreement.id, end, None)
    ratings = [row for row in await newest_ratings(session, ids) if row.rating_date <= day]
    lineage = await _lineage(session, ids, day)
    kept = (await session.scalars(kept_for(agreement.id).order_by(KeptPacket.number))).all()
    step = AgreementTransition(name=decision, effective_on=day)
    return Packet(
        day=day,
        made_at=now,
        decision=decision,
        kind=dossier.instrument,
        agreement=agreement,
        in_force=in_force_view(dossier, day, now),
        schools=schools,
        others=len(covered) - len(schools),
        requirements=requirements_view(dossier, step, await today_of(session, caller, now)),
        approvals=approvals_view(dossier),
        lapses=lapses,
        entitlements=[await entitlements_view(session, school, at) for school in ids],
        ratings=ratings,
        series=series(ratings, lineage),
        lineage=lineage,
        findings=await Quality(caller, at).about(session, [agreement.id, *ids]),
        evidence=await evidence_views(session, kept),
        names=await _names(session, agreement, schools, lapses),
    )


async def _schools(session: AsyncSession, caller: Caller, ids: Iterable[UUID], at: Standpoint) -> list[SchoolView]:
    mine = await visible(session, caller, at.day)
    rows = await session.execute(schools_at(at).where(among(School.id, ids), mine))
    return sorted(map(shape, rows), key=lambda school: (school.name, school.id))


async def _lineage(session: AsyncSession, schools: Sequence[UUID], day: date) -> list[LineageView]:
    happened = select(LineageSchool.event_id).where(among(LineageSchool.school_id, schools))
    known = select(LineageEvent.id).where(
        LineageEvent.id.in_(happened), believed(LineageEvent), LineageEvent.effective_on <= day
    )
    return await lineage_views(session, list(await session.scalars(known)))


async def _names(
    session: AsyncSession, agreement: AgreementView, schools: Sequence[SchoolView], lapses: AgreementImpact
) -> dict[UUID | None, str]:
    organizations = {party.organization_id for party in agreement.parties}
    organizations |= {held.organization_id for school in schools for held in school.assignments}
    rules = await rules_known(session, {waiver.rule_id for waiver in lapses.waivers}, None)
    named: dict[UUID | None, str] = {school.id: school.name for school in schools}
    return (
        named | {rule.id: f"{rule.citation}: {rule.title}" for rule in rules} | await names_of(session, organizations)
    )
