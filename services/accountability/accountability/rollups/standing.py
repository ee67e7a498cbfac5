"""Where each school of a district stands in a year: who runs it, does it count, by which rule and whose word."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Literal, Protocol
from uuid import UUID

from contracts.registry import AgreementChanged, SchoolChanged
from contracts.vocabulary import SchoolYear, Wire
from pydantic import Field

from accountability.rollups.law import LawRule, Treatment, is_in, laws

Part = Literal["district-run", "autonomous"]


class Standing(Wire):
    """Where a school stands in its home district's roll-up. A school that no rule is about does not count."""

    school_id: UUID
    part: Part = Field(description="Autonomous: an agreement is in force on the count date, and counts already.")
    treatment: Treatment
    rule: str = Field(examples=["law:in-innovation-network-agreement", "district-run", "no-rule"])
    citation: str
    agreement_id: UUID | None = None
    instrument: str | None = None


class Recorded(Protocol):
    """A rule that somebody recorded: for one school, or for all schools under an instrument."""

    id: UUID
    school_id: UUID | None
    instrument: str | None
    from_year: int
    to_year: int | None
    treatment: Treatment
    citation: str


@dataclass(frozen=True)
class Year:
    """A district in a school year: the day on which is asked who is autonomous, and the rules that were recorded."""

    organization_id: UUID
    school_year: SchoolYear
    count_date: date
    recorded: Sequence[Recorded]


def standing(school: SchoolChanged, in_force: Sequence[AgreementChanged], year: Year) -> Standing:
    """Where a school stands; `in_force`: its agreements on the count date, that which took effect last first."""
    counting = [agreement for agreement in in_force if _counts(agreement, year.school_year)]
    said = _elsewhere(school, year) or _recorded(school.id, counting, year)
    if said is None:
        said = _by_law(counting, year.school_year) or _unless_ruled(school, counting, in_force, year.count_date)
    treatment, rule, citation = said
    agreement = counting[0] if counting else None
    return Standing(
        school_id=school.id,
        part="district-run" if agreement is None else "autonomous",
        treatment=treatment,
        rule=rule,
        citation=citation,
        agreement_id=agreement.id if agreement else None,
        instrument=agreement.instrument if agreement else None,
    )


Said = tuple[Treatment, str, str]
"""A treatment, the name of the rule that says so, and where that is written."""


def _law(agreement: AgreementChanged, school_year: int) -> LawRule | None:
    return next((rule for rule in laws() if rule.fits(agreement, school_year)), None)


def _counts(agreement: AgreementChanged, school_year: int) -> bool:
    """Executed is not effective: where the law says so, an agreement counts from the first year that it covers."""
    law = _law(agreement, school_year)
    waits = law is not None and law.counts_from == "first-full-school-year"
    return not waits or school_year >= agreement.first_full_school_year


def _elsewhere(school: SchoolChanged, year: Year) -> Said | None:
    homes = school.organizations_on(year.count_date, "rating-home")
    if not homes or year.organization_id in homes:
        return None
    return "excluded", "rating-home-elsewhere", "The registry: its rating counts with another organization."


def _recorded(school_id: UUID, counting: Sequence[AgreementChanged], year: Year) -> Said | None:
    """The newest recorded rule for the school itself, or else for one of its instruments."""
    instruments: Collection[str] = {agreement.instrument for agreement in counting}
    fitting = [
        rule
        for rule in year.recorded
        if is_in(year.school_year, rule.from_year, rule.to_year)
        and (rule.school_id == school_id or (rule.school_id is None and rule.instrument in instruments))
    ]
    rule = max(fitting, key=lambda rule: (rule.school_id is not None, rule.id), default=None)
    return None if rule is None else (rule.treatment, f"recorded:{rule.id}", rule.citation)


def _by_law(counting: Sequence[AgreementChanged], school_year: int) -> Said | None:
    found = next((law for agreement in counting if (law := _law(agreement, school_year))), None)
    return None if found is None else (found.treatment, found.name, found.citation)


def _unless_ruled(
    school: SchoolChanged, counting: Sequence[AgreementChanged], in_force: Sequence[AgreementChanged], day: date
) -> Said:
    """What holds where no rule says anything. An autonomous school is never counted silently."""
    if counting:
        return "excluded", "no-rule", f"No rule is about {counting[0].instrument}: record one."
    facts = school.facts_on(day)
    if facts is not None and facts.arrangement == "independent-charter":
        return "excluded", "independent-charter", "The registry: it answers to its authorizer only."
    if in_force:
        return "included", "agreement-not-yet", f"{in_force[0].title} counts from a later school year."
    return "included", "district-run", "The registry: it is the district's, and no agreement is in force."


def standings(
    schools: Sequence[SchoolChanged], in_force: Mapping[UUID, Sequence[AgreementChanged]], year: Year
) -> list[Standing]:
    """Where all schools stand, in the order of their ids."""
    found = [standing(school, in_force[school.id], year) for school in schools]
    return sorted(found, key=lambda each: each.school_id)
