"""Entitlement by class, clocks on the district's calendar, series, trips and work orders."""

from alembic import op
from kit.periods import RANGE_TYPES

revision = "shared_services_0002"
down_revision = "shared_services_0001"

STATUSES = (
    "('submitted', 'quoted', 'needs-info', 'awaiting-approval', 'accepted', 'triaged', 'assigned', 'scheduled',"
    " 'in-progress', 'on-hold', 'completed', 'closed', 'refused', 'cancelled', 'duplicate', 'referred',"
    " 'converted-to-project')"
)
BEFORE = "('submitted', 'accepted', 'scheduled', 'in-progress', 'completed', 'closed', 'refused', 'cancelled')"

SAID = """
    id uuid not null constraint pk_{name} primary key,
    version bigint not null,
    said jsonb not null
"""
VERSIONED = """
    id uuid not null default uuidv7() constraint pk_{name} primary key,
    district_id uuid not null,
    version integer not null,
    recorded_at timestamptz not null,
    reason text not null,
    document jsonb not null,
    constraint uq_{name}_district_id_version unique (district_id, version)
"""

TABLES = {
    "directory_entitlements": SAID,
    "directory_agreement": SAID,
    "directory_building": SAID,
    "calendar": VERSIONED,
    "service_promise": VERSIONED,
    "fleet": VERSIONED,
    "quota_use": """
        school_id uuid not null,
        offering text not null,
        school_year smallint not null,
        used integer not null constraint ck_{name}_used check (used >= 0),
        constraint pk_{name} primary key (school_id, offering, school_year)
    """,
    "service_request_series": """
        id uuid not null default uuidv7() constraint pk_{name} primary key,
        school_id uuid not null,
        requesting_organization_id uuid not null,
        providing_organization_id uuid not null,
        offering text not null,
        repeats jsonb not null,
        created_at timestamptz not null
    """,
    "trip": """
        request_id uuid not null constraint pk_{name} primary key
            constraint fk_{name}_request_id references service_request (id),
        destination text not null,
        headcount integer not null constraint ck_{name}_headcount check (headcount > 0),
        wheelchairs integer not null,
        aides integer not null,
        vehicle text not null,
        vehicle_count integer not null constraint ck_{name}_vehicle_count check (vehicle_count > 0)
    """,
    "work_order": """
        id uuid not null default uuidv7() constraint pk_{name} primary key,
        version bigint not null,
        number text not null constraint uq_{name}_number unique,
        request_id uuid not null constraint fk_{name}_request_id references service_request (id),
        district_id uuid not null,
        vendor_id uuid,
        crew text,
        instructions text not null,
        status text not null constraint ck_{name}_status check (status in
            ('issued', 'acknowledged', 'on-site', 'on-hold', 'completed', 'declined', 'cancelled')),
        external_id text,
        issued_at timestamptz not null,
        updated_at timestamptz not null,
        constraint ck_{name}_worker check ((vendor_id is null) <> (crew is null))
    """,
    "work_order_update": """
        work_order_id uuid not null constraint fk_{name}_work_order_id references work_order (id),
        update_id text not null,
        status text not null,
        at timestamptz not null,
        sequence bigint,
        external_id text,
        note text not null,
        received_at timestamptz not null,
        constraint pk_{name} primary key (work_order_id, update_id)
    """,
    "work_order_entry": """
        id uuid not null default uuidv7() constraint pk_{name} primary key,
        work_order_id uuid not null constraint fk_{name}_work_order_id references work_order (id),
        entry jsonb not null,
        cents bigint not null,
        recorded_at timestamptz not null
    """,
}

