"""What a district promises: classes of service with their clocks, and the matrix that gives a priority."""

from collections.abc import Iterator, Sequence
from itertools import product
from typing import Literal, get_args

from contracts.shared_services import RequestPriority
from contracts.vocabulary import Wire
from kit.errors import FieldError
from kit.text import Code, Name
from pydantic import Field

ClockName = Literal["acknowledge", "respond", "complete"]
Unit = Literal["minutes", "hours", "business-hours", "business-days"]
Degree = Literal["low", "medium", "high"]
HoldReason = Literal["weather", "parts", "access", "vendor", "budget", "requester", "other"]
PauseReason = HoldReason | Literal["needs-info", "awaiting-approval", "quoted"]


class Target(Wire):
    """By when something happens, counted from the submission; for one priority, or for those without their own."""

    clock: ClockName
    priority: RequestPriority | None = None
    amount: int = Field(ge=1, le=10_000)
    unit: Unit = Field(description="`minutes` and `hours` run day and night, the others in the district's hours.")


class Pause(Wire):
    """A reason for which named clocks stand still, for a time: a pause that nobody ends runs out."""

    reason: PauseReason
    clocks: list[ClockName]
    at_most_days: int = Field(default=30, ge=1, le=366)


class Escalation(Wire):
    """Who is told when a share of a clock's time is used up; beyond 100 it is late."""

    at_percent: int = Field(ge=1, le=1000)
    to: Name


WAITING_FOR_THE_SCHOOL: list[Pause] = [
    Pause(reason="needs-info", clocks=["respond", "complete"]),
    Pause(reason="awaiting-approval", clocks=["respond", "complete"]),
    Pause(reason="quoted", clocks=["acknowledge", "respond", "complete"]),
]


class ServiceLevel(Wire):
    """A class of service: its promises, what stops their clocks, and what happens after completion."""

    code: Code = Field(examples=["routine"])
    name: Name
    targets: list[Target] = Field(max_length=30)
    pauses: list[Pause] = Field(default=WAITING_FOR_THE_SCHOOL, max_length=30)
    escalations: list[Escalation] = Field(default_factory=list, max_length=20)
    auto_close_days: int = Field(default=10, ge=1, le=366, description="Days after which completed work counts.")
    reopen_days: int = Field(default=30, ge=1, le=366, description="Days after completion to reopen in.")

    def target(self, clock: ClockName, priority: RequestPriority | None) -> Target | None:
        """The promise for a priority, or else the one for all."""
        own = [target for target in self.targets if target.clock == clock and target.priority == priority]
        rest = [target for target in self.targets if target.clock == clock and target.priority is None]
        return next(iter(own + rest), None)

    def with_contract(self, targets: Sequence[Target]) -> "ServiceLevel":
        """This class for a school whose contract promises `targets`: they stand before the district's own.

        What a contract promises of a clock for all priorities holds for all; the clocks and the priorities that it
        does not name are the district's.
        """
        said = {(target.clock, target.priority) for target in targets}
        rest = [one for one in self.targets if said.isdisjoint({(one.clock, one.priority), (one.clock, None)})]
        return self.model_copy(update={"targets": [*targets, *rest]})


class MatrixCell(Wire):
    """The priority of what has this impact and this urgency."""

    impact: Degree
    urgency: Degree
    priority: RequestPriority


USUAL = {6: "P1", 5: "P2", 4: "P3", 3: "P3", 2: "P4"}
"""The usual matrix: impact and urgency count 1 to 3 each, and their sum decides."""

USUAL_MATRIX = [
    MatrixCell.model_validate({"impact": impact, "urgency": urgency, "priority": USUAL[i + u]})
    for (i, impact), (u, urgency) in product(enumerate(get_args(Degree), 1), repeat=2)
]


class Promises(Wire):
    """A district's promises: all of them, since a version replaces the one before."""

    classes: list[ServiceLevel] = Field(min_length=1, max_length=50)
    matrix: list[MatrixCell] = Field(default=USUAL_MATRIX, min_length=9, max_length=9)
    hazard_priority: RequestPriority = "P1"

    def service_level(self, code: str | None) -> ServiceLevel | None:
        """The class with a code."""
        return next((level for level in self.classes if level.code == code), None)

    def priority(self, impact: Degree, urgency: Degree, hazard: bool) -> RequestPriority:
        """What a request of this impact and urgency gets; a hazard overrides the matrix."""
        if hazard:
            return self.hazard_priority
        return next(cell.priority for cell in self.matrix if (cell.impact, cell.urgency) == (impact, urgency))


def promise_errors(promises: Promises) -> list[FieldError]:
    """What is wrong with promises, taken together."""
    errors = []
    if len({(cell.impact, cell.urgency) for cell in promises.matrix}) < len(promises.matrix):
        message = "give one priority to each of the nine pairs of impact and urgency"
        errors.append(FieldError("matrix", "complete", message))
    codes = [level.code for level in promises.classes]
    for number, level in enumerate(promises.classes):
        where = f"classes.{number}"
        if level.code in codes[:number]:
            errors.append(FieldError(f"{where}.code", "repeated", f"{level.code} is named twice: keep one"))
        if level.reopen_days < level.auto_close_days:
            message = f"let it be at least autoCloseDays, {level.auto_close_days}"
            errors.append(FieldError(f"{where}.reopenDays", "not-before-closing", message))
        errors += repeated_targets(f"{where}.targets", level.targets)
    return errors


def repeated_targets(field: str, targets: Sequence[Target]) -> Iterator[FieldError]:
    """The targets that promise anew what one before them promised."""
    named = [(target.clock, target.priority) for target in targets]
    for number, pair in enumerate(named):
        if pair in named[:number]:
            yield FieldError(f"{field}.{number}", "repeated", "one promise per clock and priority")
