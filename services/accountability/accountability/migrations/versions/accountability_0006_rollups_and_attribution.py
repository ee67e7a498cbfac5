"""The home district's figures; operators of a data year."""

from alembic import op

revision = "accountability_0006"
down_revision = "accountability_0005"
depends_on = None

TABLES = {
    "directory_agreement": """
        id uuid not null constraint pk_directory_agreement primary key,
        version bigint not null,
        instrument text not null,
        school_ids text[] not null,
        said jsonb not null
    """,
    "directory_calendar": """
        id uuid not null constraint pk_directory_calendar primary key,
        version bigint not null,
        organization_id uuid not null,
        school_year smallint not null,
        said jsonb not null
    """,
    "rollup": """
        id uuid not null default uuidv7() constraint pk_rollup primary key,
        version integer not null,
        organization_id uuid not null,
        framework_id text not null,
        school_year smallint not null,
        count_date date not null,
        count_date_source text not null,
        growth_indicators text[] not null,
        digits smallint not null,
        constraint uq_rollup_organization_id_framework_id_school_year
            unique (organization_id, framework_id, school_year)
    """,
    "rollup_version": """
        rollup_id uuid not null constraint fk_rollup_version_rollup_id references rollup (id),
        version integer not null,
        data_year smallint not null,
        input_version integer not null,
        computed_at timestamptz not null,
        reason text not null,
        standings jsonb not null,
        figures jsonb not null,
        minimum_n integer not null,
        constraint pk_rollup_version primary key (rollup_id, version)
    """,
    "rollup_rule": """
        id uuid not null default uuidv7() constraint pk_rollup_rule primary key,
        organization_id uuid not null,
        school_id uuid,
        instrument text,
        from_year smallint not null,
        to_year smallint,
        treatment text not null,
        citation text not null,
        reason text not null,
        client_id text not null,
        recorded_at timestamptz not null,
        constraint ck_rollup_rule_about check ((school_id is null) <> (instrument is null))
    """,
    "rollup_official": """
        id uuid not null default uuidv7() constraint pk_rollup_official primary key,
        rollup_id uuid not null constraint fk_rollup_official_rollup_id references rollup (id),
        figure text not null,
        value numeric not null,
        source text not null,
        counts_otherwise jsonb not null,
        client_id text not null,
        recorded_at timestamptz not null
    """,
    "attribution_rule": """
        id uuid not null default uuidv7() constraint pk_attribution_rule primary key,
        organization_id uuid not null,
        data_year smallint not null,
        method text not null,
        day date,
        citation text not null,
        reason text not null,
        client_id text not null,
        recorded_at timestamptz not null
    """,
}
INDEXES = (
    "ix_directory_agreement_school_ids on directory_agreement using gin (school_ids)",
    "ix_directory_calendar_organization_id on directory_calendar (organization_id, school_year)",
    "ix_rollup_rule_organization_id on rollup_rule (organization_id)",
    "ix_rollup_official_rollup_id on rollup_official (rollup_id)",
    "ix_attribution_rule_organization_id on attribution_rule (organization_id, data_year)",
)


def upgrade() -> None:
    for name, columns in TABLES.items():
        op.execute(f"create table {name} ({columns})")
    for index in INDEXES:
        op.execute(f"create index {index}")


def downgrade() -> None:
    for name in reversed(TABLES):
        op.execute(f"drop table {name}")
