"""How the end of a zone, a departure and a removal are told and shown."""

from datetime import date
from typing import Literal
from uuid import UUID

from contracts.vocabulary import Wire
from kit.text import Text
from pydantic import AwareDatetime, Field, model_validator

from registry.schools.consequences import Consequence

EARLIEST, LATEST = date(1700, 1, 1), date(2200, 1, 1)
ZoneExitKind = Literal["dissolution", "departure", "removal"]
Grounds = Literal[
    "revocation", "not-renewed", "term-ended", "dissolved-itself", "goals-met", "school-choice", "district-decision"
]
"""Why. `goals-met` is a success and `school-choice` a wish: neither may ever look like a revocation."""

Outcome = Literal["reverts-to-district", "keeps-its-plan", "joins-zone"]


class MemberOutcome(Wire):
    """What becomes of a school: traditional again, waiver-based under its own plan, or under another zone."""

    outcome: Outcome
    zone_id: UUID | None = Field(default=None, description="The zone it joins; only with `joins-zone`.")

    @model_validator(mode="after")
    def _zone_if_joined(self) -> "MemberOutcome":
        if (self.outcome == "joins-zone") != (self.zone_id is not None):
            raise ValueError("`zoneId` goes with `joins-zone`, and only with it")
        return self


class SchoolOutcome(MemberOutcome):
    """What becomes of one school."""

    school_id: UUID


class _Decision(Wire):
    """What every exit has."""

    grounds: Grounds
    decided_on: date = Field(ge=EARLIEST, le=LATEST)
    last_day: date = Field(ge=EARLIEST, le=LATEST, description="The last day on which the zone governs.")
    source: Text = Field(min_length=1, examples=["Board vote 5-2 of 2023-04-10"])


class Dissolution(_Decision):
    """The end of a zone: of each member the same becomes, except where said otherwise."""

    members: MemberOutcome
    exceptions: list[SchoolOutcome] = Field(default_factory=list, max_length=500)


class Exit(_Decision):
    """Schools that leave a zone that goes on for the others."""

    schools: list[SchoolOutcome] = Field(min_length=1, max_length=500)


class ZoneExitView(Wire):
    """A recorded exit."""

    id: UUID
    zone_id: UUID
    kind: ZoneExitKind
    grounds: Grounds
    decided_on: date
    last_day: date
    members: list[SchoolOutcome]
    source: str
    recorded_at: AwareDatetime


class ZoneExitReport(Wire):
    """What an exit did, or with `dryRun` would do: confirm it by its `digest`."""

    dry_run: bool
    exit: ZoneExitView | None
    consequences: list[Consequence]
    digest: str
