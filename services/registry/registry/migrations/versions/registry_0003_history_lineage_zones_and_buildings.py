"""Buildings, versions of schools, lineage, zone exits, snapshots and reporting periods; indexes for reading by date."""

from alembic import op
from kit.periods import never_overlap

revision = "registry_0003"
down_revision = "registry_0002"
depends_on = "kit_0002"

DATED = """
    id uuid not null default uuidv7() constraint pk_{table} primary key,
    during daterange not null constraint ck_{table}_during check (not isempty(during) and lower(during) is not null),
    recorded_at timestamptz not null default now(),
    superseded_at timestamptz
"""

TABLES = {
    "building": """
        id uuid not null default uuidv7() constraint pk_building primary key,
        version bigint not null
    """,
    "building_facts": f"""{DATED.format(table="building_facts")},
        building_id uuid not null constraint fk_building_facts_building_id references building (id),
        name text not null,
        owner_id uuid not null constraint fk_building_facts_owner_id references organization (id),
        street text,
        city text,
        state text,
        postal_code text,
        latitude double precision,
        longitude double precision,
        capacity integer,
        square_feet integer,
        as_is_clause text,
        source text not null
    """,
    "school_occupancy": f"""{DATED.format(table="school_occupancy")},
        school_id uuid not null constraint fk_school_occupancy_school_id references school (id),
        building_id uuid not null constraint fk_school_occupancy_building_id references building (id),
        share double precision constraint ck_school_occupancy_share check (share > 0 and share <= 1),
        source text not null
    """,
    "school_version": """
        school_id uuid not null constraint fk_school_version_school_id references school (id),
        version bigint not null,
        recorded_at timestamptz not null,
        constraint pk_school_version primary key (school_id, version)
    """,
    "lineage_event": """
        id uuid not null default uuidv7() constraint pk_lineage_event primary key,
        kind text not null constraint ck_lineage_event_kind check (kind in (
            'opened', 'renamed', 'relocated', 'grade-span-changed', 'merged', 'split', 'reconstituted', 'converted',
            'transferred', 'closed', 'reopened', 'cancelled-before-open')),
        effective_on date not null,
        continuity jsonb not null,
        source text not null,
        recorded_at timestamptz not null,
        superseded_at timestamptz
    """,
    "lineage_school": """
        event_id uuid not null constraint fk_lineage_school_event_id references lineage_event (id),
        school_id uuid not null constraint fk_lineage_school_school_id references school (id),
        side text not null constraint ck_lineage_school_side check (side in ('predecessor', 'successor')),
        constraint pk_lineage_school primary key (event_id, side, school_id)
    """,
    "zone_exit": """
        id uuid not null default uuidv7() constraint pk_zone_exit primary key,
        zone_id uuid not null constraint fk_zone_exit_zone_id references organization (id),
        kind text not null constraint ck_zone_exit_kind check (kind in ('dissolution', 'departure', 'removal')),
        grounds text not null,
        decided_on date not null,
        last_day date not null,
        members jsonb not null,
        source text not null,
        recorded_at timestamptz not null
    """,
    "snapshot": """
        id uuid not null default uuidv7() constraint pk_snapshot primary key,
        organization_id uuid constraint fk_snapshot_organization_id references organization (id),
        name text not null,
        as_of date not null,
        known_at timestamptz not null,
        taken_by text not null,
        constraint uq_snapshot_organization_id_name unique nulls not distinct (organization_id, name)
    """,
    "reporting_period": """
        id uuid not null default uuidv7() constraint pk_reporting_period primary key,
        organization_id uuid constraint fk_reporting_period_organization_id references organization (id),
        name text not null,
        until date not null,
        locked_at timestamptz not null,
        constraint uq_reporting_period_organization_id_name unique nulls not distinct (organization_id, name)
    """,
}
INDEXES = {
    "building_facts": ("building_id", "owner_id"),
    "school_occupancy": ("school_id", "building_id"),
    "lineage_school": ("school_id",),
    "lineage_event": ("effective_on",),
    "zone_exit": ("zone_id",),
    "school_alias": ("system, value",),
    "organization_alias": ("system, value",),
}


def upgrade() -> None:
    for table, columns in TABLES.items():
        op.execute(f"create table {table} ({columns})")
    for table, indexed in INDEXES.items():
        for columns in indexed:
            op.execute(f"create index ix_{table}_{columns.replace(', ', '_')} on {table} ({columns})")
    op.execute(never_overlap("building_facts", "building", "building_id"))
    op.execute(never_overlap("school_occupancy", "place", "(school_id::text || building_id::text)", "text"))
    op.execute("alter table organization add column dissolved_on date")
    op.execute("alter table organization_alias add column recorded_at timestamptz not null default now()")
    op.execute("""
        insert into school_version
        select (data ->> 'id')::uuid, version, at from journal where type = 'concordat.registry.school.changed.v1'
    """)


def downgrade() -> None:
    op.execute("alter table organization_alias drop column recorded_at")
    op.execute("alter table organization drop column dissolved_on")
    for table in ("school_alias", "organization_alias"):
        op.execute(f"drop index ix_{table}_system_value")
    for table in reversed(TABLES):
        op.execute(f"drop table {table}")
