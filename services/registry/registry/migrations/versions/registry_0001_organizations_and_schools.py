"""Organizations, schools, and what a date can change about them."""

from alembic import op
from kit.periods import RANGE_TYPES, never_overlap

revision = "registry_0001"
down_revision = None
depends_on = "kit_0001"

DATED = """
    id uuid not null default uuidv7() constraint pk_{table} primary key,
    during daterange not null constraint ck_{table}_during check (not isempty(during) and lower(during) is not null),
    recorded_at timestamptz not null default now(),
    superseded_at timestamptz,
    school_id uuid not null constraint fk_{table}_school_id references school (id)
"""


def upgrade() -> None:
    for statement in RANGE_TYPES:
        op.execute(statement)
    op.execute("""
        create table organization (
            id uuid not null default uuidv7() constraint pk_organization primary key,
            version bigint not null,
            name text not null,
            short_name text,
            types text[] not null,
            time_zone text
        )
    """)
    op.execute("""
        create table organization_alias (
            id uuid not null default uuidv7() constraint pk_organization_alias primary key,
            organization_id uuid not null
                constraint fk_organization_alias_organization_id references organization (id),
            system text not null,
            value text not null,
            during daterange not null,
            superseded_at timestamptz
        )
    """)
    op.execute("create index ix_organization_alias_organization_id on organization_alias (organization_id)")
    op.execute(never_overlap("organization_alias", "holder", "(system || '|' || value)", "text"))
    op.execute("""
        create table school (
            id uuid not null default uuidv7() constraint pk_school primary key,
            version bigint not null
        )
    """)
    op.execute(f"""
        create table school_facts ({DATED.format(table="school_facts")},
            name text not null,
            short_name text,
            school_type text not null,
            operational_status text not null,
            arrangement text not null,
            chartered boolean not null,
            grade_low text,
            grade_high text,
            street text,
            city text,
            state text,
            postal_code text,
            latitude double precision,
            longitude double precision,
            source text not null
        )
    """)
    op.execute(f"""
        create table school_alias ({DATED.format(table="school_alias")},
            system text not null,
            value text not null
        )
    """)
    op.execute(f"""
        create table school_assignment ({DATED.format(table="school_assignment")},
            organization_id uuid not null
                constraint fk_school_assignment_organization_id references organization (id),
            role text not null,
            source text not null
        )
    """)
    for table in ("school_facts", "school_alias", "school_assignment"):
        op.execute(f"create index ix_{table}_school_id on {table} (school_id)")
    op.execute("create index ix_school_assignment_organization_id on school_assignment (organization_id)")
    op.execute(never_overlap("school_facts", "school", "school_id"))
    op.execute(never_overlap("school_alias", "holder", "(system || '|' || value)", "text"))
    for role, name in (("accountable-lea", "lea"), ("operator", "operator"), ("zone", "zone")):
        op.execute(never_overlap("school_assignment", name, "school_id", where=f"role = '{role}'"))


def downgrade() -> None:
    for table in ("school_assignment", "school_alias", "school_facts", "school", "organization_alias", "organization"):
        op.execute(f"drop table {table}")
    op.execute("drop type uuidrange")
    op.execute("drop type textrange")
