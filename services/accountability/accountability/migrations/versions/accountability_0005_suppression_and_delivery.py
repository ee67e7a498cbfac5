"""Snapshots and corrections as they are delivered."""

from alembic import op

revision = "accountability_0005"
down_revision = "accountability_0004"
depends_on = None

SNAPSHOT = "references rating_snapshot (id)"
TABLES = {
    "suppression_policy": """
        id uuid not null default uuidv7() constraint pk_suppression_policy primary key,
        framework_id text,
        use text not null constraint ck_suppression_policy_use check (use in ('accountability', 'report')),
        from_year smallint not null,
        minimum_n integer not null,
        top_above double precision,
        bottom_below double precision,
        adding_up jsonb not null,
        source text not null,
        organization_id uuid,
        client_id text not null,
        recorded_at timestamptz not null
    """,
    "rating_snapshot": """
        id uuid not null default uuidv7() constraint pk_rating_snapshot primary key,
        name text not null constraint uq_rating_snapshot_name unique,
        label text,
        framework_id text,
        school_year smallint,
        change_version bigint not null,
        manifest text not null,
        organization_id uuid,
        client_id text not null,
        taken_at timestamptz not null
    """,
    "rating_snapshot_line": f"""
        snapshot_id uuid not null constraint fk_rating_snapshot_line_snapshot_id {SNAPSHOT},
        rating_id uuid not null,
        revision integer not null,
        constraint pk_rating_snapshot_line primary key (snapshot_id, rating_id),
        constraint fk_rating_snapshot_line_rating_id_revision
            foreign key (rating_id, revision) references rating_revision (rating_id, revision)
    """,
    "rating_snapshot_block": f"""
        snapshot_id uuid not null constraint fk_rating_snapshot_block_snapshot_id {SNAPSHOT},
        media_type text not null,
        place integer not null,
        content bytea not null,
        constraint pk_rating_snapshot_block primary key (snapshot_id, media_type, place)
    """,
}


def upgrade() -> None:
    op.execute("alter table rating add column withdrawn_at timestamptz, add column withdrawn_reason text")
    op.execute("alter table rating_revision add column suppression jsonb")
    for name, columns in TABLES.items():
        op.execute(f"create table {name} ({columns})")
    for column, said in {
        "suppression_policy.framework_id": "None: all that have no policy of their own.",
        "rating_revision.suppression": "What of it the public does not see, decided when it was published.",
        "rating_snapshot.manifest": "A JWS: what was signed when it was taken.",
    }.items():
        op.execute(f"comment on column {column} is '{said}'")
    op.execute("create index ix_rating_withdrawn_at on rating (withdrawn_at) where withdrawn_at is not null")


def downgrade() -> None:
    for name in reversed(TABLES):
        op.execute(f"drop table {name}")
    op.execute("alter table rating_revision drop column suppression")
    op.execute("alter table rating drop column withdrawn_at, drop column withdrawn_reason")
