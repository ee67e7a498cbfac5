"""Which parts of a roll-up everybody may see, and what its versions have told already.

A part tells of the same schools in up to three ways, each of them a mean; two that weigh them otherwise may give away
what one of them hides. `privacy` decides: in view of all that is published of these schools, of the other parts, and of
every version before.
"""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any, Literal, NamedTuple, Self
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from accountability.privacy.beside import Decision, Name, Offer, decide_beside
from accountability.privacy.policy import Policy, policy_for
from accountability.privacy.sums import Sum
from accountability.rollups.figures import RATING, Figures, Part, schools_in
from accountability.rollups.standing import Standing
from accountability.rollups.tables import Rollup, RollupVersion

OFFICIAL: Literal["official"] = "official"
"""Stands beside the parts for what the district itself was measured at."""

POOLED, SIMPLE = "pooled", "simple"
"""A part is pooled by counts and by students, and all its schools averaged alike."""

Told = Part | Literal["official"]
RANKS: Mapping[Told, int] = {OFFICIAL: 0, "district-run": 1, "separate-unit": 2, "autonomous": 3, "combined": 4}
"""What is hidden to guard another: simple means before all else, and what is without autonomous schools before the
district's."""


class Behind(NamedTuple):
    """The schools behind a figure, with their students and the counts that their shares are of, where known.

    `imports`: the file of measures that brought each school's figure; `own`: that of the district's own, if any.
    """

    members: Mapping[UUID, Part]
    students: Mapping[UUID, float]
    denominators: Mapping[UUID, float]
    imports: Mapping[UUID, int]
    own: Mapping[UUID, int]

    @classmethod
    def of(cls, figures: Figures, stand: Sequence[Standing]) -> Self:
        """The schools behind the parts of a figure."""
        members = figures.members(stand)
        known = {school: figures.of[school] for school in members}
        return cls(
            members,
            {school: float(each.students) for school, each in known.items() if each.students},
            {school: float(each.denominator) for school, each in known.items() if each.denominator},
            {school: each.import_number for school, each in known.items()},
            {figures.own.school_id: figures.own.import_number} if figures.own else {},
        )

    @classmethod
    def kept(cls, figure: dict[str, Any], input_version: int) -> Self:
        """The same of a figure as a version keeps it; where none is named, known with the file of the version."""
        members: dict[UUID, Part] = {UUID(key): part for key, part in figure["members"].items()}
        students, denominators, imports, own = (
            {UUID(key): of for key, of in figure.get(name, {}).items() if of} for name in cls._fields[1:]
        )
        return cls(members, students, denominators, dict.fromkeys(members, input_version) | imports, own)

    def keep(self) -> dict[str, Any]:
        """As a version keeps it."""
        return {name: {str(key): of for key, of in sorted(said.items())} for name, said in self._asdict().items()}

    def offers(self, code: str) -> Iterator[tuple[Name, Offer]]:
        """All that can be told of a figure."""
        for part, rank in RANKS.items():
            for how, means in ((SIMPLE, self.simple(code, part)), (POOLED, self.pooled(code, part))):
                if means:
                    yield (code, part, how), Offer(means, (how == POOLED, rank))

    def told(self, figure: dict[str, Any]) -> list[Sum]:
        """What a figure tells everybody, as a version keeps it."""
        code, shown, withheld = figure["figure"], figure["shown"], figure.get("withheld", [])
        pooled = (mean for part in shown for mean in self.pooled(code, part))
        return [*pooled, *(mean for part in shown if part not in withheld for mean in self.simple(code, part))]

    def pooled(self, code: str, part: Told) -> list[Sum]:
        """The mean of a part by counts and that by students, if all schools have them; or the district's own figure."""
        if part == OFFICIAL:
            return [Sum(code, dict.fromkeys(self.own, 1.0), self.own)] if self.own else []
        schools = schools_in(self.members, part)
        known = (
            {school: each[school] for school in schools if school in each}
            for each in (self.denominators, self.students)
        )
        of_all = [Sum(code, each, self.imports) for each in known if each and len(each) == len(schools)]
        return of_all or self.simple(code, part)

    def simple(self, code: str, part: Told) -> list[Sum]:
        """The mean of the schools of a part, each alike."""
        alike = dict.fromkeys([] if part == OFFICIAL else schools_in(self.members, part), 1.0)
        return [Sum(code, alike, self.imports)] if alike else []

    def disclose(self, code: str, decision: Decision) -> dict[str, Any]:
        """What everybody sees, as a version keeps it: parts, those without their simple mean, and codes instead."""
        shown = {
            how: {part for each, part, of in decision.shown if (each, of) == (code, how)} for how in (POOLED, SIMPLE)
        }
        coded = {
            part: words for (each, part, how), words in sorted(decision.coded.items()) if (each, how) == (code, POOLED)
        }
        withheld = {part for part in shown[POOLED] - shown[SIMPLE] if part != OFFICIAL}
        return {"shown": sorted(shown[POOLED]), "withheld": sorted(withheld), "coded": coded}


async def policy_of(session: AsyncSession, rollup: Rollup) -> Policy:
    """What is hidden of a roll-up: what reports hide, and no less than ratings do."""
    of = rollup.framework_id, rollup.school_year
    return (await policy_for(session, *of, "report")).and_of(await policy_for(session, *of, "accountability"))


async def disclosed(session: AsyncSession, rollup: Rollup, behind: Mapping[str, Behind], policy: Policy) -> Decision:
    """What everybody may see of each figure: which of its parts, and of what the district was measured at."""
    offers = dict(offer for code, of in behind.items() if code != RATING for offer in of.offers(code))
    public = await public_sums(session, rollup.school_year)
    return await decide_beside(session, policy, rollup.school_year, offers, public)


async def public_sums(session: AsyncSession, school_year: int) -> list[Sum]:
    """What all versions of the roll-ups of a year show to everybody, each mean once."""
    query = (
        select(RollupVersion.input_version, RollupVersion.figures)
        .join(Rollup, Rollup.id == RollupVersion.rollup_id)
        .where(Rollup.school_year == school_year)
    )
    told = [
        mean
        for input_version, figures in await session.execute(query)
        for figure in figures
        if figure["figure"] != RATING
        for mean in Behind.kept(figure, input_version).told(figure)
    ]
    return list({repr(mean): mean for mean in told}.values())
