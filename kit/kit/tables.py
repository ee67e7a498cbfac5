"""The tables of every service: journal, counter, audit chain, idempotency keys, delivery attempts, parked events."""

from sqlalchemy import (
    JSON,
    BigInteger,
    Boolean,
    CheckConstraint,
    Column,
    DateTime,
    Index,
    Integer,
    LargeBinary,
    MetaData,
    Table,
    Text,
    Uuid,
    func,
    text,
)
from sqlalchemy.dialects.postgresql import JSONB

from kit.db import NAMING

metadata = MetaData(naming_convention=NAMING)

journal = Table(
    "journal",
    metadata,
    Column("id", Uuid, primary_key=True, server_default=text("uuidv7()")),
    Column("type", Text, nullable=False),
    Column("subject", Text, nullable=False),
    Column("version", BigInteger, nullable=False),
    Column("actor", Text, nullable=False),
    Column("trace", Text),
    Column("at", DateTime(timezone=True), nullable=False, server_default=func.now()),
    Column("data", JSONB, nullable=False, comment="Public state; relayed."),
    Column("before", JSONB, comment="Private state before the change; never relayed."),
    Column("reason", Text, comment="Why, where somebody had to say it; never relayed."),
    Column("sequence", BigInteger, unique=True, comment="Gapless, in commit order; the relay gives it."),
    Column("change_version", BigInteger, unique=True, comment="Hybrid clock, microseconds; the relay gives it."),
    Column("published_at", DateTime(timezone=True)),
    Index("ix_journal_unsequenced", "id", postgresql_where=text("sequence is null")),
    Index("ix_journal_unpublished", "sequence", postgresql_where=text("published_at is null")),
    Index("ix_journal_subject_version", "subject", "version"),
)
"""Outbox, audit trail and change feed in one: the row that says "this changed"."""

journal_counter = Table(
    "journal_counter",
    metadata,
    Column("one", Boolean, primary_key=True, server_default=text("true")),
    Column("sequence", BigInteger, nullable=False, server_default=text("0")),
    Column("change_version", BigInteger, nullable=False, server_default=text("0")),
    Column("epoch", Uuid, nullable=False, server_default=text("uuidv7()")),
    Column("chained", BigInteger, nullable=False, server_default=text("0")),
    Column("head", LargeBinary, nullable=False, server_default=text("''")),
    CheckConstraint("one", name="single"),
)
"""The last numbers given, and the end of the audit chain.

A row and not a database sequence: it leaves no holes, so any hole is a loss.
"""

journal_hash = Table(
    "journal_hash",
    metadata,
    Column("sequence", BigInteger, primary_key=True, autoincrement=False),
    Column("hash", LargeBinary, nullable=False),
)
"""The audit chain. Beside the journal and not in it: the publisher updates journal rows at the same time."""

idempotency_key = Table(
    "idempotency_key",
    metadata,
    Column("client_id", Text, primary_key=True),
    Column("key", Text, primary_key=True),
    Column("fingerprint", LargeBinary, nullable=False),
    Column("status", Integer),
    Column("headers", JSON),
    Column("body", JSON),
    Column("at", DateTime(timezone=True), nullable=False, server_default=func.now()),
)
"""The first answer to each key. JSON and not JSONB, which would give its members in another order the second time."""

delivery_attempt = Table(
    "delivery_attempt",
    metadata,
    Column("event_id", Uuid, primary_key=True),
    Column("attempts", Integer, nullable=False),
    Column("last_error", Text, nullable=False),
)
"""How often an event has failed here. In the database, so that a restart does not forget."""

parked_event = Table(
    "parked_event",
    metadata,
    Column("event_id", Uuid, primary_key=True),
    Column("stream", Text, nullable=False),
    Column("subject", Text, nullable=False),
    Column("body", LargeBinary, nullable=False),
    Column("reason", Text, nullable=False),
    Column("parked_at", DateTime(timezone=True), nullable=False, server_default=func.now()),
)
"""Events given up after five attempts, with the reason, until someone replays them."""
