"""The portfolio on a date: which school is run how, under which agreement, by whom; and the counts of it."""

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from typing import Any, Literal
from uuid import UUID

from contracts.vocabulary import Arrangement, AssignmentRole, OperationalStatus, Wire
from fastapi import Response
from kit.auth import Caller
from kit.paging import MAX_LIMIT, Page, PageRequest, page, page_of
from pydantic import Field
from sqlalchemy import Select, select
from sqlalchemy.ext.asyncio import AsyncSession

from registry.agreements.dossier import Dossier
from registry.agreements.in_force import governing
from registry.agreements.visibility import readable
from registry.lineage.rules import NOT_IN_OPERATION
from registry.organizations.actions import names_of
from registry.reports.pathways import CHARTERS, OUTSIDE, PATHWAYS
from registry.schools.reading import holding
from registry.schools.tables import School, SchoolAssignment, SchoolFacts
from registry.schools.visibility import visible
from registry.standpoint import Standpoint

Dimension = Literal["kind", "pathway", "operator", "lea", "zone"]
GROUPED: Mapping[Dimension, Sequence[str]] = {
    "kind": ["kind"],
    "pathway": ["pathway"],
    "operator": ["operator_id", "operator"],
    "lea": ["lea_id", "lea"],
    "zone": ["zone_id", "zone"],
}
"""The members of a line that say its group in a dimension, the one that tells groups apart first."""

SHOWN: tuple[AssignmentRole, ...] = ("accountable-lea", "operator", "zone")


class PortfolioLine(Wire):
    """A school in operation on the date, once for each agreement in force for it, at least once."""

    as_of: date
    school_id: UUID
    school: str
    operational_status: OperationalStatus
    arrangement: Arrangement
    pathway: str | None = Field(description="A1 to Y of the taxonomy; none for a kind of school that it does not know.")
    autonomous_district_school: bool
    charter: bool = Field(description="By how it is run; an innovation charter is an autonomous district school too.")
    kind: str | None = Field(description="The instrument of the agreement.")
    agreement_id: UUID | None
    agreement: str | None
    umbrella_id: UUID | None
    operator_id: UUID | None
    operator: str | None
    lea_id: UUID | None
    lea: str | None
    zone_id: UUID | None
    zone: str | None


class PortfolioCount(Wire):
    """How many schools in operation a group has on the date; a school under two kinds is in both groups."""

    as_of: date
    unit: Literal["schools"] = "schools"
    of: Literal["all", "group"] = Field(description="`all`: every school once, whatever its groups.")
    kind: str | None = None
    pathway: str | None = None
    operator_id: UUID | None = None
    operator: str | None = None
    lea_id: UUID | None = None
    lea: str | None = None
    zone_id: UUID | None = None
    zone: str | None = None
    schools: int
    autonomous_district_schools: int
    charters: int
    agreements: int = Field(description="Agreements in force for these schools.")


@dataclass(frozen=True)
class Portfolio:
    """What one caller may see of the schools at a standpoint."""

    caller: Caller
    at: Standpoint

    async def lines(self, session: AsyncSession, asked: PageRequest, response: Response) -> Page[PortfolioLine]:
        """A page of schools, with a line for each agreement of a school."""
        mine = await visible(session, self.caller, self.at.day, self.at.known_at)
        found: Page[Any] = await page(session, _schools(self.at, mine), [School.id], asked, response, lambda row: row)
        ids = [row.SchoolFacts.school_id for row in found.items]
        under = await governing(session, ids, await readable(session, self.caller), self.at)
        names = await names_of(session, {getattr(row, role) for row in found.items for role in SHOWN})
        none: list[Dossier | None] = [None]
        lines = [
            _line(row, agreement, names, self.at.day)
            for row in found.items
            for agreement in under.get(row.SchoolFacts.school_id, none)
        ]
        return Page(items=lines, next_cursor=found.next_cursor)

    async def counts(
        self, session: AsyncSession, asked: PageRequest, response: Response, by: Sequence[Dimension]
    ) -> Page[PortfolioCount]:
        """All schools once, then each group of schools that have the same values of the dimensions `by`."""
        lines, members = await self._all(session, asked), [GROUPED[each][0] for each in by]
        groups: dict[tuple[Any, ...], list[PortfolioLine]] = {}
        for line in lines:
            groups.setdefault(tuple(getattr(line, name) for name in members), []).append(line)
        counted = [_count("all", lines, self.at.day, [])]
        counted += [_count("group", of, self.at.day, by) for of in groups.values()]
        return page_of(counted, _order, asked, response)

    async def _all(self, session: AsyncSession, asked: PageRequest) -> list[PortfolioLine]:
        following, lines = replace(asked, limit=MAX_LIMIT, cursor=None), list[PortfolioLine]()
        while True:
            part = await self.lines(session, following, Response())
            lines += part.items
            if part.next_cursor is None:
                return lines
            following = replace(following, cursor=part.next_cursor)


def _schools(at: Standpoint, mine: Any) -> Select[Any]:
    held = [_holder(role, at).label(role) for role in SHOWN]
    query = select(SchoolFacts, *held).join_from(School, SchoolFacts, holding(SchoolFacts, at))
    return query.where(mine, SchoolFacts.operational_status.not_in(NOT_IN_OPERATION))


def _holder(role: AssignmentRole, at: Standpoint) -> Any:
    held = select(SchoolAssignment.organization_id).where(holding(SchoolAssignment, at), SchoolAssignment.role == role)
    return held.limit(1).correlate(School).scalar_subquery()


def _line(row: Any, under: Dossier | None, names: dict[UUID | None, str], day: date) -> PortfolioLine:
    facts = row.SchoolFacts
    lea, operator, zone = (getattr(row, role) for role in SHOWN)
    return PortfolioLine(
        as_of=day,
        school_id=facts.school_id,
        school=facts.name,
        operational_status=facts.operational_status,
        arrangement=facts.arrangement,
        pathway=PATHWAYS.get(facts.arrangement),
        autonomous_district_school=facts.arrangement not in OUTSIDE,
        charter=facts.arrangement in CHARTERS,
        kind=under.agreement.instrument_id if under else None,
        agreement_id=under.agreement.id if under else None,
        agreement=under.agreement.title if under else None,
        umbrella_id=under.agreement.parent_id if under else None,
        operator_id=operator,
        operator=names.get(operator),
        lea_id=lea,
        lea=names.get(lea),
        zone_id=zone,
        zone=names.get(zone),
    )


def _count(
    of: Literal["all", "group"], lines: Sequence[PortfolioLine], day: date, by: Sequence[Dimension]
) -> PortfolioCount:
    once = {line.school_id: line for line in lines}.values()
    held = Counter(flag for line in once for flag in _flags(line))
    return PortfolioCount(
        as_of=day,
        of=of,
        schools=len(once),
        autonomous_district_schools=held["autonomous"],
        charters=held["charter"],
        agreements=len({line.agreement_id for line in lines if line.agreement_id}),
        **{name: getattr(lines[0], name) for each in by for name in GROUPED[each]},
    )


def _flags(line: PortfolioLine) -> Iterator[str]:
    if line.autonomous_district_school:
        yield "autonomous"
    if line.charter:
        yield "charter"


def _order(count: PortfolioCount) -> str:
    values = [getattr(count, members[0]) for members in GROUPED.values()]
    return "\n".join([count.of, *("0" if value is None else f"1{value}" for value in values)])
