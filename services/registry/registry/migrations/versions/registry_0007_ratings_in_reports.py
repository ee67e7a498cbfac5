"""Published ratings, as the reports and packets show them; and the packets on which decisions were taken."""

from alembic import op

revision = "registry_0007"
down_revision = "registry_0006"
depends_on = None

TABLES = {
    "published_rating": """
        id uuid not null,
        version bigint not null,
        revision integer not null,
        school_id uuid not null,
        student_group text not null,
        framework text not null,
        framework_version text not null,
        rating_title text not null,
        school_year smallint not null,
        data_year smallint not null,
        status text not null,
        rating text not null,
        score double precision,
        reason text,
        rating_date date not null,
        published_at timestamptz not null,
        revision_reason text,
        state text not null,
        constraint pk_published_rating primary key (id, version)
    """,
    "withdrawn_rating": """
        id uuid not null,
        version bigint not null,
        withdrawn_at timestamptz not null,
        reason text not null,
        constraint pk_withdrawn_rating primary key (id)
    """,
    "kept_packet": """
        agreement_id uuid not null,
        number integer not null,
        decision text not null,
        decided_on date not null,
        kept_at timestamptz not null,
        kept_by text not null,
        sha256 text not null,
        page text not null,
        ratings jsonb not null,
        constraint pk_kept_packet primary key (agreement_id, number),
        constraint fk_kept_packet_agreement_id_number
            foreign key (agreement_id, number) references agreement_transition (agreement_id, number)
    """,
}


def upgrade() -> None:
    for table, columns in TABLES.items():
        op.execute(f"create table {table} ({columns})")
    op.execute("create index ix_published_rating_school_id on published_rating (school_id)")


def downgrade() -> None:
    for table in reversed(TABLES):
        op.execute(f"drop table {table}")
