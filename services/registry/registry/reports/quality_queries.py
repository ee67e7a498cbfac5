"""What is wrong or missing in the data: one query for each rule, all with the same columns."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, Date, Select, Text, and_, any_, cast, exists, func, literal, select, union
from sqlalchemy.orm import aliased

from registry.agreements.tables import Agreement, AgreementParty, AgreementSchool, AgreementTransition
from registry.dated import among, believed
from registry.lineage.rules import NOT_IN_OPERATION
from registry.organizations.tables import Organization
from registry.reports.pathways import CHARTERS, OPERATED, OUTSIDE, ZONED
from registry.schools.reading import holding
from registry.schools.tables import School, SchoolAlias, SchoolAssignment, SchoolFacts, SchoolOccupancy
from registry.standpoint import Standpoint

Findings = Select[*tuple[Any, ...]]
"""Columns: the kind of subject, its id and name, who answers for it, since when it is so, and about what of it."""


@dataclass(frozen=True)
class Sight:
    """What one caller may see at a standpoint, and which agreements are in force or past their term then."""

    at: Standpoint
    schools: ColumnElement[bool]
    agreements: ColumnElement[bool]
    in_force: Sequence[UUID]
    undecided: Sequence[UUID]

    def school(self, since: Any = None, about: Any = None, *, open_only: bool = True) -> Findings:
        """Schools of the date, before any condition. Without `since`, what is wrong is as old as the facts."""
        query = select(
            literal("school").label("subject"),
            School.id.label("subject_id"),
            SchoolFacts.name.label("name"),
            self.holder("accountable-lea").label("owner_id"),
            cast(func.lower(SchoolFacts.during) if since is None else since, Date).label("since"),
            cast("" if about is None else about, Text).label("about"),
        ).join_from(School, SchoolFacts, holding(SchoolFacts, self.at))
        seen = query.where(self.schools)
        return seen.where(SchoolFacts.operational_status.not_in(NOT_IN_OPERATION)) if open_only else seen

    def holder(self, role: str) -> Any:
        """Who has a role at the school at hand."""
        held = select(SchoolAssignment.organization_id).where(self._has(role))
        return held.limit(1).correlate(School).scalar_subquery()

    def without(self, role: str) -> ColumnElement[bool]:
        """Nobody has a role at the school at hand."""
        return ~exists().where(self._has(role))

    def covered(self, *more: ColumnElement[bool]) -> ColumnElement[bool]:
        """An agreement in force covers the school at hand."""
        return exists().where(self.covering, *more)

    @property
    def covering(self) -> ColumnElement[bool]:
        """The coverage of the school at hand by agreements in force."""
        return and_(
            AgreementSchool.school_id == School.id,
            among(AgreementSchool.agreement_id, self.in_force),
            believed(AgreementSchool, self.at.known_at),
            AgreementSchool.during.contains(self.at.day),
        )

    def _has(self, role: str) -> ColumnElement[bool]:
        return and_(holding(SchoolAssignment, self.at), SchoolAssignment.role == role)


def school_without_lea(sight: Sight) -> Findings:
    """Open, and no LEA of record."""
    left = func.max(func.upper(SchoolAssignment.during))
    past = and_(SchoolAssignment.school_id == School.id, SchoolAssignment.role == "accountable-lea")
    ended = select(left).where(
        past, believed(SchoolAssignment, sight.at.known_at), func.upper(SchoolAssignment.during) <= sight.at.day
    )
    since = func.greatest(func.lower(SchoolFacts.during), ended.correlate(School).scalar_subquery())
    return sight.school(since).where(sight.without("accountable-lea"))


def operator_without_agreement(sight: Sight) -> Findings:
    """An operator runs the school, and no agreement in force for it has that operator as a party."""
    # Under a name of its own: whoever asks is found among the assignments too.
    operates = aliased(SchoolAssignment)
    party = and_(
        AgreementParty.agreement_id == AgreementSchool.agreement_id,
        AgreementParty.organization_id == operates.organization_id,
    )
    bound = exists().where(sight.covering, party).correlate(School, operates)
    query = sight.school(func.lower(operates.during), operates.organization_id)
    held = and_(holding(operates, sight.at), operates.role == "operator")
    return query.join(operates, held).where(~bound)


def autonomy_without_agreement(sight: Sight) -> Findings:
    """Run as an autonomous district school, and no agreement is in force for it."""
    return sight.school(about=SchoolFacts.arrangement).where(SchoolFacts.arrangement.not_in(OUTSIDE), ~sight.covered())


def agreement_past_its_term(sight: Sight) -> Findings:
    """The term has ended, and nobody has decided what follows."""
    set_by = AgreementTransition.name.in_(("execute", "renew")) & (AgreementTransition.effective_on <= sight.at.day)
    newest = AgreementTransition.effective_on.desc(), AgreementTransition.number.desc()
    term_to = select(AgreementTransition.term_to).where(AgreementTransition.agreement_id == Agreement.id, set_by)
    district = select(AgreementParty.organization_id).join(
        Organization,
        and_(Organization.id == AgreementParty.organization_id, literal("district") == any_(Organization.types)),
    )
    owner = district.where(AgreementParty.agreement_id == Agreement.id).limit(1).scalar_subquery()
    return select(
        literal("agreement").label("subject"),
        Agreement.id.label("subject_id"),
        Agreement.title.label("name"),
        owner.label("owner_id"),
        term_to.order_by(*newest).limit(1).scalar_subquery().label("since"),
        Agreement.instrument_id.label("about"),
    ).where(sight.agreements, among(Agreement.id, sight.undecided))


def two_operators(sight: Sight) -> Findings:
    """Assignments and agreements in force name more than one operator at once."""
    assigned = select(SchoolAssignment.organization_id.label("operator")).where(
        holding(SchoolAssignment, sight.at), SchoolAssignment.role == "operator"
    )
    party = AgreementParty.agreement_id == AgreementSchool.agreement_id
    bound = (
        select(AgreementParty.organization_id.label("operator"))
        .join(AgreementSchool, party)
        .join(Organization, Organization.id == AgreementParty.organization_id)
        .where(sight.covering, literal("operator") == any_(Organization.types))
    )
    named = union(assigned.correlate(School), bound.correlate(School)).subquery()
    return sight.school().where(select(func.count()).select_from(named).scalar_subquery() > 1)


def two_identifiers(sight: Sight) -> Findings:
    """Two identifiers of one system at once."""
    other = aliased(SchoolAlias)
    same = (other.school_id == SchoolAlias.school_id) & (other.system == SchoolAlias.system)
    later = and_(
        same,
        other.value > SchoolAlias.value,
        believed(other, sight.at.known_at),
        other.during.contains(sight.at.day),
    )
    since = func.greatest(func.lower(SchoolAlias.during), func.lower(other.during))
    values = func.concat(SchoolAlias.system, ": ", SchoolAlias.value, ", ", other.value)
    query = sight.school(since, values, open_only=False)
    return query.join(SchoolAlias, holding(SchoolAlias, sight.at)).join(other, later)


def identifier_used_before(sight: Sight) -> Findings:
    """Another school had this identifier: records kept by it may be of either."""
    other = aliased(SchoolAlias)
    same = and_(other.system == SchoolAlias.system, other.value == SchoolAlias.value)
    before = exists().where(same, other.school_id != School.id, believed(other, sight.at.known_at))
    about = func.concat(SchoolAlias.system, ": ", SchoolAlias.value)
    query = sight.school(func.lower(SchoolAlias.during), about)
    return query.join(SchoolAlias, holding(SchoolAlias, sight.at)).where(before)


def school_without_building(sight: Sight) -> Findings:
    """Open, and in no building."""
    return sight.school().where(~exists().where(holding(SchoolOccupancy, sight.at)))


def grades_missing(sight: Sight) -> Findings:
    """The lowest or the highest grade is not known."""
    return sight.school().where(SchoolFacts.grade_low.is_(None) | SchoolFacts.grade_high.is_(None))


def zone_missing(sight: Sight) -> Findings:
    """Run in a zone, and no zone governs it."""
    return sight.school(about=SchoolFacts.arrangement).where(SchoolFacts.arrangement.in_(ZONED), sight.without("zone"))


def operator_missing(sight: Sight) -> Findings:
    """Run by an operator, and none is named."""
    return sight.school(about=SchoolFacts.arrangement).where(
        SchoolFacts.arrangement.in_(OPERATED), sight.without("operator")
    )


def authorizer_missing(sight: Sight) -> Findings:
    """A charter, and no authorizer is named."""
    return sight.school(about=SchoolFacts.arrangement).where(
        SchoolFacts.arrangement.in_(CHARTERS), sight.without("authorizer")
    )


def closed_school_covered(sight: Sight) -> Findings:
    """Closed, and an agreement in force still covers it."""
    ended = SchoolFacts.operational_status.in_(("closed", "inactive"))
    return sight.school(about=SchoolFacts.operational_status, open_only=False).where(ended, sight.covered())
