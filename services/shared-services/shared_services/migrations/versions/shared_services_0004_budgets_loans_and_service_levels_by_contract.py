"""Budgets, loans and service levels by contract; drafts, transferred requests and how well work was closed."""

from alembic import op

revision = "shared_services_0004"
down_revision = "shared_services_0003"
depends_on = None

PROMISED = "agreement_id::text || ' ' || service_level || ' ' || coalesce(offering, '*')"
"""What a contract's promise is about, as one text."""

BUDGETED = (
    "district_id::text || ' ' || coalesce(school_id, zone_id)::text || ' ' || fiscal_year::text || ' ' || currency"
    " || ' ' || coalesce(offering, '*')"
)
"""What a budget is for, as one text."""

TABLES = {
    "contract_promise": f"""
        id uuid not null default uuidv7() constraint pk_contract_promise primary key,
        version bigint not null,
        district_id uuid not null,
        agreement_id uuid not null,
        service_level text not null,
        offering text,
        targets jsonb not null,
        source text not null,
        during daterange not null constraint ck_contract_promise_during check (not isempty(during)),
        recorded_at timestamptz not null,
        constraint ex_contract_promise_during
            exclude using gist (textrange({PROMISED}, {PROMISED}, '[]') with &&, during with &&)
    """,
    "request_draft": """
        id uuid not null default uuidv7() constraint pk_request_draft primary key,
        version bigint not null,
        organization_id uuid,
        body jsonb not null,
        created_at timestamptz not null,
        updated_at timestamptz not null
    """,
    "transferred_request": """
        former_id uuid not null,
        request_id uuid not null constraint fk_transferred_request_request_id references service_request (id),
        transferred_at timestamptz not null,
        as_it_was jsonb not null,
        constraint pk_transferred_request primary key (former_id, request_id)
    """,
    "request_closure": """
        request_id uuid not null constraint pk_request_closure primary key
            constraint fk_request_closure_request_id references service_request (id),
        root_cause text,
        asset text,
        satisfaction smallint constraint ck_request_closure_satisfaction check (satisfaction between 1 and 5),
        comment text,
        updated_at timestamptz not null
    """,
    "obligation": """
        id uuid not null default uuidv7() constraint pk_obligation primary key,
        version bigint not null,
        district_id uuid not null,
        school_id uuid not null,
        debtor_id uuid not null,
        agreement_id uuid,
        kind text not null constraint ck_obligation_kind check (kind in ('start-up-loan', 'equipment', 'commitment')),
        name text not null,
        principal_cents bigint not null constraint ck_obligation_principal_cents check (principal_cents > 0),
        currency text not null,
        schedule jsonb not null,
        on_non_renewal text not null constraint ck_obligation_on_non_renewal
            check (on_non_renewal in ('falls-due', 'goes-on', 'is-forgiven')),
        source text not null,
        recorded_at timestamptz not null
    """,
    "budget": f"""
        id uuid not null default uuidv7() constraint pk_budget primary key,
        version bigint not null,
        district_id uuid not null,
        school_id uuid,
        zone_id uuid,
        fiscal_year smallint not null,
        offering text,
        amount_cents bigint not null constraint ck_budget_amount_cents check (amount_cents >= 0),
        currency text not null,
        source text not null,
        recorded_at timestamptz not null,
        superseded_at timestamptz,
        constraint ck_budget_holder check ((school_id is null) <> (zone_id is null)),
        constraint ex_budget_in_force exclude using gist (textrange({BUDGETED}, {BUDGETED}, '[]') with &&)
            where (superseded_at is null)
    """,
}

INDEXES = (
    "index ix_contract_promise_district_id_service_level on contract_promise (district_id, service_level)",
    "index ix_request_draft_organization_id on request_draft (organization_id)",
    "index ix_transferred_request_request_id on transferred_request (request_id)",
    "index ix_obligation_district_id on obligation (district_id)",
    "index ix_obligation_debtor_id on obligation (debtor_id)",
    "index ix_budget_district_id_fiscal_year on budget (district_id, fiscal_year)",
    "index ix_service_request_offering_id_completed_at on service_request (offering_id, completed_at)"
    " where completed_at is not null",
    "unique index uq_charge_repayment on charge (obligation_id, installment) where kind = 'repayment'",
)

KINDS = "'included', 'purchase', 'fee', 'credit', 'reversal', 'repost', 'true-up'"
SIGNS = (
    "(kind <> 'included' or amount_cents = 0) and (kind not in ({never_negative}) or amount_cents >= 0)"
    " and (kind <> 'credit' or amount_cents <= 0)"
)


def upgrade() -> None:
    for name, columns in TABLES.items():
        op.execute(f"create table {name} ({columns})")
    op.execute(
        "alter table service_request add column contract_promise_id uuid"
        " constraint fk_service_request_contract_promise_id references contract_promise (id)"
    )
    op.execute(
        "alter table charge add column obligation_id uuid constraint fk_charge_obligation_id references obligation (id),"
        " add column installment smallint,"
        " add constraint ck_charge_obligation check ((obligation_id is null) = (installment is null))"
    )
    _allow_lines(f"{KINDS}, 'repayment'", "'purchase', 'fee', 'repayment'")
    for index in INDEXES:
        op.execute(f"create {index}")


def downgrade() -> None:
    op.execute("alter table charge disable trigger charge_stays")
    op.execute("delete from charge where obligation_id is not null")
    op.execute("alter table charge enable trigger charge_stays")
    _allow_lines(KINDS, "'purchase', 'fee'")
    op.execute("alter table charge drop column obligation_id, drop column installment")
    op.execute("drop index ix_service_request_offering_id_completed_at")
    op.execute("alter table service_request drop column contract_promise_id")
    for name in reversed(TABLES):
        op.execute(f"drop table {name}")


def _allow_lines(kinds: str, never_negative: str) -> None:
    op.execute("alter table charge drop constraint ck_charge_kind, drop constraint ck_charge_sign")
    op.execute(
        f"alter table charge add constraint ck_charge_kind check (kind in ({kinds})),"
        f" add constraint ck_charge_sign check ({SIGNS.format(never_negative=never_negative)})"
    )
