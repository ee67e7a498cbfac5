"""Recording what bodies decided about an agreement: votes, acts, and notices given."""

from datetime import date, datetime
from typing import Any, TypeVar
from uuid import UUID

from kit.auth import Caller
from kit.errors import Conflict, FieldError, Invalid
from sqlalchemy.ext.asyncio import AsyncSession

from registry.agreements.dossier import Dossier, dossiers
from registry.agreements.lifecycle import Who
from registry.agreements.locking import locked
from registry.agreements.requirements import ONE_SCHOOL
from registry.agreements.said_approvals import say_approvals
from registry.agreements.schemas import NewNotice
from registry.agreements.tables import AgreementNotice
from registry.agreements.visibility import require_writer
from registry.instruments.document import ActStep, Step, VoteStep
from registry.organizations.actions import today_of
from registry.votes.rules import Tally, contradictions, count
from registry.votes.schemas import ActView, ApprovalsView, Count, NewAct, NewVote, VoteView
from registry.votes.tables import Act, Vote

Row = TypeVar("Row", Vote, Act)
S = TypeVar("S", VoteStep, ActStep)
RECORDERS: frozenset[Who] = frozenset({"district", "state"})
"""Who records anything; the step then says whether the state may."""


async def record_vote(
    session: AsyncSession, caller: Caller, agreement_id: UUID, body: NewVote, now: datetime
) -> VoteView:
    """Record a vote as counted; its result is computed. Raises Forbidden, NotFound, Invalid with every error."""
    dossier = await locked(session, caller, agreement_id)
    await require_writer(session, caller, dossier, RECORDERS)
    tally = Tally(body.eligible, body.cast, body.yes, body.no, body.abstain)
    opens_on, closes_on = body.opens_on or body.held_on, body.closes_on or body.held_on
    errors = contradictions(tally) + _future_errors("heldOn", body.held_on, await today_of(session, caller, now))
    if not opens_on <= body.held_on <= closes_on:
        errors.append(FieldError("heldOn", "in-window", f"the window is {opens_on} through {closes_on}"))
    step = _step(dossier, body, VoteStep, errors)
    await _require_recorder(session, caller, dossier, step)
    vote = Vote(
        **_about(dossier, caller, body, now),
        **vars(tally),
        secret=body.secret,
        opens_on=opens_on,
        closes_on=closes_on,
        held_on=body.held_on,
    )
    await _keep(session, caller, dossier, vote, body.corrects, now)
    return vote_view(step, vote)


async def record_act(session: AsyncSession, caller: Caller, agreement_id: UUID, body: NewAct, now: datetime) -> ActView:
    """Record what a board or an officer decided. Raises Forbidden, NotFound, Invalid with every error."""
    dossier = await locked(session, caller, agreement_id)
    await require_writer(session, caller, dossier, RECORDERS)
    errors = _future_errors("decidedOn", body.decided_on, await today_of(session, caller, now))
    step = _step(dossier, body, ActStep, errors)
    await _require_recorder(session, caller, dossier, step)
    counted: dict[str, Any] = body.count.model_dump() if body.count else {}
    act = Act(
        **_about(dossier, caller, body, now),
        **counted,
        outcome=body.outcome,
        decided_on=body.decided_on,
        reasons=body.reasons,
    )
    await _keep(session, caller, dossier, act, body.corrects, now)
    return act_view(step, act)


async def give_notice(
    session: AsyncSession, caller: Caller, agreement_id: UUID, body: NewNotice, now: datetime
) -> Dossier:
    """Record that a notice was given. Raises Forbidden, NotFound, Conflict, Invalid."""
    dossier = await locked(session, caller, agreement_id)
    await require_writer(session, caller, dossier, frozenset({"district"}))
    known = [notice.id for notice in dossier.instrument.notices]
    if body.notice not in known:
        error = FieldError(
            "notice", "unknown", f"the notices of {dossier.instrument} are: {', '.join(known) or 'none'}"
        )
        raise Invalid("The instrument asks for no such notice.", errors=[error])
    if errors := _future_errors("givenOn", body.given_on, await today_of(session, caller, now)):
        raise Invalid("This cannot be recorded; see `errors`.", errors=errors)
    if any((row.notice, row.given_on) == (body.notice, body.given_on) for row in dossier.notices):
        raise Conflict(f"`{body.notice}` of {body.given_on} is recorded already.")
    row = AgreementNotice(agreement_id=agreement_id, actor=caller.client_id, recorded_at=now, **body.model_dump())
    session.add(row)
    dossier.agreement.version += 1
    await session.flush()
    return (await dossiers(session, [agreement_id]))[0]


def approvals_view(dossier: Dossier) -> ApprovalsView:
    """Everything that was decided, with what each vote comes to."""
    votes: list[VoteView] = []
    acts: list[ActView] = []
    for approval in dossier.approvals:
        step = _known_steps(dossier, approval.decision)[approval.step]
        if isinstance(approval, Vote) and isinstance(step, VoteStep):
            votes.append(vote_view(step, approval))
        elif isinstance(approval, Act):
            acts.append(act_view(step, approval))
    return ApprovalsView(votes=votes, acts=acts)


