"""Whether a transition may be taken: possible on its day, complete, within the term, fully approved. Pure."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import date
from uuid import UUID

from kit.errors import Conflict, FieldError, Forbidden, Invalid

from registry.agreements.dossier import Dossier
from registry.agreements.lifecycle import MOVES, Move, OutOfOrder
from registry.agreements.requirements import ONE_SCHOOL, Question, lacking
from registry.agreements.standing import open_amendments, possible_moves, standing, terms
from registry.agreements.tables import AgreementTransition
from registry.instruments.dates import effect_from, years_after
from registry.instruments.document import Decision, Moment

CLOSED_BY: dict[Decision, str] = {
    "renew": "renew",
    "join": "join-school",
    "exit": "exit-school",
    "revoke": "reinstate",
    "terminate": "rescind-notice",
}
"""The transition that settles a decision: approvals recorded before it are used up."""
IN_HINDSIGHT: tuple[Decision, ...] = ("amend", "renew")
"""Decisions that may take effect before the day on which they were approved."""
WORDS = {"reason": "reason", "ground": "ground", "successor": "successor_id"}


class NotPossible(Conflict):
    """This transition is not possible from where the agreement is"""

    type = "transition-not-possible"


class ApprovalMissing(Conflict):
    """An approval that the instrument asks for is missing"""

    type = "approval-missing"


class UmbrellaNotInForce(Conflict):
    """The umbrella agreement is not in force"""

    type = "umbrella-not-in-force"


class SeparationOfDuty(Forbidden):
    """Whoever submitted may not execute"""

    type = "separation-of-duty"


def judge(dossier: Dossier, step: AgreementTransition, today: date) -> None:
    """Raise NotPossible, Invalid, SeparationOfDuty, UmbrellaNotInForce or ApprovalMissing unless `step` may be taken.

    `step` has its settled dates (see `settle`).
    """
    move = MOVES[step.name]
    _refuse_out_of_order(dossier, step)
    if errors := list(_incomplete(dossier, step, move)):
        raise Invalid(f"`{step.name}` is not complete; see `errors`.", errors=errors)
    if step.name == "execute":
        _refuse_own_submission(dossier, step)
        _refuse_without_umbrella(dossier, step)
    if move.decision is not None and (
        errors := lacking(question(dossier, step, move.decision, today), dossier.approvals)
    ):
        said = "; ".join(error.message for error in errors[:3])
        raise ApprovalMissing(f"`{step.name}` needs what {dossier.instrument} asks for. {said}", errors=errors)


def settle(dossier: Dossier, step: AgreementTransition) -> AgreementTransition:
    """Give an execution or renewal the dates that follow from the draft and the instrument. Raises Invalid."""
    if step.name == "execute":
        stated = step.effective_from or dossier.agreement.effective_from
        try:
            step.effective_from = effect_from(dossier.instrument.effect, step.effective_on, stated)
        except ValueError as wrong:
            message = f"{wrong} ({dossier.instrument.effect.citation})"
            error = FieldError("effectiveFrom", dossier.instrument.effect.begins, message, value=str(stated))
            raise Invalid("The agreement cannot begin on that day.", errors=[error]) from wrong
        step.term_to = step.term_to or dossier.agreement.term_to
        step.text_number = dossier.texts[-1].number
    return step


def question(dossier: Dossier, step: AgreementTransition, decision: Decision, today: date) -> Question:
    """What the approvals of a transition are asked."""
    about_text = decision in ("establish", "amend")
    text_number = (step.text_number or dossier.texts[-1].number) if about_text else None
    closing = dossier.latest(CLOSED_BY.get(decision, ""), **_same_school(decision, step.school_id))
    return Question(
        instrument=dossier.instrument,
        decision=decision,
        schools=_schools(dossier, step, decision),
        today=today,
        through=MOVES[step.name].through,
        text_number=text_number,
        by=None if decision in IN_HINDSIGHT else step.effective_on,
        since=closing.recorded_at if closing else None,
        moments=_moments(dossier, text_number if decision == "amend" else None),
        business=dossier.business,
    )


def _same_school(decision: Decision, school: UUID | None) -> dict[str, UUID | None]:
    return {"school_id": school} if decision in ONE_SCHOOL else {}


def _schools(dossier: Dossier, step: AgreementTransition, decision: Decision) -> list[UUID]:
    if decision in ONE_SCHOOL:
        return [step.school_id] if step.school_id else []
    if decision == "establish":
        return [row.school_id for row in dossier.schools]
    return dossier.schools_on(step.effective_on)


def _moments(dossier: Dossier, proposed_text: int | None) -> dict[str, date]:
    names: tuple[Moment, ...] = ("submit", "approve-locally", "send-to-state", "approve-by-state", "execute")
    found = {name: dossier.latest(name) for name in (*names, "open-review")}
    found["propose-amendment"] = dossier.latest("propose-amendment", text_number=proposed_text)
    return {name: step.effective_on for name, step in found.items() if step is not None}


def _refuse_out_of_order(dossier: Dossier, step: AgreementTransition) -> None:
    try:
        replace(dossier, transitions=[*dossier.transitions, step]).own_statuses()
    except OutOfOrder as wrong:
        if wrong.step is not step:
            raise NotPossible(
                f"`{step.name}` on {step.effective_on} would come before `{wrong.step.name}` of"
                f" {wrong.step.effective_on}, which is not possible from {wrong.status}."
            ) from wrong
        possible = ", ".join(possible_moves(dossier, step.effective_on)) or "nothing"
        raise NotPossible(
            f"On {step.effective_on} the agreement is {wrong.status}: `{step.name}` is not possible, only {possible}.",
            statusOnThatDay=wrong.status,
        ) from wrong
    if step.name == "send-to-state" and not dossier.instrument.has_stage("state"):
        raise NotPossible(f"{dossier.instrument} asks for no approval by the state.")


def _incomplete(dossier: Dossier, step: AgreementTransition, move: Move) -> Iterator[FieldError]:
    for need, name in WORDS.items():
        if need in move.needs and getattr(step, name) is None:
            yield FieldError(need, "missing", f"`{step.name}` needs it")
    codes = [ground.code for ground in dossier.instrument.grounds]
    if "ground" in move.needs and step.ground is not None and step.ground not in codes:
        yield FieldError("ground", "unknown", f"the grounds of {dossier.instrument} are: {', '.join(codes) or 'none'}")
    if step.name in ("adopt-amendment", "reject-amendment") and step.text_number not in open_amendments(dossier):
        yield FieldError("number", "not-open", f"the open amendments are: {open_amendments(dossier) or 'none'}")
    notice_by = dossier.agreement.notice_by
    if step.name == "notice-non-renewal" and notice_by is not None and step.effective_on > notice_by:
        yield FieldError("effectiveOn", "notice-too-late", f"the last day for this notice was {notice_by}")
    if "term" in move.needs:
        yield from _term_errors(dossier, step)
    if "school" in move.needs:
        yield from _school_errors(dossier, step)


def _term_errors(dossier: Dossier, step: AgreementTransition) -> Iterator[FieldError]:
    rule = dossier.instrument.term
    before = terms(dossier, step.effective_on).term_to if step.name == "renew" else None
    start = step.effective_from or max(step.effective_on, before or step.effective_on)
    longest = rule.max_years if step.name == "execute" else rule.renewal_max_years or rule.max_years
    if step.term_to is None:
        if not rule.open_ended:
            yield FieldError("termTo", "missing", f"give the first day after the term ({rule.citation})")
    elif step.term_to <= start:
        yield FieldError("termTo", "after-start", f"the term begins on {start}")
    elif longest is not None and step.term_to > years_after(start, longest):
        message = f"at most {longest} years from {start}, so {years_after(start, longest)} ({rule.citation})"
        yield FieldError("termTo", "too-long", message, value=str(step.term_to))


def _school_errors(dossier: Dossier, step: AgreementTransition) -> Iterator[FieldError]:
    rows = [row for row in dossier.schools if row.school_id == step.school_id]
    if step.name == "join-school":
        if any(row.during.upper is None or row.during.upper > step.effective_on for row in rows):
            yield FieldError("schoolId", "covered", "the agreement covers this school already then")
    elif not any(_leaves(row.during.lower, row.during.upper, step.effective_on) for row in rows):
        yield FieldError("effectiveOn", "not-covered", "the school is not covered on the day before")


def _leaves(lower: date | None, upper: date | None, day: date) -> bool:
    return (lower is None or lower < day) and (upper is None or day < upper)


def _refuse_own_submission(dossier: Dossier, step: AgreementTransition) -> None:
    submitted = dossier.latest("submit")
    if dossier.instrument.separate_duties and submitted is not None and submitted.actor == step.actor:
        raise SeparationOfDuty(f"{dossier.instrument} asks for two: `{step.actor}` submitted it, another executes it.")


def _refuse_without_umbrella(dossier: Dossier, step: AgreementTransition) -> None:
    if dossier.parent is None or step.effective_from is None:
        return
    above = standing(dossier.parent, step.effective_from)
    if not above.in_force:
        raise UmbrellaNotInForce(f"On {step.effective_from} its umbrella is {above.status}: {above.because}")
