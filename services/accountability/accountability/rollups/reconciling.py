"""Our figure beside the state's own: how far they are apart, and which school or rule explains how much of it."""

from collections.abc import Iterable, Mapping, Sequence
from fractions import Fraction
from uuid import UUID

from contracts.vocabulary import Wire
from pydantic import Field

from accountability.rollups.figures import Figures, Part, schools_in
from accountability.rollups.pooling import half_up
from accountability.rollups.standing import Standing


class CountedOtherwise(Wire):
    """A school that the state counted where we do not, or did not where we do."""

    school_id: UUID
    counted: bool = Field(description="The state counted it.")
    source: str = Field(min_length=1, max_length=300, examples=["State report 2019, list of campuses"])


class Official(Wire):
    """A figure that the state published of the district."""

    value: float
    source: str
    counts_otherwise: list[CountedOtherwise] = Field(default_factory=list)


class Explained(CountedOtherwise):
    """What of the difference one school explains."""

    rule: str = Field(description="The rule by which we count it, or do not.")
    effect: float


class WhatIf(Wire):
    """What our figure would be if all schools that a rule is about counted the other way."""

    rule: str
    value: float | None


class Reconciliation(Wire):
    """The state's figure, ours, and the difference, item by item. The items and `unexplained` add up to it."""

    official: Official
    ours: float | None
    difference: float | None = Field(description="Theirs less ours.")
    items: list[Explained]
    unexplained: float | None
    what_if: list[WhatIf]


def reconcile(
    figures: Figures, standings: Sequence[Standing], official: Official, value: Fraction, digits: int
) -> Reconciliation:
    """Set the state's `value` beside ours, and let each school that they count otherwise tell what it makes of it.

    The schools change one after the other in the order of their ids, so that what they explain adds up.
    """
    counted = _counted(figures.members(standings))
    ours = figures.pooled(counted).value
    rules = {each.school_id: each.rule for each in standings}
    items, last = [], ours
    for other in sorted(official.counts_otherwise, key=lambda each: each.school_id):
        before, counted = last, _with(counted, [other.school_id], other.counted, figures)
        last = figures.pooled(counted).value
        effect = half_up(_less(last, before), digits)
        items.append(Explained(rule=rules.get(other.school_id, ""), effect=effect or 0, **other.model_dump()))
    return Reconciliation(
        official=official,
        ours=half_up(ours, digits),
        difference=half_up(_less(value, ours), digits),
        items=items,
        unexplained=half_up(_less(value, last), digits),
        what_if=_what_if(figures, standings, digits),
    )


def _what_if(figures: Figures, standings: Sequence[Standing], digits: int) -> list[WhatIf]:
    counted = _counted(figures.members(standings))
    about: dict[str, list[UUID]] = {}
    for each in standings:
        if each.rule != "district-run":
            about.setdefault(each.rule, []).append(each.school_id)
    found = []
    for rule, schools in sorted(about.items()):
        other_way = _with(counted, schools, counted.isdisjoint(schools), figures)
        found.append(WhatIf(rule=rule, value=half_up(figures.pooled(other_way).value, digits)))
    return found


def _counted(members: Mapping[UUID, Part]) -> set[UUID]:
    return set(schools_in(members, "combined"))


def _with(counted: set[UUID], schools: Iterable[UUID], counts: bool, figures: Figures) -> set[UUID]:
    known = {school for school in schools if school in figures.of}
    return counted | known if counts else counted - known


def _less(one: Fraction | None, other: Fraction | None) -> Fraction | None:
    return None if one is None or other is None else one - other
