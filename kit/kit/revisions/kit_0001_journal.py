"""The journal, its counter, idempotency keys, delivery attempts and parked events."""

from alembic import op

revision = "kit_0001"
down_revision = None
branch_labels = ("kit",)


def upgrade() -> None:
    op.execute("""
        create table journal (
            id uuid not null default uuidv7() constraint pk_journal primary key,
            type text not null,
            subject text not null,
            version bigint not null,
            actor text not null,
            trace text,
            at timestamptz not null default now(),
            data jsonb not null,
            before jsonb,
            sequence bigint constraint uq_journal_sequence unique,
            change_version bigint constraint uq_journal_change_version unique,
            published_at timestamptz
        )
    """)
    op.execute("comment on column journal.data is 'Public state; relayed.'")
    op.execute("comment on column journal.before is 'Private state before the change; never relayed.'")
    op.execute("comment on column journal.sequence is 'Gapless, in commit order; the relay gives it.'")
    op.execute("comment on column journal.change_version is 'Hybrid clock, microseconds; the relay gives it.'")
    op.execute("create index ix_journal_unsequenced on journal (id) where sequence is null")
    op.execute("create index ix_journal_unpublished on journal (sequence) where published_at is null")
    op.execute("create index ix_journal_subject_version on journal (subject, version)")
    op.execute("""
        create table journal_counter (
            one boolean not null default true constraint pk_journal_counter primary key,
            sequence bigint not null default 0,
            change_version bigint not null default 0,
            epoch uuid not null default uuidv7(),
            constraint ck_journal_counter_single check (one)
        )
    """)
    op.execute("insert into journal_counter default values")
    op.execute("""
        create table idempotency_key (
            client_id text not null,
            key text not null,
            fingerprint bytea not null,
            status integer,
            headers jsonb,
            body jsonb,
            at timestamptz not null default now(),
            constraint pk_idempotency_key primary key (client_id, key)
        )
    """)
    op.execute("""
        create table delivery_attempt (
            event_id uuid not null constraint pk_delivery_attempt primary key,
            attempts integer not null,
            last_error text not null
        )
    """)
    op.execute("""
        create table parked_event (
            event_id uuid not null constraint pk_parked_event primary key,
            stream text not null,
            subject text not null,
            body bytea not null,
            reason text not null,
            parked_at timestamptz not null default now()
        )
    """)


def downgrade() -> None:
    for table in ("parked_event", "delivery_attempt", "idempotency_key", "journal_counter", "journal"):
        op.execute(f"drop table {table}")
