"""The audit trail: journal rows chained by hash in the order of their numbers, so that no change of them goes unseen.

A row's hash is SHA-256 over the hash before it and the row as canonical JSON (PostgreSQL's own `jsonb` text).
The chain alone shows an update and a deletion; a cut tail and a rewrite of everything show against a head that was
given away before: `GET /v1/audit/head` says it, `concordat audit SERVICE --head` takes it back.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from hashlib import sha256
from typing import Any

from sqlalchemy import BigInteger, Row, Text, cast, func, select, text, update
from sqlalchemy.ext.asyncio import AsyncSession

from kit.errors import BadRequest
from kit.tables import journal, journal_counter, journal_hash

BATCH = 500
_WRITTEN = re.compile(r"^(\d{1,18}):([0-9a-f]{64})$")
_ROW = journal.c
CANONICAL = cast(
    func.jsonb_build_array(
        _ROW.sequence,
        _ROW.change_version,
        _ROW.id,
        _ROW.type,
        _ROW.subject,
        _ROW.version,
        _ROW.actor,
        _ROW.trace,
        cast(func.extract("epoch", _ROW.at) * 1_000_000, BigInteger),
        _ROW.data,
        _ROW.before,
        _ROW.reason,
    ),
    Text,
)
"""What of a row is under the hash: all that was said, not when it was published."""


@dataclass(frozen=True)
class Head:
    """The end of a chain: the number of its last row and that row's hash, written `number:hash`."""

    sequence: int
    hash: bytes

    def __str__(self) -> str:
        return f"{self.sequence}:{self.hash.hex()}"

    @classmethod
    def parse(cls, text: str) -> "Head":
        """The head that `str` wrote. Raises BadRequest."""
        written = _WRITTEN.match(text.strip())
        if written is None:
            raise BadRequest("A head is written `number:hash`, as GET /v1/audit/head says it.")
        return cls(int(written[1]), bytes.fromhex(written[2]))

    def followed_by(self, canonical: str) -> "Head":
        """The head after one more row."""
        return Head(self.sequence + 1, sha256(self.hash + canonical.encode()).digest())


@dataclass(frozen=True)
class Verdict:
    """What a walk along the chain found: where it ended, and the first thing that is wrong, if anything is."""

    head: Head
    waiting: int
    broken: str | None = None


async def current_head(session: AsyncSession) -> Head:
    """The end of the chain so far."""
    counter = (await session.execute(select(journal_counter.c.chained, journal_counter.c.head))).one()
    return Head(counter.chained, counter.head)


async def chain_numbered_rows(session: AsyncSession) -> int:
    """Give the next numbered rows their hashes, at most a batch; the count. Only the leading relay does this."""
    head = await current_head(session)
    rows = await _rows_after(session, head.sequence)
    if not rows:
        return 0
    hashes = []
    for row in rows:
        head = head.followed_by(row.canonical)
        hashes.append(head.hash)
    await session.execute(
        text("insert into journal_hash select * from unnest(cast(:sequences as bigint[]), cast(:hashes as bytea[]))"),
        {"sequences": [row.sequence for row in rows], "hashes": hashes},
    )
    await session.execute(update(journal_counter).values(chained=head.sequence, head=head.hash))
    return len(rows)


async def verify_chain(session: AsyncSession, anchor: Head | None = None) -> Verdict:
    """Walk the whole chain and name the first row that is not as it was; `anchor` is a head that was given away."""
    stated = await current_head(session)
    head, broken = Head(0, b""), None
    while broken is None and head.sequence < stated.sequence:
        head, broken = _walk(head, await _rows_after(session, head.sequence), stated, anchor)
    if broken is None and anchor is not None and anchor.sequence > head.sequence:
        broken = f"Row {anchor.sequence} was given away as the head, but the journal ends at row {head.sequence}."
    numbered = await session.scalar(select(journal_counter.c.sequence)) or 0
    return Verdict(head, numbered - stated.sequence, broken)


def _walk(head: Head, rows: Sequence[Row[Any]], stated: Head, anchor: Head | None) -> tuple[Head, str | None]:
    """Follow `rows` from `head`: the head reached, and what is wrong with the row after it."""
    for row in rows:
        if head.sequence == stated.sequence:
            return head, None
        following = head.followed_by(row.canonical)
        broken = _wrong_with(row, following, stated, anchor)
        if broken is not None:
            return head, broken
        head = following
    return head, None if rows else f"Row {head.sequence + 1} is missing, and all up to row {stated.sequence}."


def _wrong_with(row: Row[Any], reached: Head, stated: Head, anchor: Head | None) -> str | None:
    if row.sequence != reached.sequence:
        return f"Row {reached.sequence} is missing."
    named = f"Row {row.sequence} ({row.subject}, {row.at:%Y-%m-%d %H:%M:%S} UTC)"
    if row.hash != reached.hash:
        return f"{named} is not as it was when it was chained."
    if reached.sequence == stated.sequence and reached.hash != stated.hash:
        return f"{named} does not end in the head that the journal keeps."
    if anchor is not None and anchor.sequence == reached.sequence and anchor.hash != reached.hash:
        return f"{named} does not have the hash that was given away: the chain was written anew."
    return None


async def _rows_after(session: AsyncSession, sequence: int) -> Sequence[Row[Any]]:
    rows = (
        select(_ROW.sequence, _ROW.subject, _ROW.at, CANONICAL.label("canonical"), journal_hash.c.hash)
        .join_from(journal, journal_hash, journal_hash.c.sequence == _ROW.sequence, isouter=True)
        .where(_ROW.sequence > sequence)
        .order_by(_ROW.sequence)
        .limit(BATCH)
    )
    return (await session.execute(rows)).all()
