"""Rules, waivers and autonomies in revisions; service terms, election windows and what schools chose in them."""

from alembic import op
from kit.periods import never_overlap

revision = "registry_0004"
down_revision = "registry_0003"
depends_on = None


def identity(table: str, more: str = "") -> str:
    """What of a thing never changes."""
    return f"id uuid not null default uuidv7() constraint pk_{table} primary key, version bigint not null{more}"


def revised(table: str, of: str) -> str:
    """What is said of a thing, from one instant to another."""
    return f"""
        id uuid not null constraint fk_{table}_id references {of} (id),
        version bigint not null,
        during daterange not null constraint ck_{table}_during check (not isempty(during) and lower(during) is not null),
        recorded_at timestamptz not null,
        superseded_at timestamptz,
        constraint pk_{table} primary key (id, version)"""


def reference(table: str, column: str, to: str, required: bool = False) -> str:
    """A column that names a row of another table."""
    return f"{column} uuid{' not null' * required} constraint fk_{table}_{column} references {to} (id)"


LAYERS = "('statute', 'regulation', 'district-policy', 'labor-contract', 'practice')"
CLASSES = """('mandated', 'included', 'opted-in', 'opted-out-with-credit', 'opted-out-no-credit', 'purchased',
            'vendor-self-procured', 'not-offered')"""
ENTITLEMENT_LAYERS = "('law', 'agreement', 'district-policy', 'default')"

TABLES = {
    "rule": identity("rule"),
    "rule_revision": f"""{revised("rule_revision", "rule")},
        layer text not null constraint ck_rule_revision_layer check (layer in {LAYERS}),
        citation text not null,
        title text not null,
        {reference("rule_revision", "organization_id", "organization")},
        {reference("rule_revision", "agreement_id", "agreement")},
        decision_right text,
        part_of text[] not null,
        never_waived_by text,
        {reference("rule_revision", "successor_id", "rule")},
        source text not null
    """,
    "waiver": identity("waiver", f", {reference('waiver', 'agreement_id', 'agreement', required=True)}"),
    "waiver_revision": f"""{revised("waiver_revision", "waiver")},
        clause text not null,
        kind text not null constraint ck_waiver_revision_kind check (kind in ('enumerated', 'blanket')),
        {reference("waiver_revision", "rule_id", "rule")},
        layers text[] not null constraint ck_waiver_revision_layers check (
            layers <@ array['statute', 'regulation', 'district-policy', 'labor-contract', 'practice']),
        exceptions jsonb not null,
        school_ids uuid[] not null,
        applies_to text,
        condition text,
        replacement_plan text not null,
        approver text not null,
        constraint ck_waiver_revision_target check (
            (kind = 'enumerated') = (rule_id is not null) and (kind = 'blanket') = (cardinality(layers) > 0))
    """,
    "autonomy": identity(
        "autonomy",
        f", {reference('autonomy', 'school_id', 'school')}, {reference('autonomy', 'zone_id', 'organization')},"
        " constraint ck_autonomy_subject check (num_nonnulls(school_id, zone_id) = 1)",
    ),
    "autonomy_revision": f"""{revised("autonomy_revision", "autonomy")},
        subject_id uuid not null,
        decision_right text not null,
        level text not null constraint ck_autonomy_revision_level check (level in ('full', 'shared', 'consult', 'none')),
        {reference("autonomy_revision", "holder_id", "organization")},
        holder_body text,
        condition text,
        {reference("autonomy_revision", "agreement_id", "agreement")},
        clause text not null,
        constraint ck_autonomy_revision_holder check (num_nonnulls(holder_id, holder_body) > 0)
    """,
    "entitlements": """
        id uuid not null constraint pk_entitlements primary key
            constraint fk_entitlements_id references school (id),
        version bigint not null
    """,
    "election_window": identity(
        "election_window",
        f", {reference('election_window', 'district_id', 'organization', required=True)}",
    ),
    "election_window_revision": f"""{revised("election_window_revision", "election_window")},
        name text not null,
        school_year smallint not null,
        takes_effect_on date not null,
        notice_days integer not null constraint ck_election_window_revision_notice check (notice_days >= 0),
        layer text not null constraint ck_election_window_revision_layer check (layer in ('agreement', 'district-policy')),
        {reference("election_window_revision", "agreement_id", "agreement")},
        source text not null,
        choices jsonb not null
    """,
    "election": f"""
        id uuid not null default uuidv7() constraint pk_election primary key,
        {reference("election", "school_id", "school", required=True)},
        {reference("election", "window_id", "election_window", required=True)},
        chosen jsonb not null,
        elected_on date not null,
        effective_on date not null,
        approved_by text,
        evidence text not null,
        recorded_by text not null,
        recorded_at timestamptz not null
    """,
    "service_term": f"""
        id uuid not null default uuidv7() constraint pk_service_term primary key,
        during daterange not null constraint ck_service_term_during check (not isempty(during) and lower(during) is not null),
        recorded_at timestamptz not null,
        superseded_at timestamptz,
        {reference("service_term", "school_id", "school", required=True)},
        service text not null,
        class text not null constraint ck_service_term_class check (class in {CLASSES}),
        layer text not null constraint ck_service_term_layer check (layer in {ENTITLEMENT_LAYERS}),
        source text not null,
        {reference("service_term", "agreement_id", "agreement")},
        quota integer constraint ck_service_term_quota check (quota >= 0),
        credit_cents bigint constraint ck_service_term_credit_cents check (credit_cents >= 0),
        constraint ck_service_term_agreement check ((layer = 'agreement') = (agreement_id is not null))
    """,
}
INDEXES = {
    "waiver": ("agreement_id",),
    "autonomy": ("school_id", "zone_id"),
    "rule_revision": ("agreement_id",),
    "waiver_revision": ("rule_id",),
    "autonomy_revision": ("agreement_id",),
    "election_window": ("district_id",),
    "election": ("school_id",),
    "service_term": ("school_id", "agreement_id"),
}
REVISED = ("rule_revision", "waiver_revision", "autonomy_revision", "election_window_revision")


def upgrade() -> None:
    for table, columns in TABLES.items():
        op.execute(f"create table {table} ({columns})")
    for table, indexed in INDEXES.items():
        for column in indexed:
            op.execute(f"create index ix_{table}_{column} on {table} ({column})")
    for table in REVISED:
        op.execute(f"create unique index ix_{table}_newest on {table} (id) where superseded_at is null")
    holder = "(subject_id::text || decision_right || coalesce(holder_id::text, '') || coalesce(holder_body, ''))"
    op.execute(never_overlap("autonomy_revision", "level", holder, "text"))
    term = "(school_id::text || layer || coalesce(agreement_id::text, '') || service)"
    op.execute(never_overlap("service_term", "one", term, "text"))
    op.execute("comment on column autonomy_revision.subject_id is 'The school or zone, for the constraint.'")
    op.execute("comment on column service_term.quota is 'Uses in a school year.'")


def downgrade() -> None:
    for table in reversed(TABLES):
        op.execute(f"drop table {table}")