def vote_view(step: VoteStep, vote: Vote) -> VoteView:
    """A vote with its computed result."""
    outcome = count(Tally(vote.eligible, vote.cast, vote.yes, vote.no, vote.abstain), step.threshold, step.base)
    names = ("eligible", "cast", "yes", "no", "abstain", "secret", "opens_on", "closes_on", "held_on")
    return VoteView(
        **_shown(step, vote),
        **{name: getattr(vote, name) for name in names},
        electorate=step.electorate,
        threshold=step.threshold,
        base=step.base,
        result=outcome.verdict,
        needed=outcome.needed,
    )


def act_view(step: Step, act: Act) -> ActView:
    """An act."""
    counted = None if act.yes is None else Count(yes=act.yes, no=act.no or 0, abstain=act.abstain or 0)
    rest = {"outcome": act.outcome, "decided_on": act.decided_on, "reasons": act.reasons, "count": counted}
    return ActView.model_validate(_shown(step, act) | rest)


async def _require_recorder(session: AsyncSession, caller: Caller, dossier: Dossier, step: Step) -> None:
    who: frozenset[Who] = frozenset({"district", "state"}) if step.stage == "state" else frozenset({"district"})
    await require_writer(session, caller, dossier, who)


def _future_errors(field: str, day: date, today: date) -> list[FieldError]:
    if day <= today:
        return []
    return [FieldError(field, "future", f"today is {today}: record it once it has happened", value=str(day))]


def _known_steps(dossier: Dossier, decision: Any) -> dict[str, Step]:
    return {step.id: step for step in dossier.instrument.steps(decision) or []}


def _step(dossier: Dossier, body: NewVote | NewAct, kind: type[S], errors: list[FieldError]) -> S:
    """The step that is answered. Raises Invalid with `errors` and everything wrong about the answer."""
    known = _known_steps(dossier, body.decision)
    step = known.get(body.step)
    if step is None:
        message = f"the steps of {body.decision} under {dossier.instrument} are: {', '.join(known) or 'none'}"
        errors.append(FieldError("step", "unknown", message))
    elif not isinstance(step, kind):
        errors.append(
            FieldError("step", "other-kind", f"what decides `{step.id}` is a {step.decides}: record it there")
        )
    if step is not None:
        errors += _place_errors(dossier, body, step)
    if errors or not isinstance(step, kind):
        raise Invalid("This cannot be recorded; see `errors`.", errors=errors)
    return step


def _place_errors(dossier: Dossier, body: NewVote | NewAct, step: Step) -> list[FieldError]:
    errors = []
    by_school = step.per_school or body.decision in ONE_SCHOOL
    if by_school and body.school_id is None:
        errors.append(FieldError("schoolId", "missing", f"`{step.id}` is decided at each school"))
    if not by_school and body.school_id is not None:
        errors.append(FieldError("schoolId", "not-per-school", f"`{step.id}` is decided once, for all schools"))
    covered = {row.school_id for row in dossier.schools}
    if body.school_id is not None and body.decision != "join" and body.school_id not in covered:
        errors.append(FieldError("schoolId", "not-covered", "the agreement does not cover this school"))
    numbers = [text.number for text in dossier.texts]
    if body.text_number is not None and body.text_number not in numbers:
        errors.append(FieldError("textNumber", "unknown", f"the texts are {numbers}"))
    return errors


def _about(dossier: Dossier, caller: Caller, body: NewVote | NewAct, now: datetime) -> dict[str, Any]:
    newest = dossier.texts[-1].number
    return {
        "agreement_id": dossier.agreement.id,
        "decision": body.decision,
        "step": body.step,
        "text_number": (body.text_number or newest) if body.decision in ("establish", "amend") else None,
        "school_id": body.school_id,
        "evidence": body.evidence,
        "actor": caller.client_id,
        "recorded_at": now,
    }


async def _keep(
    session: AsyncSession, caller: Caller, dossier: Dossier, row: Row, corrects: UUID | None, now: datetime
) -> None:
    said: list[Vote | Act] = [row]
    if corrects is not None:
        wrong = next((a for a in dossier.approvals if a.id == corrects and type(a) is type(row)), None)
        if wrong is None or (wrong.decision, wrong.step) != (row.decision, row.step):
            error = FieldError("corrects", "unknown", "name a standing record of the same step", value=str(corrects))
            raise Invalid("There is nothing to correct.", errors=[error])
        wrong.superseded_at = now
        said.insert(0, wrong)
    session.add(row)
    dossier.agreement.version += 1
    await session.flush()
    await say_approvals(session, caller, dossier, said)


def _shown(step: Step, approval: Vote | Act) -> dict[str, Any]:
    names = ("id", "decision", "step", "school_id", "text_number", "evidence", "actor", "recorded_at")
    told = {"title": step.title, "body": step.body, "binding": step.binding, "citation": step.citation}
    return {name: getattr(approval, name) for name in names} | told
