"""The data-quality scorecard: what is wrong on a date, who mends it until when; and how much there is of it."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any, Literal
from uuid import UUID

from contracts.vocabulary import Wire
from fastapi import Response
from kit.auth import Caller
from kit.paging import Page, PageRequest, page, page_of
from pydantic import Field
from sqlalchemy import func, literal, select, true, union_all
from sqlalchemy.ext.asyncio import AsyncSession

from registry.agreements.in_force import standings
from registry.agreements.visibility import readable
from registry.dated import among
from registry.organizations.actions import names_of
from registry.reports.expirations import UNDECIDED
from registry.reports.quality_queries import Sight
from registry.reports.quality_rules import RULES, Severity
from registry.schools.visibility import visible
from registry.standpoint import Standpoint

BY_ID = {rule.id: rule for rule in RULES}


class FindingLine(Wire):
    """One thing that breaks one rule on the date."""

    as_of: date
    rule: str
    severity: Severity
    title: str
    subject: Literal["school", "agreement"]
    subject_id: UUID
    name: str
    about: str = Field(description="What of the subject: an identifier, an organization, an arrangement.")
    owner_id: UUID | None = Field(description="Who mends it; none: the platform.")
    owner: str | None
    since: date | None
    due_on: date | None = Field(description="So many days after the first on which it was so.")
    overdue: bool
    mend: str


class ScoreLine(Wire):
    """How often a rule is broken on the date; zero is an answer."""

    as_of: date
    rule: str
    severity: Severity
    title: str
    count: int
    mend: str


@dataclass(frozen=True)
class Quality:
    """The findings about what one caller may see at a standpoint."""

    caller: Caller
    at: Standpoint

    async def findings(
        self, session: AsyncSession, asked: PageRequest, response: Response, rules: Sequence[str] = tuple(BY_ID)
    ) -> Page[FindingLine]:
        """A page of what breaks these rules."""
        found = await self._found(session, rules)
        keys: list[Any] = [found.c.rule, found.c.subject_id, found.c.about]
        rows: Page[Any] = await page(session, select(found), keys, asked, response, lambda row: row)
        return Page(items=await self._lines(session, rows.items), next_cursor=rows.next_cursor)

    async def about(self, session: AsyncSession, subjects: Sequence[UUID]) -> list[FindingLine]:
        """Everything that is found about some subjects."""
        found = await self._found(session, tuple(BY_ID))
        query = select(found).where(among(found.c.subject_id, subjects))
        ordered = query.order_by(found.c.rule, found.c.name, found.c.about)
        return await self._lines(session, (await session.execute(ordered)).all())

    async def scorecard(self, session: AsyncSession, asked: PageRequest, response: Response) -> Page[ScoreLine]:
        """Every rule with the number of its findings."""
        found = await self._found(session, tuple(BY_ID))
        counted = select(found.c.rule, func.count().label("times")).group_by(found.c.rule)
        counts = {row.rule: row.times for row in await session.execute(counted)}
        lines = [
            ScoreLine(
                as_of=self.at.day,
                rule=rule.id,
                severity=rule.severity,
                title=rule.title,
                count=counts.get(rule.id, 0),
                mend=rule.mend,
            )
            for rule in RULES
        ]
        return page_of(lines, lambda line: line.rule, asked, response)

    async def _lines(self, session: AsyncSession, rows: Sequence[Any]) -> list[FindingLine]:
        names = await names_of(session, {row.owner_id for row in rows})
        return [_line(row, names, self.at.day) for row in rows]

    async def _found(self, session: AsyncSession, rules: Sequence[str]) -> Any:
        sight = await self._sight(session)
        asked = [rule.find(sight).add_columns(literal(rule.id).label("rule")) for rule in RULES if rule.id in rules]
        return union_all(*asked).subquery()

    async def _sight(self, session: AsyncSession) -> Sight:
        in_force, undecided = list[UUID](), list[UUID]()
        # What is in force is so whether or not the caller may read it.
        async for dossier, now in standings(session, true(), self.at):
            if now.in_force:
                in_force.append(dossier.agreement.id)
            if now.status in UNDECIDED:
                undecided.append(dossier.agreement.id)
        mine = await visible(session, self.caller, self.at.day, self.at.known_at)
        return Sight(self.at, mine, await readable(session, self.caller), in_force, undecided)


def _line(row: Any, names: dict[UUID | None, str], day: date) -> FindingLine:
    rule = BY_ID[row.rule]
    due_on = row.since + timedelta(days=rule.days) if row.since else None
    return FindingLine(
        as_of=day,
        rule=rule.id,
        severity=rule.severity,
        title=rule.title,
        subject=row.subject,
        subject_id=row.subject_id,
        name=row.name,
        about=row.about,
        owner_id=row.owner_id,
        owner=names.get(row.owner_id),
        since=row.since,
        due_on=due_on,
        overdue=due_on is not None and due_on < day,
        mend=rule.mend,
    )
