"""The lifecycle of a request as a table, the notice a service needs, and how numbers look."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from typing import Literal
from zoneinfo import ZoneInfo

from contracts.shared_services import RequestStatus, ServiceCategory
from kit.errors import Conflict, FieldError

from shared_services.requests.schemas import NewTransition

Side = Literal["requester", "provider"]
SCOPES: dict[Side, str] = {"requester": "requests:write", "provider": "requests:manage"}
PREFIXES: dict[ServiceCategory, str] = {"transportation": "TRN", "maintenance": "MNT"}


@dataclass(frozen=True)
class Step:
    """A change of status that one side may make."""

    start: RequestStatus
    to: RequestStatus
    side: Side
    needs_reason: bool = False


LIFECYCLE: Sequence[Step] = (
    Step("submitted", "accepted", "provider"),
    Step("submitted", "refused", "provider", needs_reason=True),
    Step("submitted", "cancelled", "requester"),
    Step("accepted", "scheduled", "provider"),
    Step("accepted", "refused", "provider", needs_reason=True),
    Step("accepted", "cancelled", "requester"),
    Step("scheduled", "in-progress", "provider"),
    Step("scheduled", "cancelled", "requester"),
    Step("in-progress", "completed", "provider"),
    Step("completed", "closed", "requester"),
    Step("completed", "in-progress", "requester", needs_reason=True),
)


class NotInLifecycle(Conflict):
    """The request cannot take this step"""

    type = "not-in-lifecycle"


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
    if step.to == "scheduled":
        if asked.scheduled_for is None:
            errors.append(FieldError("scheduledFor", "missing", "give the day of the work"))
        elif asked.scheduled_for < today:
            errors.append(FieldError("scheduledFor", "in-the-past", f"choose {today} or later"))
    elif asked.scheduled_for is not None:
        errors.append(FieldError("scheduledFor", "only-with-scheduled", f"leave it out with `{step.to}`"))
    return errors


def date_errors(day: date, lead_time_hours: int, now: datetime, time_zone: str) -> list[FieldError]:
    """What is wrong with a service date. Notice runs from `now` to the start of the day in the district."""
    zone = ZoneInfo(time_zone)
    today = now.astimezone(zone).date()
    if day < today:
        return [FieldError("serviceDate", "in-the-past", f"choose {today} or later", value=str(day))]
    notice = datetime.combine(day, time.min, zone).astimezone(UTC) - now
    if lead_time_hours and notice < timedelta(hours=lead_time_hours):
        message = f"the service needs {lead_time_hours} hours of notice before the day begins: choose a later day"
        return [FieldError("serviceDate", "lead-time", message, value=str(day))]
    return []


def number(category: ServiceCategory, year: int, count: int) -> str:
    """A request's number, e.g. `TRN-2026-000123`."""
    return f"{PREFIXES[category]}-{year}-{count:06}"
