"""Enrollment policies in revisions; calendars and deadlines."""

from alembic import op
from kit.periods import never_overlap

revision = "registry_0005"
down_revision = "registry_0004"
depends_on = None

TYPES = """('attendance-area', 'automatic-assignment', 'preference-area-lottery', 'district-assignment',
            'unified-choice', 'admissions-criteria', 'enrolled-pupils-stay')"""
WEEKDAYS = "'monday', 'tuesday', 'wednesday', 'thursday', 'friday', 'saturday', 'sunday'"
MID_YEAR = "('anytime', 'while-seats', 'waiting-list', 'district-decides', 'none')"

TABLES = {
    "enrollment_policy": """
        id uuid not null default uuidv7() constraint pk_enrollment_policy primary key,
        version bigint not null,
        school_id uuid not null constraint fk_enrollment_policy_school_id references school (id)
    """,
    "enrollment_policy_revision": f"""
        id uuid not null constraint fk_enrollment_policy_revision_id references enrollment_policy (id),
        version bigint not null,
        during daterange not null constraint ck_enrollment_policy_revision_during
            check (not isempty(during) and lower(during) is not null),
        recorded_at timestamptz not null,
        superseded_at timestamptz,
        subject_id uuid not null,
        policy_type text not null constraint ck_enrollment_policy_revision_policy_type check (policy_type in {TYPES}),
        area_id text,
        tiers jsonb not null,
        seats jsonb not null,
        refusal text,
        mid_year_entry text not null constraint ck_enrollment_policy_revision_mid_year check (mid_year_entry in {MID_YEAR}),
        mid_year_says text,
        grandfathering jsonb not null,
        transport jsonb not null,
        agreement_id uuid constraint fk_enrollment_policy_revision_agreement_id references agreement (id),
        source text not null,
        constraint pk_enrollment_policy_revision primary key (id, version)
    """,
    "district_calendar": """
        id uuid not null default uuidv7() constraint pk_district_calendar primary key,
        version bigint not null,
        organization_id uuid not null constraint fk_district_calendar_organization_id references organization (id),
        school_year smallint not null,
        constraint uq_district_calendar_organization_id_school_year unique (organization_id, school_year)
    """,
    "district_calendar_revision": f"""
        id uuid not null constraint fk_district_calendar_revision_id references district_calendar (id),
        version bigint not null,
        during daterange not null constraint ck_district_calendar_revision_during
            check (not isempty(during) and lower(during) is not null and upper(during) is not null),
        recorded_at timestamptz not null,
        superseded_at timestamptz,
        subject_id uuid not null,
        business_weekdays text[] not null constraint ck_district_calendar_revision_weekdays
            check (business_weekdays <@ array[{WEEKDAYS}] and cardinality(business_weekdays) > 0),
        closures jsonb not null,
        count_dates jsonb not null,
        source text not null,
        constraint pk_district_calendar_revision primary key (id, version)
    """,
    "filing": """
        id uuid not null default uuidv7() constraint pk_filing primary key,
        agreement_id uuid not null constraint fk_filing_agreement_id references agreement (id),
        deadline text not null,
        outcome text not null constraint ck_filing_outcome check (outcome in ('filed', 'acknowledged', 'waived')),
        done_on date not null,
        evidence text not null,
        reference text,
        actor text not null,
        organization_id uuid constraint fk_filing_organization_id references organization (id),
        recorded_at timestamptz not null,
        superseded_at timestamptz
    """,
}
INDEXES = {"enrollment_policy": ("school_id",), "enrollment_policy_revision": ("agreement_id",)}
REVISED = ("enrollment_policy_revision", "district_calendar_revision")


def upgrade() -> None:
    for table, columns in TABLES.items():
        op.execute(f"create table {table} ({columns})")
    for table, indexed in INDEXES.items():
        for column in indexed:
            op.execute(f"create index ix_{table}_{column} on {table} ({column})")
    for table in REVISED:
        op.execute(f"create unique index ix_{table}_newest on {table} (id) where superseded_at is null")
        op.execute(never_overlap(table, "one", "subject_id"))
    standing = "on filing (agreement_id, deadline, outcome) where superseded_at is null"
    op.execute(f"create unique index ix_filing_standing {standing}")
    op.execute("comment on column enrollment_policy_revision.subject_id is 'The school, for the constraint.'")
    op.execute("comment on column district_calendar_revision.subject_id is 'The district, for the constraint.'")


def downgrade() -> None:
    for table in reversed(TABLES):
        op.execute(f"drop table {table}")
