"""Whether a decision has the approvals that its instrument asks for, and exactly what is missing. Pure."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from uuid import UUID

from kit.errors import FieldError

from registry.calendars.arithmetic import PLAIN, BusinessDays
from registry.instruments.dates import due
from registry.instruments.document import STAGES, Decision, Instrument, Stage, Step, VoteStep
from registry.votes.rules import Tally, count
from registry.votes.tables import Act, Vote

ONE_SCHOOL: tuple[Decision, ...] = ("join", "exit")
"""Decisions about one school of the agreement."""


@dataclass(frozen=True)
class Question:
    """May this decision be taken?

    About the text `text_number`, for `schools`, through a stage of approvals, counting what was decided by the day
    `by` (if it must not be decided afterwards) and recorded after `since`; deadlines count from `moments`.
    """

    instrument: Instrument
    decision: Decision
    schools: Sequence[UUID]
    today: date
    through: Stage = "execution"
    text_number: int | None = None
    by: date | None = None
    since: datetime | None = None
    moments: Mapping[str, date] = field(default_factory=dict)
    business: BusinessDays = PLAIN

    def steps(self, stage: Stage) -> list[Step]:
        """The binding approvals at `stage`. Advisory ones are shown, and decide nothing."""
        return [step for step in self.instrument.steps(self.decision) or [] if step.stage == stage and step.binding]

    def subjects(self, step: Step) -> Sequence[UUID | None]:
        """For whom `step` must be approved: each school by itself, or the whole."""
        return self.schools if step.per_school or self.decision in ONE_SCHOOL else [None]


class _Missing(Exception):
    """An approval does not count, for this reason."""


def lacking(question: Question, recorded: Sequence[Vote | Act]) -> list[FieldError]:
    """Every binding approval that is missing, refused, short of votes, late or out of order; empty if none is."""
    if question.instrument.steps(question.decision) is None:
        message = f"{question.instrument} provides for no such decision: nobody can take it under this instrument"
        return [FieldError("name", f"{question.instrument} {question.decision}", message)]
    errors: list[FieldError] = []
    earlier: date | None = None
    for stage in STAGES[: STAGES.index(question.through) + 1]:
        days: list[date] = []
        for step, school in _asked(question, stage):
            try:
                days.append(_decided_on(question, step, school, recorded, earlier))
            except _Missing as why:
                errors.append(_error(question, step, school, str(why)))
        earlier = max([*days, *([earlier] if earlier else [])], default=None)
    return errors


def _asked(question: Question, stage: Stage) -> Iterator[tuple[Step, UUID | None]]:
    for step in question.steps(stage):
        for school in question.subjects(step) or [None]:
            yield step, school


def _decided_on(
    question: Question, step: Step, school: UUID | None, recorded: Sequence[Vote | Act], earlier: date | None
) -> date:
    """The day on which `step` was approved. Raises _Missing if it was not."""
    if step.per_school and school is None:
        raise _Missing("the agreement covers no school that could consent")
    answers = [approval for approval in recorded if _answers(question, step, school, approval)]
    found = [approval for approval in answers if question.by is None or approval.decided_on <= question.by]
    last_day = _last_day(question, step)
    if not found:
        return _by_silence(question, step, last_day, answers)
    latest = max(found, key=lambda approval: (approval.decided_on, approval.recorded_at))
    _refuse_wrong_day(step, latest.decided_on, last_day, earlier)
    if isinstance(latest, Vote) and isinstance(step, VoteStep):
        _refuse_short(step, latest)
    elif isinstance(latest, Act) and latest.outcome != "approved":
        raise _Missing(f"{latest.outcome} on {latest.decided_on}: {latest.reasons}")
    return latest.decided_on


def _answers(question: Question, step: Step, school: UUID | None, approval: Vote | Act) -> bool:
    return (
        (approval.decision, approval.step) == (question.decision, step.id)
        and (approval.text_number, approval.school_id) == (question.text_number, school)
        and approval.superseded_at is None
        and (question.since is None or approval.recorded_at > question.since)
        and isinstance(approval, Vote) == isinstance(step, VoteStep)
    )


def _last_day(question: Question, step: Step) -> date | None:
    start = question.moments.get(step.deadline.after) if step.deadline else None
    return due(step.deadline, start, question.business).on if step.deadline and start else None


def _by_silence(question: Question, step: Step, last_day: date | None, later: Sequence[Vote | Act]) -> date:
    """The day on which silence approved. Raises _Missing unless the instrument says that it does."""
    if later:
        raise _Missing(f"decided on {min(answer.decided_on for answer in later)}, after {question.by}")
    kind = "vote" if step.decides == "vote" else "decision"
    if step.deadline is not None and last_day is not None and last_day < (question.by or question.today):
        if step.deadline.silence == "approved":
            return last_day
        if step.deadline.silence == "denied":
            raise _Missing(f"no {kind} was recorded through {last_day}, which means: denied")
    raise _Missing(f"no {kind} is recorded")


def _refuse_wrong_day(step: Step, decided_on: date, last_day: date | None, earlier: date | None) -> None:
    if earlier is not None and decided_on < earlier:
        raise _Missing(f"decided on {decided_on}, before the approvals of {earlier} that come first")
    if step.deadline is not None and last_day is not None and step.deadline.late == "void" and decided_on > last_day:
        raise _Missing(f"decided on {decided_on}; the last day was {last_day}, and a late decision counts for nothing")


def _refuse_short(step: VoteStep, vote: Vote) -> None:
    if step.secret and not vote.secret:
        raise _Missing(f"the vote of {vote.held_on} was open; the rule asks for a secret ballot")
    outcome = count(Tally(vote.eligible, vote.cast, vote.yes, vote.no, vote.abstain), step.threshold, step.base)
    if outcome.verdict == "no-electorate":
        raise _Missing(f"nobody was eligible on {vote.held_on}: a body without members cannot consent")
    if not outcome.passed:
        base = step.base.removeprefix("of-")
        tie = " (a tie)" if outcome.verdict == "tied" else ""
        raise _Missing(f"{outcome.needed} yes of {outcome.voters} {base} needed, {vote.yes} counted{tie}")


def _error(question: Question, step: Step, school: UUID | None, why: str) -> FieldError:
    where = f" at school {school}" if school else ""
    return FieldError(
        f"approvals.{step.id}",
        f"{question.instrument} {question.decision}.{step.id}",
        f"{step.title}{where}: {why} ({step.citation})",
        value=str(school) if school else None,
    )