COLUMNS = {
    "offering": (
        "kind text",
        "unit text",
        "included text not null default ''",
        "beyond_scope text not null default ''",
        "mandated_by text",
        "prerequisites jsonb not null default '{}'",
        "intake_form jsonb",
        "service_level text",
        "price jsonb",
        "approval text constraint ck_offering_approval check (approval in ('school', 'finance'))",
        "fees jsonb not null default '[]'",
        "vendor_allowed boolean not null default false",
    ),
    "service_request": (
        "filed_by_organization_id uuid",
        "starts_at timestamptz",
        "ends_at timestamptz",
        "building text",
        "room text",
        "details jsonb not null default '{}'",
        "riders jsonb not null default '[]'",
        "parent_id uuid constraint fk_service_request_parent_id references service_request (id)",
        "series_id uuid constraint fk_service_request_series_id references service_request_series (id)",
        "hazard boolean not null default false",
        "asked jsonb",
        "priority text constraint ck_service_request_priority check (priority in ('P1', 'P2', 'P3', 'P4'))",
        "particulars jsonb not null default '{}'",
        "crew text",
        "provisional boolean not null default false",
        "fee_cents bigint not null default 0",
        "service_level text",
        "promise_version integer",
        "due_at timestamptz",
        "completed_at timestamptz",
        "closes_at timestamptz",
        "reopen_until timestamptz",
    ),
    "service_request_transition": (
        "side text not null default 'system' constraint ck_service_request_transition_side"
        " check (side in ('requester', 'provider', 'system'))",
        "particulars jsonb not null default '{}'",
    ),
}

INDEXES = (
    "index ix_offering_district_id_code on offering (district_id, code)",
    "index ix_service_request_parent_id on service_request (parent_id)",
    "index ix_service_request_series_id on service_request (series_id)",
    "index ix_service_request_providing_organization_id_due_at on service_request"
    " (providing_organization_id, due_at) where due_at is not null",
    "index ix_service_request_closes_at on service_request (closes_at) where status = 'completed'",
    "unique index uq_service_request_requesting_organization_id_external_id on service_request"
    " (requesting_organization_id, external_id) where external_id is not null",
    "index ix_service_request_series_school_id on service_request_series (school_id)",
    "index ix_service_request_series_requesting_organization_id on service_request_series"
    " (requesting_organization_id)",
    "index ix_service_request_series_providing_organization_id on service_request_series"
    " (providing_organization_id)",
    "index ix_work_order_request_id on work_order (request_id)",
    "index ix_work_order_district_id on work_order (district_id)",
    "index ix_work_order_vendor_id on work_order (vendor_id)",
    "index ix_work_order_entry_work_order_id on work_order_entry (work_order_id)",
)


def upgrade() -> None:
    for statement in RANGE_TYPES:
        op.execute(statement)
    for name, columns in TABLES.items():
        op.execute(f"create table {name} ({columns.format(name=name)})")
    for table, columns in COLUMNS.items():
        op.execute(f"alter table {table} {', '.join(f'add column {column}' for column in columns)}")
    for index in INDEXES:
        op.execute(f"create {index}")
    _allow_statuses(STATUSES)
    # A school year's terms are an offering of their own: a code is taken once at a time, not once for ever.
    op.execute("alter table offering drop constraint uq_offering_district_id_code")
    op.execute(
        "alter table offering add constraint ex_offering_code exclude using gist"
        " (uuidrange(district_id, district_id, '[]') with &&, textrange(code, code, '[]') with &&,"
        " daterange(valid_from, valid_to) with &&)"
    )


def downgrade() -> None:
    op.execute("alter table offering drop constraint ex_offering_code")
    op.execute("alter table offering add constraint uq_offering_district_id_code unique (district_id, code)")
    _allow_statuses(BEFORE)
    op.execute("drop index uq_service_request_requesting_organization_id_external_id")
    op.execute("drop index ix_offering_district_id_code")
    for table, columns in COLUMNS.items():
        op.execute(f"alter table {table} {', '.join(f'drop column {column.split()[0]}' for column in columns)}")
    for name in reversed(TABLES):
        op.execute(f"drop table {name}")
    for kind in ("textrange", "uuidrange"):
        op.execute(f"drop type {kind}")


def _allow_statuses(statuses: str) -> None:
    op.execute("alter table service_request drop constraint ck_service_request_status")
    op.execute(f"alter table service_request add constraint ck_service_request_status check (status in {statuses})")
