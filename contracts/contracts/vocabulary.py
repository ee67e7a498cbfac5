"""Words that more than one service uses, with the codes they take on the wire (Ed-Fi, CEDS and NCES names)."""

from datetime import date
from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field
from pydantic.alias_generators import to_camel

OrganizationType = Literal[
    "state-agency",
    "district",
    "zone",
    "operator",
    "support-partner",
    "authorizer",
    "network",
    "union",
    "service-department",
    "vendor",
]

AssignmentRole = Literal[
    "accountable-lea",
    "operator",
    "governing-body",
    "authorizer",
    "zone",
    "network",
    "support-partner",
    "employer",
    "building-owner",
    "enrollment-manager",
    "rating-home",
]

Arrangement = Literal[
    "traditional",
    "waiver-based",
    "labor-agreement",
    "charter-system",
    "zone-joint-board",
    "zone-nonprofit",
    "partner-network",
    "contracted-manager",
    "operator-in-district",
    "innovation-charter",
    "state-approved-project",
    "contract-school",
    "independent-charter",
]
"""How a school is run (domain taxonomy A1 to Y). `independent-charter` answers to its authorizer only."""

OperationalStatus = Literal["active", "added", "changed", "closed", "future", "inactive", "new", "reopened"]
"""NCES SY_STATUS and Ed-Fi OperationalStatus, one to one."""

SchoolType = Literal["regular", "special-education", "career-and-technical", "alternative", "reportable-program"]

LineageKind = Literal[
    "opened",
    "renamed",
    "relocated",
    "grade-span-changed",
    "merged",
    "split",
    "reconstituted",
    "converted",
    "transferred",
    "closed",
    "reopened",
    "cancelled-before-open",
]
"""What can happen to a school as an institution."""

ContinuityFlow = Literal["site", "students", "operator", "ratings", "agreements", "services"]
"""What may go on, or not, from a school to what it becomes; each by itself (site and operator part ways)."""

AgreementStatus = Literal[
    "executed",
    "active",
    "renewal-review",
    "holdover",
    "lapsed",
    "non-renewal-noticed",
    "wind-down",
    "expired",
    "revocation-noticed",
    "under-appeal",
    "revoked",
    "termination-noticed",
    "terminated",
    "superseded",
]
"""What an executed agreement can be on a date. Its term passed undecided: `holdover` goes on, `lapsed` does not."""

ExitGround = Literal[
    "goals-met", "school-choice", "district-decision", "operator-withdrawal", "closure", "conversion", "other"
]
"""Why a school leaves an agreement that goes on for others. Leaving because goals were met is no revocation."""

ServiceClass = Literal[
    "mandated",
    "included",
    "opted-in",
    "opted-out-with-credit",
    "opted-out-no-credit",
    "purchased",
    "vendor-self-procured",
    "not-offered",
]
"""What a service of the district is to a school on a date."""

EntitlementLayer = Literal["law", "agreement", "district-policy", "default"]
"""Where an entitlement is laid down; an earlier one prevails over a later one."""

SchoolYear = Annotated[int, Field(ge=1900, le=2200, description="Ending calendar year: 2019 is 2018-19 (as in Ed-Fi).")]


class Wire(BaseModel):
    """A shape on the wire: camelCase names, unknown members refused, values frozen."""

    model_config = ConfigDict(alias_generator=to_camel, populate_by_name=True, extra="forbid", frozen=True)


class Period(Wire):
    """A half-open span of district dates `[valid_from, valid_to)`; no end means "until further notice"."""

    valid_from: date
    valid_to: date | None = None

    def covers(self, day: date) -> bool:
        """True if `day` lies inside the span."""
        return self.valid_from <= day and (self.valid_to is None or day < self.valid_to)


class Alias(Period):
    """An identifier that somebody else gave, for as long as it was valid; text, leading zeros kept."""

    system: str = Field(min_length=1, max_length=40, examples=["nces", "state:IL", "district:cps"])
    value: str = Field(min_length=1, max_length=60, examples=["400009"])
