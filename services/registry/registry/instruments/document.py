"""The shape of an instrument kind. What a state's law or a district's contract says is in the document."""

from collections import Counter
from collections.abc import Iterator
from datetime import date
from typing import Annotated, Literal, Self

from contracts.vocabulary import OrganizationType
from kit.text import Text
from pydantic import AfterValidator, BaseModel, ConfigDict, Field, model_validator

from registry.calendars.arithmetic import Roll, Unit
from registry.instruments.thresholds import Base, Threshold

Slug = Annotated[str, Field(pattern=r"^[a-z0-9][a-z0-9-]{0,60}$")]
Said = Annotated[Text, Field(min_length=1)]
Decision = Literal["establish", "amend", "renew", "join", "exit", "revoke", "terminate"]
Stage = Literal["consent", "local", "state", "execution"]
Moment = Literal[
    "submit", "approve-locally", "send-to-state", "approve-by-state", "execute", "propose-amendment", "open-review"
]
"""The transitions of an agreement from which a deadline may count."""


def _in_every_year(month_day: str) -> str:
    try:
        date.fromisoformat(f"2001-{month_day}")
    except ValueError as error:
        raise ValueError("write a day that every year has, as `08-01`") from error
    return month_day


MonthDay = Annotated[str, Field(pattern=r"^\d\d-\d\d$", examples=["08-01"]), AfterValidator(_in_every_year)]
DISTRICT = "district"
STAGES: tuple[Stage, ...] = ("consent", "local", "state", "execution")
SAME_AS_ESTABLISH: tuple[Decision, ...] = ("amend", "renew", "join")


