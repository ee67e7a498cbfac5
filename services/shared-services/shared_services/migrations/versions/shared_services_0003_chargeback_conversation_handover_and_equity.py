"""Rates and charges, messages and files, handovers, equity reports."""

from alembic import op

revision = "shared_services_0003"
down_revision = "shared_services_0002"

RATE_TERMS = (
    "district_id::text || ' ' || offering || ' ' || purpose || ' ' || unit"
    " || ' ' || coalesce(arrangement, '*') || ' ' || coalesce(agreement_kind, '*')"
)
"""What a rate is for, as one text."""

TABLES = {
    "rate": f"""
        id uuid not null default uuidv7() constraint pk_rate primary key,
        version bigint not null,
        district_id uuid not null,
        offering text not null,
        purpose text not null constraint ck_rate_purpose check (purpose in ('price', 'credit')),
        unit text not null,
        arrangement text,
        agreement_kind text,
        cents_per_unit bigint not null constraint ck_rate_cents_per_unit check (cents_per_unit >= 0),
        cost_basis_cents bigint not null constraint ck_rate_cost_basis_cents check (cost_basis_cents >= 0),
        currency text not null,
        method text not null,
        source text not null,
        approval_threshold_cents bigint,
        during daterange not null constraint ck_rate_during check (not isempty(during)),
        constraint ex_rate_terms exclude using gist (textrange({RATE_TERMS}, {RATE_TERMS}, '[]') with &&, during with &&)
    """,
    "charging_rule": """
        id uuid not null default uuidv7() constraint pk_charging_rule primary key,
        district_id uuid not null,
        kind text not null constraint ck_charging_rule_kind check (kind in ('price-not-above-cost', 'fee-cap')),
        arrangement text,
        cap_cents bigint,
        clause text not null,
        during daterange not null,
        constraint ck_charging_rule_cap_cents check ((kind = 'fee-cap') = (cap_cents is not null))
    """,
    "charge": """
        id uuid not null default uuidv7() constraint pk_charge primary key,
        version bigint not null,
        kind text not null constraint ck_charge_kind
            check (kind in ('included', 'purchase', 'fee', 'credit', 'reversal', 'repost', 'true-up')),
        stage text not null constraint ck_charge_stage
            check (stage in ('estimate', 'approved', 'declined', 'accrued')),
        district_id uuid not null,
        school_id uuid not null,
        payer_id uuid not null,
        offering text not null,
        request_id uuid constraint fk_charge_request_id references service_request (id),
        rate_id uuid constraint fk_charge_rate_id references rate (id),
        first_id uuid constraint fk_charge_first_id references charge (id),
        service_date date not null,
        service_to date,
        month date constraint ck_charge_month check (extract(day from month) = 1),
        amount_cents bigint not null,
        currency text not null,
        reckoning jsonb not null,
        reason text,
        posted_at timestamptz not null,
        constraint ck_charge_accrued check ((stage = 'accrued') = (month is not null)),
        constraint ck_charge_first check ((kind in ('reversal', 'repost', 'true-up')) = (first_id is not null)),
        constraint ck_charge_sign check (
            (kind <> 'included' or amount_cents = 0) and (kind not in ('purchase', 'fee') or amount_cents >= 0)
            and (kind <> 'credit' or amount_cents <= 0)
        ),
        constraint ex_charge_once exclude using gist (
            uuidrange(request_id, request_id, '[]') with &&,
            uuidrange(school_id, school_id, '[]') with &&,
            uuidrange(rate_id, rate_id, '[]') with &&
        ) where (request_id is not null and kind in ('included', 'purchase') and stage <> 'declined')
    """,
    "billing_period": """
        id uuid not null default uuidv7() constraint pk_billing_period primary key,
        district_id uuid not null,
        month date not null constraint ck_billing_period_month check (extract(day from month) = 1),
        closed_at timestamptz not null,
        constraint uq_billing_period_district_id_month unique (district_id, month)
    """,
    "settlement": """
        id uuid not null default uuidv7() constraint pk_settlement primary key,
        district_id uuid not null,
        payer_id uuid not null,
        month date not null,
        currency text not null,
        net_cents bigint not null,
        reference text not null,
        settled_at timestamptz not null,
        constraint uq_settlement_district_id_payer_id_month_currency unique (district_id, payer_id, month, currency)
    """,
    "dispute": """
        id uuid not null default uuidv7() constraint pk_dispute primary key,
        version bigint not null,
        charge_id uuid not null constraint fk_dispute_charge_id references charge (id),
        reason text not null,
        appeal_clause text,
        responder_id uuid not null,
        raised_at timestamptz not null,
        answer_by date not null,
        decision text constraint ck_dispute_decision check (decision in ('upheld', 'rejected')),
        decision_reason text,
        decided_at timestamptz,
        constraint ck_dispute_decided check (
            (decision is null) = (decided_at is null) and (decision is null) = (decision_reason is null)
        )
    """,
    "message": """
        id uuid not null default uuidv7() constraint pk_message primary key,
        request_id uuid not null constraint fk_message_request_id references service_request (id),
        internal boolean not null,
        text text not null,
        client_id text not null,
        organization_id uuid,
        posted_at timestamptz not null
    """,
    "attachment": """
        id uuid not null default uuidv7() constraint pk_attachment primary key,
        request_id uuid not null constraint fk_attachment_request_id references service_request (id),
        internal boolean not null,
        filename text not null,
        media_type text not null,
        size_bytes bigint not null constraint ck_attachment_size_bytes check (size_bytes > 0),
        sha256 text not null constraint ck_attachment_sha256 check (sha256 ~ '^[0-9a-f]{64}$'),
        scan text not null constraint ck_attachment_scan check (scan in ('clean', 'unscanned')),
        client_id text not null,
        organization_id uuid,
        posted_at timestamptz not null,
        constraint uq_attachment_request_id_sha256_internal_filename unique (request_id, sha256, internal, filename)
    """,
    "handover": """
        id uuid not null default uuidv7() constraint pk_handover primary key,
        school_id uuid not null,
        district_id uuid not null,
        effective_on date not null,
        from_organization_id uuid not null,
        to_organization_id uuid,
        reason text not null,
        items jsonb not null,
        client_id text not null,
        decided_at timestamptz not null
    """,
    "equity_report": """
        id uuid not null default uuidv7() constraint pk_equity_report primary key,
        district_id uuid not null,
        during daterange not null constraint ck_equity_report_during check (not isempty(during)),
        minimum integer not null constraint ck_equity_report_minimum check (minimum >= 10),
        cells jsonb not null,
        released_at timestamptz not null,
        constraint ex_equity_report_during
            exclude using gist (uuidrange(district_id, district_id, '[]') with &&, during with &&)
    """,
}

