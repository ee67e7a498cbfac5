"""What agreements look like on the wire."""

from datetime import date, datetime
from typing import Literal
from uuid import UUID

from contracts.registry import AgreementParty
from contracts.vocabulary import ExitGround, Wire
from kit.periods import Day
from kit.text import Name, Text
from pydantic import Field

from registry.agreements.lifecycle import TextState
from registry.instruments.document import Slug

MoveName = Literal[
    "submit",
    "return",
    "approve-locally",
    "deny-locally",
    "send-to-state",
    "return-by-state",
    "approve-by-state",
    "deny-by-state",
    "withdraw",
    "execute",
    "place-on-probation",
    "lift-probation",
    "open-review",
    "renew",
    "notice-non-renewal",
    "begin-wind-down",
    "rescind-notice",
    "notice-revocation",
    "appeal",
    "reinstate",
    "revoke",
    "notice-termination",
    "terminate",
    "supersede",
]
"""The transitions that need nothing but facts; amendments and schools have routes of their own."""


class NewText(Wire):
    """A whole text: its hash proves which, its address says where it can be read."""

    title: Name = Field(examples=["Innovation plan of Lincoln School, as amended"])
    url: Text | None = Field(default=None, pattern=r"^https?://\S+$")
    sha256: str = Field(pattern=r"^[0-9a-f]{64}$")
    summary: Text | None = Field(default=None, min_length=1, description="What it says, or what it changes.")


class NewParty(Wire):
    """An organization in a role that the instrument knows."""

    organization_id: UUID
    role: Slug


class NewCoverage(Wire):
    """A school to cover: from the agreement's own beginning unless a later day is given."""

    school_id: UUID
    valid_from: Day | None = None


class _Draft(Wire):
    legal_basis: list[Text] | None = Field(
        default=None, min_length=1, max_length=20, description="The instrument's own if absent."
    )
    effective_from: Day | None = Field(default=None, description="The planned first day.")
    term_to: Day | None = Field(default=None, description="First day after the term: through 30 June is 1 July.")
    notice_by: Day | None = Field(default=None, description="The last day for a notice of non-renewal.")


class NewAgreement(_Draft):
    """A draft under an instrument kind."""

    instrument_id: Slug = Field(examples=["in-innovation-network-agreement"])
    instrument_version: str = Field(pattern=r"^[A-Za-z0-9][A-Za-z0-9.-]{0,30}$", examples=["2014"])
    title: Name
    parent_id: UUID | None = Field(default=None, description="The umbrella agreement.")
    resubmits_id: UUID | None = Field(default=None, description="The denied or withdrawn agreement it takes up again.")
    parties: list[NewParty] = Field(min_length=1, max_length=50)
    schools: list[NewCoverage] = Field(default_factory=list, max_length=500)
    renewal_options: list[Text] = Field(default_factory=list, max_length=20)
    wind_down_duties: list[Text] = Field(default_factory=list, max_length=50)
    text: NewText


class AgreementPatch(_Draft):
    """What to change in a draft; members left out stay. A new text is a new version: approvals begin anew."""

    title: Name | None = None
    parties: list[NewParty] | None = Field(default=None, min_length=1, max_length=50)
    schools: list[NewCoverage] | None = Field(default=None, max_length=500)
    renewal_options: list[Text] | None = Field(default=None, max_length=20)
    wind_down_duties: list[Text] | None = Field(default=None, max_length=50)
    text: NewText | None = None


class Facts(Wire):
    """When something took effect, by whose authority, and where that is written."""

    effective_on: Day
    authority: Text = Field(min_length=1, examples=["Board of Education, resolution 4021"])
    evidence: Text = Field(min_length=1, examples=["https://example.org/minutes/2016-05-12.pdf"])
    reason: Text | None = Field(default=None, min_length=1)


class NewTransition(Facts):
    """A step in the agreement's life."""

    name: MoveName
    ground: Slug | None = Field(default=None, description="A coded ground of the instrument, for notices.")
    effective_from: Day | None = Field(default=None, description="With `execute`: the first day, if stated.")
    term_to: Day | None = Field(default=None, description="With `execute` and `renew`: first day after the term.")
    successor_id: UUID | None = Field(default=None, description="With `supersede`: the agreement that takes over.")


class NewAmendment(Facts):
    """A whole new text proposed; `effectiveOn` is the day of the proposal. The old text stays in force."""

    text: NewText


class SchoolJoin(Facts):
    """A school that joins, from `effectiveOn` on."""

    school_id: UUID


class SchoolExit(Facts):
    """A school that leaves: `effectiveOn` is the first day on which it is no longer covered."""

    ground: ExitGround


class NewNotice(Wire):
    """A notice that was given."""

    notice: Slug = Field(examples=["state-notice"])
    given_on: Day
    evidence: Text = Field(min_length=1)


class Covered(Wire):
    """A school and the period in which it is covered; without a first day, since the agreement's beginning."""

    school_id: UUID
    valid_from: date | None
    valid_to: date | None


class TextView(NewText):
    """A text of the agreement."""

    number: int
    state: TextState


class NoticeView(Wire):
    """A notice that is due: the day as counted, the roll rule, the day it gives, and when it was given."""

    notice: str
    title: str
    to: str
    counted: date
    due_on: date
    weekday: str
    roll: str
    citation: str
    uncertain: str | None
    given_on: date | None
    late: bool


class ReviewView(Wire):
    """A review that falls due on a day or in a school year (its ending year)."""

    due_on: date | None
    school_year: int | None
    citation: str
    uncertain: str | None


class AgreementView(Wire):
    """An agreement as it is on a date, as known at an instant."""

    id: UUID
    version: int
    instrument_id: str
    instrument_version: str
    title: str
    parent_id: UUID | None
    resubmits_id: UUID | None
    legal_basis: list[str]
    parties: list[AgreementParty]
    schools: list[Covered]
    as_of: date
    status: str
    since: date | None
    until: date | None
    in_force: bool
    because: str
    on_probation: bool
    executed_on: date | None
    effective_from: date | None
    term_to: date | None
    first_full_school_year: int | None = Field(description="The first school year, by its end, wholly within it.")
    notice_by: date | None
    renewal_options: list[str]
    wind_down_duties: list[str]
    texts: list[TextView]
    open_amendments: list[int]
    notices: list[NoticeView]
    reviews: list[ReviewView]


class InForceView(Wire):
    """What governs on a date: the consolidated text in force, or why there is none."""

    agreement_id: UUID
    as_of: date
    known_at: datetime
    in_force: bool
    status: str
    because: str
    text: TextView | None
    text_since: date | None
    open_amendments: list[int] = Field(description="Proposed texts; until one is adopted, the old one governs.")


class TransitionView(Facts):
    """A recorded step."""

    number: int
    name: str
    ground: str | None
    text_number: int | None
    school_id: UUID | None
    successor_id: UUID | None
    effective_from: date | None
    term_to: date | None
    actor: str
    recorded_at: datetime


class StandingView(Wire):
    """A status over a period."""

    status: str
    in_force: bool
    valid_from: date
    valid_to: date | None


class HistoryView(Wire):
    """Everything that happened, and the statuses that follow from it."""

    id: UUID
    version: int
    transitions: list[TransitionView]
    standings: list[StandingView]


class LackView(Wire):
    """An approval that is missing, and the rule that asks for it."""

    field: str
    rule: str
    message: str


class RequirementsView(Wire):
    """What may happen now, and what one transition still lacks."""

    status: str
    possible: list[str]
    transition: str
    allowed: bool
    missing: list[LackView]