class _Part(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class _Rule(_Part):
    """Something that a law or contract says, and where."""

    citation: Said
    uncertain: Said | None = Field(default=None, description="In words, what is not certain about this rule.")


class Party(_Part):
    """A role in the agreement, and which organizations may take it."""

    role: Slug
    types: list[OrganizationType] = Field(min_length=1)
    required: bool = True


class Deadline(_Part):
    """So many days after a transition; when the last day is no business day, the roll rule says what happens."""

    days: int = Field(ge=0, le=3660)
    count: Unit = "calendar"
    after: Moment
    roll: Roll = "none"
    by: Slug = Field(default=DISTRICT, description="The role of the party that owes it.")
    late: Literal["counts", "void"] = Field(default="counts", description="Whether a decision after it still counts.")
    silence: Literal["nothing", "approved", "denied"] = "nothing"


class _Step(_Rule):
    """An approval that a decision needs, or hears."""

    id: Slug
    title: Said
    body: Slug
    stage: Stage
    binding: bool = Field(default=True, description="An advisory step is recorded and shown; it never decides.")
    per_school: bool = False
    deadline: Deadline | None = None


class VoteStep(_Step):
    """A vote of an electorate, counted by an exact threshold."""

    decides: Literal["vote"]
    electorate: Said
    threshold: Threshold
    base: Base
    secret: bool = False


class ActStep(_Step):
    """A decision of a board or an officer."""

    decides: Literal["act"]


Step = Annotated[VoteStep | ActStep, Field(discriminator="decides")]


class Effect(_Rule):
    """When an executed agreement begins to hold."""

    begins: Literal["on-date", "next-school-year", "school-year-start"]
    school_year_starts: MonthDay = "07-01"


class Term(_Rule):
    """How long it may hold, and what happens if the term passes without a decision."""

    open_ended: bool = False
    max_years: int | None = Field(default=None, ge=1, le=100)
    renewal_max_years: int | None = Field(default=None, ge=1, le=100)
    when_it_passes: Literal["holdover", "lapse"]


class Review(_Rule):
    """When results are reviewed: every so many years from a day, or in certain school years of the agreement."""

    kind: Literal["anniversary", "school-year"]
    after: Literal["approve-locally", "execute", "effect"]
    first: int = Field(ge=1, le=50, description="Years until the first; for school years, the year that it falls in.")
    every: int = Field(ge=1, le=50)


class Notice(_Rule, Deadline):
    """Something that must be said to someone by a day; a transition may be the saying itself."""

    id: Slug
    title: Said
    to: Slug
    after: Moment | Literal["end"] = Field(description="`end`: the first day on which it is no longer in force.")  # type: ignore[assignment]
    done_by: Moment | None = Field(default=None, description="The transition that does it; none: a recorded notice.")


class Duty(_Rule):
    """Something owed every year on the same day, while the agreement is in force in the school year it is about."""

    id: Slug
    title: Said
    by: Slug = DISTRICT
    to: Slug
    due: MonthDay
    about: Literal["ended-school-year", "running-school-year"]
    roll: Roll = "none"


class RenewalCase(_Rule):
    """How long before the last day for a notice, or without one before the end of the term, the renewal case opens."""

    months_before: int = Field(ge=1, le=60)


class Parent(_Rule):
    """The umbrella under which the agreement stands."""

    kinds: list[Slug] = Field(min_length=1)
    required: bool = True
    when_it_ends: Literal["lapses", "continues"]


class Ground(_Rule):
    """A coded ground on which the agreement may be revoked or terminated."""

    code: Slug
    title: Said


class NeverWaived(_Rule):
    """A rule that no agreement of this kind can set aside."""

    rule: Said


class Grants(_Rule):
    """What may be granted: areas of decision, and how rules are set aside."""

    autonomies: list[Slug] = Field(default_factory=list)
    waivers: Literal["none", "enumerated", "blanket"]
    never_waived: list[NeverWaived] = Field(default_factory=list)


class Instrument(_Part):
    """An instrument kind in one version."""

    id: Slug
    version: str = Field(pattern=r"^[A-Za-z0-9][A-Za-z0-9.-]{0,30}$")
    title: Annotated[Said, Field(max_length=200)]
    jurisdiction: str = Field(pattern=r"^[A-Z]{2}(:[a-z0-9-]+)?$", description="A state, or `state:district`.")
    level: Literal["umbrella", "school"]
    legal_basis: list[Said] = Field(min_length=1)
    sources: list[Said] = Field(default_factory=list)
    parties: list[Party] = Field(min_length=1)
    parent: Parent | None = None
    approvals: dict[Decision, list[Step]]
    effect: Effect
    term: Term
    reviews: list[Review] = Field(default_factory=list)
    notices: list[Notice] = Field(default_factory=list)
    duties: list[Duty] = Field(default_factory=list)
    renewal_case: RenewalCase | None = None
    renewal: list[Said] = Field(default_factory=list, description="In words, how it may be renewed.")
    grounds: list[Ground] = Field(default_factory=list)
    grants: Grants
    separate_duties: bool = Field(default=False, description="Whoever submits may not record the execution.")

    @model_validator(mode="after")
    def _complete(self) -> Self:
        problems = [
            f"{place}: `{name}` is named {times} times"
            for place, names in self._names()
            for name, times in Counter(names).items()
            if times > 1
        ]
        if not any(step.binding for step in self.approvals.get("establish", [])):
            problems.append("approvals.establish: an agreement needs at least one binding approval")
        if not self.term.open_ended and self.term.max_years is None and self.term.uncertain is None:
            problems.append("term: give `max_years`, or `open_ended`, or say what is uncertain")
        roles = {DISTRICT, *(party.role for party in self.parties)}
        problems += [f"{place}.by: `{role}` is no role of a party" for place, role in self._owed() if role not in roles]
        if problems:
            raise ValueError("; ".join(problems))
        return self

    def _names(self) -> Iterator[tuple[str, list[str]]]:
        for decision, steps in self.approvals.items():
            yield f"approvals.{decision}", [step.id for step in steps]
        yield "parties", [party.role for party in self.parties]
        yield "notices", [notice.id for notice in self.notices]
        yield "duties", [duty.id for duty in self.duties]
        yield "grounds", [ground.code for ground in self.grounds]

    def _owed(self) -> Iterator[tuple[str, str]]:
        for decision, steps in self.approvals.items():
            for step in steps:
                if step.deadline is not None:
                    yield f"approvals.{decision}.{step.id}.deadline", step.deadline.by
        for notice in self.notices:
            yield f"notices.{notice.id}", notice.by
        for duty in self.duties:
            yield f"duties.{duty.id}", duty.by

    def steps(self, decision: Decision) -> list[Step] | None:
        """The approvals of a decision; amending, renewing and joining ask the same as establishing unless they say.

        None if the instrument knows no such decision: what it does not provide for cannot be done under it.
        """
        stated = self.approvals.get(decision)
        if stated is None and decision in SAME_AS_ESTABLISH:
            return self.approvals["establish"]
        return stated

    def has_stage(self, stage: Stage) -> bool:
        """True if establishing asks for an approval at `stage`."""
        return any(step.stage == stage for step in self.approvals["establish"])

    def __str__(self) -> str:
        return f"{self.id} {self.version}"