INDEXES = (
    "create index ix_handover_school_id on handover (school_id)",
    "create index ix_message_request_id_id on message (request_id, id)",
    "create index ix_rate_district_id on rate (district_id)",
    "create index ix_charging_rule_district_id on charging_rule (district_id)",
    "create index ix_charge_district_id_month on charge (district_id, month)",
    "create index ix_charge_payer_id_month on charge (payer_id, month)",
    "create index ix_charge_first_id on charge (first_id)",
    "create unique index uq_charge_fee on charge (request_id) where kind = 'fee'",
    "create unique index uq_charge_reversed on charge (first_id) where kind = 'reversal'",
    "create index ix_dispute_charge_id on dispute (charge_id)",
    "create unique index uq_dispute_open on dispute (charge_id) where decision is null",
)

FOR_EVER = """
    create function charge_stays() returns trigger language plpgsql as $$
    begin
        raise exception 'A line of the ledger is never changed: reverse it and post it again.'
            using errcode = 'integrity_constraint_violation';
    end $$;
    create trigger charge_stays before update or delete on charge
        for each row when (old.stage = 'accrued') execute function charge_stays()
"""


def upgrade() -> None:
    for name, columns in TABLES.items():
        op.execute(f"create table {name} ({columns})")
    for statement in INDEXES:
        op.execute(statement)
    op.execute(FOR_EVER)


def downgrade() -> None:
    for name in reversed(TABLES):
        op.execute(f"drop table {name}")
    op.execute("drop function charge_stays")
