"""A dossier as it is shown, and as it is said to the other services."""

from datetime import date, datetime
from typing import Any, get_args

from contracts.registry import AgreementChanged, AgreementParty, AgreementStanding, CoveredSchool
from contracts.vocabulary import AgreementStatus

from registry.agreements.dossier import Dossier
from registry.agreements.judgement import question
from registry.agreements.lifecycle import IN_FORCE, MOVES
from registry.agreements.requirements import lacking
from registry.agreements.schemas import (
    AgreementView,
    Covered,
    HistoryView,
    InForceView,
    LackView,
    NoticeView,
    RequirementsView,
    ReviewView,
    StandingView,
    TextView,
    TransitionView,
)
from registry.agreements.standing import (
    governing_text,
    notices_due,
    on_probation,
    open_amendments,
    possible_moves,
    reviews_due,
    standing,
    terms,
    text_in_force,
    text_states,
)
from registry.agreements.tables import AgreementTransition
from registry.instruments.dates import first_full_school_year

PUBLIC = frozenset(get_args(AgreementStatus))
"""The statuses from execution on."""


def agreement_view(dossier: Dossier, day: date) -> AgreementView:
    """The agreement as it is on `day`."""
    row, now, held = dossier.agreement, standing(dossier, day), terms(dossier, day)
    effect = dossier.instrument.effect
    return AgreementView(
        id=row.id,
        version=row.version,
        instrument_id=row.instrument_id,
        instrument_version=row.instrument_version,
        title=row.title,
        parent_id=row.parent_id,
        resubmits_id=row.resubmits_id,
        legal_basis=row.legal_basis,
        parties=_parties(dossier),
        schools=[Covered(**school) for school in _schools(dossier)],
        as_of=day,
        status=now.status,
        since=now.since,
        until=now.until,
        in_force=now.in_force,
        because=now.because,
        on_probation=on_probation(dossier, day),
        executed_on=held.executed_on,
        effective_from=held.effective_from,
        term_to=held.term_to,
        first_full_school_year=first_full_school_year(effect, held.effective_from) if held.effective_from else None,
        notice_by=row.notice_by,
        renewal_options=row.renewal_options,
        wind_down_duties=row.wind_down_duties,
        texts=_texts(dossier),
        open_amendments=open_amendments(dossier),
        notices=_notices(dossier, day),
        reviews=[
            ReviewView(
                due_on=found.on,
                school_year=found.school_year,
                citation=found.rule.citation,
                uncertain=found.rule.uncertain,
            )
            for found in reviews_due(dossier, day)
        ],
    )


def in_force_view(dossier: Dossier, day: date, known_at: datetime) -> InForceView:
    """What governs on `day`."""
    now, text = standing(dossier, day), text_in_force(dossier, day)
    return InForceView(
        agreement_id=dossier.agreement.id,
        as_of=day,
        known_at=known_at,
        in_force=now.in_force,
        status=now.status,
        because=now.because,
        text=next((view for view in _texts(dossier) if text and view.number == text[0].number), None),
        text_since=text[1] if text else None,
        open_amendments=open_amendments(dossier),
    )


def history_view(dossier: Dossier) -> HistoryView:
    """Everything that happened, and what follows."""
    shown = list(TransitionView.model_fields)
    return HistoryView(
        id=dossier.agreement.id,
        version=dossier.agreement.version,
        transitions=[TransitionView(**{n: getattr(step, n) for n in shown}) for step in dossier.transitions],
        standings=[
            StandingView(
                status=piece.value, in_force=piece.value in IN_FORCE, valid_from=piece.start, valid_to=piece.end
            )
            for piece in dossier.statuses()
        ],
    )


def requirements_view(dossier: Dossier, step: AgreementTransition, today: date) -> RequirementsView:
    """What may happen on the day of `step`, and which approvals that step lacks."""
    decision = MOVES[step.name].decision
    errors = lacking(question(dossier, step, decision, today), dossier.approvals) if decision else []
    possible = possible_moves(dossier, step.effective_on)
    return RequirementsView(
        status=standing(dossier, step.effective_on).status,
        possible=list(possible),
        transition=step.name,
        allowed=step.name in possible,
        missing=[LackView(field=error.field, rule=error.rule, message=error.message) for error in errors],
    )


def changed(dossier: Dossier) -> AgreementChanged | None:
    """What the other services hear; None of a draft."""
    executed, row = dossier.latest("execute"), dossier.agreement
    if executed is None or executed.effective_from is None:
        return None
    text = governing_text(dossier, date.max)
    return AgreementChanged(
        id=row.id,
        version=row.version,
        instrument=row.instrument_id,
        instrument_version=row.instrument_version,
        jurisdiction=dossier.instrument.jurisdiction,
        title=row.title,
        parent_id=row.parent_id,
        legal_basis=row.legal_basis,
        parties=_parties(dossier),
        schools=[_said_school(dossier, school) for school in _schools(dossier)],
        executed_on=executed.effective_on,
        effective_from=executed.effective_from,
        term_to=terms(dossier, date.max).term_to,
        first_full_school_year=first_full_school_year(dossier.instrument.effect, executed.effective_from),
        text_sha256=text[0].sha256 if text else "",
        standings=_standings(dossier),
    )


def _standings(dossier: Dossier) -> list[AgreementStanding]:
    return [
        AgreementStanding.model_validate(
            {
                "status": piece.value,
                "in_force": piece.value in IN_FORCE,
                "valid_from": piece.start,
                "valid_to": piece.end,
            }
        )
        for piece in dossier.statuses()
        if piece.value in PUBLIC
    ]


def _parties(dossier: Dossier) -> list[AgreementParty]:
    return [AgreementParty(organization_id=party.organization_id, role=party.role) for party in dossier.parties]


def _schools(dossier: Dossier) -> list[dict[str, Any]]:
    return [
        {"school_id": row.school_id, "valid_from": row.during.lower, "valid_to": row.during.upper}
        for row in dossier.schools
    ]


def _said_school(dossier: Dossier, school: dict[str, Any]) -> CoveredSchool:
    left = dossier.latest("exit-school", school_id=school["school_id"], effective_on=school["valid_to"])
    return CoveredSchool(**school, exit_ground=left.ground if left else None)


def _texts(dossier: Dossier) -> list[TextView]:
    states = text_states(dossier)
    return [
        TextView(
            number=text.number,
            title=text.title,
            url=text.url,
            sha256=text.sha256,
            summary=text.summary,
            state=states[text.number],
        )
        for text in dossier.texts
    ]


def _notices(dossier: Dossier, day: date) -> list[NoticeView]:
    given = {row.notice: row.given_on for row in reversed(dossier.notices)}
    return [
        NoticeView(
            notice=notice.id,
            title=notice.title,
            to=notice.to,
            counted=due.counted,
            due_on=due.on,
            weekday=f"{due.on:%A}",
            roll=due.roll,
            citation=notice.citation,
            uncertain=notice.uncertain,
            given_on=given.get(notice.id),
            late=given.get(notice.id, day) > due.on,
        )
        for notice, due in notices_due(dossier, day)
    ]
