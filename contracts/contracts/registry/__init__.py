"""What the registry says: organizations and schools, what binds them, what they may have, as of every date."""

from contracts.event import Event
from contracts.registry.agreements import AgreementChanged, AgreementParty, AgreementStanding, CoveredSchool
from contracts.registry.autonomies import (
    AutonomyChanged,
    DecisionRight,
    GrantLevel,
    RuleChanged,
    RuleException,
    RuleLayer,
    WaiverChanged,
)
from contracts.registry.directory import (
    Address,
    Assignment,
    BuildingChanged,
    BuildingFacts,
    Occupancy,
    OrganizationChanged,
    SchoolChanged,
    SchoolFacts,
)
from contracts.registry.entitlements import (
    ElectionChoice,
    ElectionWindowChanged,
    EntitlementsChanged,
    ServiceQuota,
    ServiceTerm,
)
from contracts.registry.history import (
    Continuity,
    LineageRecorded,
    ReportingPeriodLocked,
    SnapshotTaken,
    ZoneExitRecorded,
)

EVENTS: tuple[type[Event], ...] = (
    OrganizationChanged,
    SchoolChanged,
    BuildingChanged,
    LineageRecorded,
    ZoneExitRecorded,
    SnapshotTaken,
    ReportingPeriodLocked,
    AgreementChanged,
    RuleChanged,
    WaiverChanged,
    AutonomyChanged,
    EntitlementsChanged,
    ElectionWindowChanged,
)

__all__ = [
    "EVENTS",
    "Address",
    "AgreementChanged",
    "AgreementParty",
    "AgreementStanding",
    "Assignment",
    "AutonomyChanged",
    "BuildingChanged",
    "BuildingFacts",
    "Continuity",
    "CoveredSchool",
    "DecisionRight",
    "ElectionChoice",
    "ElectionWindowChanged",
    "EntitlementsChanged",
    "GrantLevel",
    "LineageRecorded",
    "Occupancy",
    "OrganizationChanged",
    "ReportingPeriodLocked",
    "RuleChanged",
    "RuleException",
    "RuleLayer",
    "SchoolChanged",
    "SchoolFacts",
    "ServiceQuota",
    "ServiceTerm",
    "SnapshotTaken",
    "WaiverChanged",
    "ZoneExitRecorded",
]
