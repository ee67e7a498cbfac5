"""Clocks that a transition starts: decisions and votes that a body owes, notices that someone must be given. Pure."""

from collections.abc import Iterator, Mapping, Sequence
from datetime import date
from uuid import UUID

from registry.agreements.dossier import Dossier
from registry.agreements.standing import ended_on
from registry.agreements.tables import AgreementTransition
from registry.deadlines.owed import Done, Owed, Rule, Start
from registry.instruments.dates import due
from registry.instruments.document import Deadline, Notice, Step
from registry.votes.tables import Act, Vote

CLOSES: Mapping[str, frozenset[str]] = {
    "submit": frozenset({"return", "approve-locally", "deny-locally", "withdraw"}),
    "approve-locally": frozenset({"send-to-state", "withdraw", "execute"}),
    "send-to-state": frozenset({"return-by-state", "approve-by-state", "deny-by-state", "withdraw"}),
    "approve-by-state": frozenset({"execute", "withdraw"}),
    "propose-amendment": frozenset({"adopt-amendment", "reject-amendment"}),
    "open-review": frozenset({"renew", "notice-non-renewal", "notice-revocation", "notice-termination", "supersede"}),
}
"""After which transitions nothing is decided any more that the first one asked for."""


def decisions_owed(dossier: Dossier, day: date) -> Iterator[Owed]:
    """The approvals that have a clock, once for each time that it began, and for each school that decides itself."""
    for decision, steps in dossier.instrument.approvals.items():
        for step in steps:
            clock = step.deadline
            if clock is None:
                continue
            for begun in _began(dossier, clock.after):
                subjects: Sequence[UUID | None] = dossier.schools_on(begun.effective_on) if step.per_school else [None]
                for school in subjects:
                    yield _decision(dossier, decision, step, clock, begun, school, day)


def _decision(
    dossier: Dossier,
    decision: str,
    step: Step,
    clock: Deadline,
    begun: AgreementTransition,
    school: UUID | None,
    day: date,
) -> Owed:
    found = due(clock, begun.effective_on, dossier.business)
    answers = [each for each in dossier.approvals if _answers(each, decision, step, begun, school)]
    done = _first(answers) or _closed(dossier, begun) or _silent(clock, found.on, day)
    at_school = f"/{school}" if school else ""
    return Owed(
        key=f"{step.decides}/{decision}.{step.id}/{begun.number}{at_school}",
        kind="vote" if step.decides == "vote" else "decision",
        title=step.title,
        role=clock.by,
        to=None,
        rule=Rule(_counted(clock), step.citation, step.uncertain),
        start=Start(clock.after, begun.effective_on, clock.days, clock.count),
        due=found,
        school_id=school,
        done=done,
    )


def notices_owed(dossier: Dossier, day: date) -> Iterator[Owed]:
    """The notices that the instrument asks for, once for each time that there was a reason to give them."""
    for notice in dossier.instrument.notices:
        for key, since, number in _reasons(dossier, notice, day):
            given = [row for row in dossier.notices if row.notice == notice.id and row.given_on >= since]
            done = next((Done(row.given_on, row.evidence) for row in given), None)
            if notice.done_by is not None:
                done = _taken(dossier, {notice.done_by}, number)
            yield Owed(
                key=f"notice/{notice.id}/{key}",
                kind="notice",
                title=notice.title,
                role=notice.by,
                to=notice.to,
                rule=Rule(_counted(notice), notice.citation, notice.uncertain),
                start=Start(notice.after, since, notice.days, notice.count),
                due=due(notice, since, dossier.business),
                done=done,
            )


def _reasons(dossier: Dossier, notice: Notice, day: date) -> Iterator[tuple[str, date, int]]:
    if notice.after != "end":
        for begun in _began(dossier, notice.after):
            yield str(begun.number), begun.effective_on, begun.number
    elif (ended := ended_on(dossier)) is not None and ended <= day:
        yield "end", ended, 0


def _began(dossier: Dossier, name: str) -> list[AgreementTransition]:
    return [step for step in dossier.transitions if step.name == name]


def _answers(approval: Vote | Act, decision: str, step: Step, begun: AgreementTransition, school: UUID | None) -> bool:
    about_text = begun.text_number is None or approval.text_number == begun.text_number
    same = (approval.decision, approval.step, approval.school_id) == (decision, step.id, school)
    return same and about_text and approval.decided_on >= begun.effective_on


def _first(answers: Sequence[Vote | Act]) -> Done | None:
    first = min(answers, key=lambda answer: (answer.decided_on, answer.recorded_at), default=None)
    return Done(first.decided_on, first.evidence) if first else None


def _closed(dossier: Dossier, begun: AgreementTransition) -> Done | None:
    return _taken(dossier, CLOSES.get(begun.name, frozenset()), begun.number, begun.text_number)


def _taken(dossier: Dossier, names: frozenset[str] | set[str], after: int, text: int | None = None) -> Done | None:
    """The first transition of these names after another, about the same text if it was about one."""
    later = [step for step in dossier.transitions if step.number > after and step.name in names]
    same = [step for step in later if text is None or step.text_number == text]
    first = min(same, key=lambda step: step.number, default=None)
    return Done(first.effective_on, f"{first.name}: {first.evidence}") if first else None


def _silent(clock: Deadline, last_day: date, day: date) -> Done | None:
    if clock.silence == "nothing" or day <= last_day:
        return None
    return Done(last_day, f"Nothing was decided through {last_day}, which means: {clock.silence}.")


def _counted(clock: Deadline) -> str:
    return f"{clock.days} {clock.count} days after `{clock.after}`"
