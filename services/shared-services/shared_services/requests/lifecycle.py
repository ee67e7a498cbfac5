"""The lifecycle of a request as one table: which status follows which, by whose step, and what the step needs."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Literal

from contracts.shared_services import RequestStatus
from kit.errors import Conflict, FieldError

from shared_services.requests.schemas import NewTransition, Particulars

Taker = Literal["requester", "provider", "approver"]
"""Whose step it is; the approver is the school or the district's finance, as the request says."""

SCOPES: Mapping[str, str] = {"requester": "requests:write", "provider": "requests:manage"}


@dataclass(frozen=True)
class Step:
    """A change of status that one side may make."""

    start: RequestStatus
    to: RequestStatus
    side: Taker
    needs_reason: bool = False


NOT_STARTED: Sequence[RequestStatus] = (
    "submitted",
    "quoted",
    "needs-info",
    "awaiting-approval",
    "accepted",
    "triaged",
    "assigned",
    "scheduled",
    "on-hold",
)
OPEN: Sequence[RequestStatus] = (*NOT_STARTED, "in-progress")
"""The statuses in which something is still to be done."""

DECIDABLE: Sequence[RequestStatus] = ("submitted", "needs-info", "accepted", "triaged", "assigned", "on-hold")
"""The statuses in which the provider may still say that it is not for it to do."""


def _steps(start: RequestStatus, side: Taker, *to: RequestStatus, needs_reason: bool = False) -> list[Step]:
    return [Step(start, end, side, needs_reason) for end in to]


LIFECYCLE: Sequence[Step] = (
    *_steps("submitted", "provider", "accepted", "triaged", "awaiting-approval"),
    *_steps("submitted", "provider", "needs-info", needs_reason=True),
    # Who takes the price has the same standing as who pays none: the district still decides.
    *_steps("quoted", "requester", "submitted"),
    *_steps("quoted", "provider", "refused", needs_reason=True),
    *_steps("needs-info", "requester", "submitted", needs_reason=True),
    *_steps("awaiting-approval", "approver", "accepted"),
    *_steps("awaiting-approval", "approver", "refused", needs_reason=True),
    *_steps("accepted", "provider", "triaged", "assigned", "scheduled", "awaiting-approval", "on-hold"),
    *_steps("accepted", "provider", "needs-info", needs_reason=True),
    *_steps("triaged", "provider", "assigned", "scheduled", "awaiting-approval", "on-hold"),
    *_steps("triaged", "provider", "needs-info", needs_reason=True),
    *_steps("assigned", "provider", "scheduled", "in-progress", "on-hold"),
    *_steps("scheduled", "provider", "assigned", "in-progress", "on-hold"),
    *_steps("on-hold", "provider", "triaged", "assigned", "scheduled", "in-progress"),
    *_steps("in-progress", "provider", "completed", "on-hold"),
    *_steps("in-progress", "provider", "converted-to-project", needs_reason=True),
    *_steps("completed", "requester", "closed"),
    *_steps("completed", "requester", "in-progress", needs_reason=True),
    *_steps("closed", "requester", "in-progress", needs_reason=True),
    *(Step(start, "cancelled", "requester") for start in NOT_STARTED),
    *(
        Step(start, to, "provider", needs_reason=True)
        for start in DECIDABLE
        for to in ("refused", "duplicate", "referred", "converted-to-project")
    ),
)

PARTS: Mapping[str, tuple[RequestStatus, str]] = {
    "scheduled_for": ("scheduled", "give the day of the work"),
    "weight": ("triaged", "give its impact and urgency"),
    "crew": ("assigned", "say who does it"),
    "hold_reason": ("on-hold", "say what it waits for"),
    "approver": ("awaiting-approval", "say who has to agree"),
    "duplicate_of": ("duplicate", "name the request that stays"),
    "referred_to": ("referred", "say who else does it"),
    "project": ("converted-to-project", "give the project's number"),
}
"""What one status needs and no other takes."""


class NotInLifecycle(Conflict):
    """The request cannot take this step"""

    type = "not-in-lifecycle"


class ReopeningTooLate(Conflict):
    """The time in which the request could be reopened has passed"""

    type = "reopening-too-late"


def find_step(start: RequestStatus, to: RequestStatus) -> Step:
    """The step from one status to another. Raises NotInLifecycle, naming the steps there are."""
    steps = {step.to: step for step in LIFECYCLE if step.start == start}
    if to not in steps:
        allowed = list(steps)
        message = f"The request is `{start}`; from there it goes to {' or '.join(allowed) or 'nowhere: it has ended'}."
        raise NotInLifecycle(message, presentStatus=start, allowed=allowed)
    return steps[to]


def step_errors(step: Step, asked: NewTransition, today: date) -> list[FieldError]:
    """What is wrong with how a step is asked for, on a date of the provider."""
    errors = []
    if step.needs_reason and asked.reason is None:
        errors.append(FieldError("reason", "missing", f"say why the request goes from {step.start} to {step.to}"))
    for name, (status, missing) in PARTS.items():
        field, given = NewTransition.model_fields[name].alias or name, getattr(asked, name)
        if step.to == status and given is None:
            errors.append(FieldError(field, "missing", missing))
        elif step.to != status and given is not None:
            errors.append(FieldError(field, f"only-with-{status}", f"leave it out with `{step.to}`"))
    if step.to == "scheduled" and asked.scheduled_for is not None and asked.scheduled_for < today:
        errors.append(FieldError("scheduledFor", "in-the-past", f"choose {today} or later"))
    return errors


def particulars_of(asked: NewTransition) -> Particulars:
    """What a step says beside its name, as far as it belongs to the new status."""
    return Particulars.model_validate({name: getattr(asked, name) for name in PARTS if name != "scheduled_for"})
