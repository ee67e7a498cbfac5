"""What is too small to be shown: the policy that is in force for a framework, a year and a use."""

from dataclasses import dataclass
from math import inf
from typing import Literal

from sqlalchemy import or_, select
from sqlalchemy.ext.asyncio import AsyncSession

from accountability.privacy.tables import SuppressionPolicy

Use = Literal["accountability", "report"]
"""Ratings and why they are so; or figures that only inform, such as roll-ups and comparisons."""


@dataclass(frozen=True)
class Policy:
    """Figures of fewer than `minimum_n` students are hidden; rates (percent) beyond the ends are coded.

    `adding_up`: sets of student groups or levels that together are the whole (ALL).
    """

    minimum_n: int
    top_above: float | None
    bottom_below: float | None
    adding_up: tuple[tuple[str, ...], ...]
    source: str

    def is_small(self, n: int | None) -> bool:
        """True if so few students are hidden. A figure without their number is not of students."""
        return n is not None and n < self.minimum_n

    def coded(self, rate: float | None) -> str | None:
        """What is said instead of a rate near its ends; None: the rate itself."""
        if rate is not None and self.top_above is not None and rate > self.top_above:
            return f">{self.top_above:g} %"
        if rate is not None and self.bottom_below is not None and rate < self.bottom_below:
            return f"<{self.bottom_below:g} %"
        return None

    def ends(self, rate: float) -> tuple[float, float]:
        """Between what a coded rate lies, as far as its code tells."""
        is_high = self.top_above is not None and rate > self.top_above
        low, high = (self.top_above, None) if is_high else (None, self.bottom_below)
        return -inf if low is None else low, inf if high is None else high

    def and_of(self, other: "Policy") -> "Policy":
        """The policy that hides what either of two hides."""
        tops = [each.top_above for each in (self, other) if each.top_above is not None]
        bottoms = [each.bottom_below for each in (self, other) if each.bottom_below is not None]
        return Policy(
            minimum_n=max(self.minimum_n, other.minimum_n),
            top_above=min(tops, default=None),
            bottom_below=max(bottoms, default=None),
            adding_up=self.adding_up or other.adding_up,
            source=self.source,
        )

    @property
    def words(self) -> str:
        """Why a figure is hidden: the same words for every reason, which itself would tell of the number."""
        return (
            f"Of fewer than {self.minimum_n} students, or of a rate near 0 or 100 %, or such a figure could be worked"
            f" out from it ({self.source})."
        )


UNLESS_LAID_DOWN = Policy(
    minimum_n=10,
    top_above=95,
    bottom_below=5,
    adding_up=(),
    source="34 CFR 99.31(b)(1); the minimum of most states, NCES 2011-603",
)
"""Where nobody laid down another."""


async def policy_for(session: AsyncSession, framework_id: str, school_year: int, use: Use) -> Policy:
    """The newest policy of the framework itself, or else of all, that holds in the year."""
    row = await session.scalar(
        select(SuppressionPolicy)
        .where(
            SuppressionPolicy.use == use,
            SuppressionPolicy.from_year <= school_year,
            or_(SuppressionPolicy.framework_id == framework_id, SuppressionPolicy.framework_id.is_(None)),
        )
        .order_by(
            SuppressionPolicy.framework_id.nulls_last(),
            SuppressionPolicy.from_year.desc(),
            SuppressionPolicy.id.desc(),
        )
        .limit(1)
    )
    if row is None:
        return UNLESS_LAID_DOWN
    groups = tuple(map(tuple, row.adding_up))
    return Policy(row.minimum_n, row.top_above, row.bottom_below, groups, row.source)
