"""Facts with periods: never two at once, in the rules and in the database."""

from dataclasses import dataclass
from datetime import date, timedelta
from itertools import combinations, zip_longest

import pytest
from hypothesis import given
from hypothesis import strategies as st
from kit.db import Database
from kit.periods import RANGE_TYPES, Piece, never_overlap, period, splice
from kit.refusals import sqlstate
from sqlalchemy import Column, DateTime, MetaData, Table, Text, func, insert, text
from sqlalchemy.dialects.postgresql import DATERANGE
from sqlalchemy.exc import IntegrityError

DAYS = [date(2020, 1, 1) + timedelta(days=number) for number in range(12)]


@st.composite
def timelines(draw: st.DrawFn) -> list[Piece[str]]:
    """Pieces that do not overlap, with holes, the last perhaps without an end."""
    cuts = sorted(draw(st.sets(st.sampled_from(DAYS), max_size=6)))
    pieces = [
        Piece(start, end, draw(st.sampled_from("abc")))
        for start, end in zip_longest(cuts, cuts[1:])
        if draw(st.booleans())
    ]
    return draw(st.permutations(pieces))


def spliced(pieces: list[Piece[str]], value: str, start: date) -> list[Piece[str]]:
    """The timeline after the splice."""
    superseded, added = splice(pieces, value, start)
    return [piece for piece in pieces if piece not in superseded] + added


def on(pieces: list[Piece[str]], day: date) -> list[str]:
    """The values that hold on `day`."""
    return [p.value for p in pieces if p.start <= day and (p.end is None or day < p.end)]


@given(timelines(), st.sampled_from("abc"), st.sampled_from(DAYS))
def test_a_splice_never_makes_two_values_hold_at_once(pieces: list[Piece[str]], value: str, start: date) -> None:
    assert all(len(on(spliced(pieces, value, start), day)) <= 1 for day in DAYS)


@given(timelines(), st.sampled_from("abc"), st.sampled_from(DAYS))
def test_a_splice_covers_what_was_covered(pieces: list[Piece[str]], value: str, start: date) -> None:
    after = spliced(pieces, value, start)
    assert all(on(after, day) for day in DAYS if on(pieces, day))


@given(timelines(), st.sampled_from("abc"), st.sampled_from(DAYS))
def test_a_splice_changes_nothing_before_its_start_nor_after_the_next_change(
    pieces: list[Piece[str]], value: str, start: date
) -> None:
    after = spliced(pieces, value, start)
    next_change = min((day for p in pieces for day in (p.start, p.end) if day and day > start), default=date.max)
    assert on(after, start) == [value]
    assert all(on(after, day) == [value] for day in DAYS if start <= day < next_change)
    assert all(on(after, day) == on(pieces, day) for day in DAYS if day < start or day >= next_change)


@given(timelines(), st.sampled_from("abc"), st.sampled_from(DAYS))
def test_a_splice_made_again_changes_nothing(pieces: list[Piece[str]], value: str, start: date) -> None:
    assert splice(spliced(pieces, value, start), value, start) == ([], [])


@dataclass(frozen=True)
class Fact:
    """A row that says something of `key` from day `start` on."""

    key: str
    start: int
    length: int
    superseded: bool

    def overlaps(self, other: "Fact") -> bool:
        """True if both are current, say something of the same key, and share a day."""
        current = not self.superseded and not other.superseded
        return (
            current
            and self.key == other.key
            and self.start < other.start + other.length
            and other.start < self.start + self.length
        )

    def row(self) -> dict[str, object]:
        """The values of INSERT."""
        start = DAYS[0] + timedelta(days=self.start)
        during = period(start, start + timedelta(days=self.length))
        return {"key": self.key, "during": during, "superseded_at": func.now() if self.superseded else None}


FACTS = st.builds(Fact, st.sampled_from("xy"), st.integers(0, 10), st.integers(1, 6), st.booleans())
fact = Table(
    "fact",
    MetaData(),
    Column("key", Text),
    Column("during", DATERANGE),
    Column("superseded_at", DateTime(timezone=True)),
)
EXCLUSION_VIOLATION = "23P01"


@pytest.fixture
async def facts(database: Database) -> Database:
    """A database with a table of facts that may not overlap."""
    async with database.transaction() as session:
        for statement in RANGE_TYPES:
            await session.execute(text(statement))
        connection = await session.connection()
        await connection.run_sync(fact.create)
        await session.execute(text(never_overlap("fact", "key", "key", "text")))
    return database


@given(st.lists(FACTS, max_size=5))
async def test_the_database_refuses_exactly_the_overlaps(facts: Database, wanted: list[Fact]) -> None:
    overlapping = any(one.overlaps(other) for one, other in combinations(wanted, 2))
    async with facts.transaction() as session:
        attempt = await session.begin_nested()
        try:
            for one in wanted:
                await session.execute(insert(fact).values(one.row()))
            refused = ""
        except IntegrityError as error:
            refused = sqlstate(error)
        await attempt.rollback()
    assert refused == (EXCLUSION_VIOLATION if overlapping else "")


def test_a_period_ends_before_its_last_day_and_may_have_no_end() -> None:
    assert DAYS[1] in period(DAYS[0], DAYS[2])
    assert DAYS[2] not in period(DAYS[0], DAYS[2])
    assert date(2100, 1, 1) in period(DAYS[0], None)
