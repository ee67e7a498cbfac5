"""The directory, the catalogue and service requests."""

from alembic import op

revision = "shared_services_0001"
down_revision = None
depends_on = "kit_0001"

STATUSES = (
    "('submitted', 'accepted', 'scheduled', 'in-progress', 'completed', 'closed', 'refused', 'cancelled')"
)

TABLES = {
    "directory_school": """
        id uuid not null constraint pk_directory_school primary key,
        version bigint not null,
        said jsonb not null
    """,
    "directory_assignment": """
        id uuid not null default uuidv7() constraint pk_directory_assignment primary key,
        school_id uuid not null constraint fk_directory_assignment_school_id
            references directory_school (id) on delete cascade,
        organization_id uuid not null,
        role text not null,
        during daterange not null
    """,
    "directory_organization": """
        id uuid not null constraint pk_directory_organization primary key,
        version bigint not null,
        name text not null,
        types text[] not null,
        time_zone text
    """,
    "offering": """
        id uuid not null default uuidv7() constraint pk_offering primary key,
        version bigint not null,
        district_id uuid not null,
        code text not null,
        name text not null,
        description text not null,
        category text not null constraint ck_offering_category check (category in ('transportation', 'maintenance')),
        department text not null,
        entitled_arrangements text[] not null,
        entitlement_source text not null,
        lead_time_hours integer not null constraint ck_offering_lead_time_hours check (lead_time_hours >= 0),
        hazard boolean not null,
        valid_from date not null,
        valid_to date,
        constraint uq_offering_district_id_code unique (district_id, code),
        constraint ck_offering_period check (valid_to > valid_from),
        constraint ck_offering_hazard check (not hazard or lead_time_hours = 0)
    """,
    "service_request": f"""
        id uuid not null default uuidv7() constraint pk_service_request primary key,
        version bigint not null,
        number text not null constraint uq_service_request_number unique,
        school_id uuid not null,
        requesting_organization_id uuid not null,
        providing_organization_id uuid not null,
        offering_id uuid not null constraint fk_service_request_offering_id references offering (id),
        service_date date not null,
        description text not null,
        external_id text,
        status text not null constraint ck_service_request_status check (status in {STATUSES}),
        scheduled_for date,
        entitlement jsonb not null,
        refusal jsonb constraint ck_service_request_refusal check ((refusal is not null) = (status = 'refused')),
        submitted_at timestamptz not null,
        updated_at timestamptz not null
    """,
    "service_request_transition": """
        request_id uuid not null constraint fk_service_request_transition_request_id references service_request (id),
        version bigint not null,
        at timestamptz not null,
        from_status text,
        to_status text not null,
        client_id text not null,
        organization_id uuid,
        reason text,
        constraint pk_service_request_transition primary key (request_id, version)
    """,
    "service_request_counter": """
        category text not null,
        year smallint not null,
        last integer not null,
        constraint pk_service_request_counter primary key (category, year)
    """,
}

INDEXES = {
    "directory_assignment": ("school_id", "organization_id, school_id"),
    "service_request": ("requesting_organization_id", "providing_organization_id", "school_id, service_date"),
}


def upgrade() -> None:
    for name, columns in TABLES.items():
        op.execute(f"create table {name} ({columns})")
    for table, indexes in INDEXES.items():
        for columns in indexes:
            op.execute(f"create index ix_{table}_{columns.replace(', ', '_')} on {table} ({columns})")


def downgrade() -> None:
    for name in reversed(TABLES):
        op.execute(f"drop table {name}")
