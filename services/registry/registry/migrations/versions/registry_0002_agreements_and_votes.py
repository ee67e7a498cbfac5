"""Instruments, agreements with their parties, schools, texts and transitions, and the approvals they rest on."""

from alembic import op
from kit.periods import never_overlap

revision = "registry_0002"
down_revision = "registry_0001"

TABLES = {
    "instrument": """
        id text not null,
        version text not null,
        sha256 text not null,
        document jsonb not null,
        registered_at timestamptz not null default now(),
        constraint pk_instrument primary key (id, version)
    """,
    "agreement": """
        id uuid not null default uuidv7() constraint pk_agreement primary key,
        version bigint not null,
        instrument_id text not null,
        instrument_version text not null,
        title text not null,
        parent_id uuid constraint fk_agreement_parent_id references agreement (id),
        resubmits_id uuid constraint fk_agreement_resubmits_id references agreement (id),
        legal_basis text[] not null,
        effective_from date,
        term_to date,
        notice_by date,
        renewal_options text[] not null,
        wind_down_duties text[] not null,
        holds daterange,
        recorded_by text not null,
        recorded_at timestamptz not null,
        constraint fk_agreement_instrument_id_instrument_version
            foreign key (instrument_id, instrument_version) references instrument (id, version)
    """,
    "agreement_party": """
        agreement_id uuid not null constraint fk_agreement_party_agreement_id references agreement (id),
        organization_id uuid not null constraint fk_agreement_party_organization_id references organization (id),
        role text not null,
        constraint pk_agreement_party primary key (agreement_id, organization_id, role)
    """,
    "agreement_school": """
        id uuid not null default uuidv7() constraint pk_agreement_school primary key,
        agreement_id uuid not null constraint fk_agreement_school_agreement_id references agreement (id),
        school_id uuid not null constraint fk_agreement_school_school_id references school (id),
        during daterange not null constraint ck_agreement_school_during check (not isempty(during)),
        recorded_at timestamptz not null,
        superseded_at timestamptz
    """,
    "agreement_text": """
        agreement_id uuid not null constraint fk_agreement_text_agreement_id references agreement (id),
        number integer not null,
        title text not null,
        url text,
        sha256 text not null,
        summary text,
        recorded_at timestamptz not null,
        constraint pk_agreement_text primary key (agreement_id, number)
    """,
    "agreement_transition": """
        agreement_id uuid not null constraint fk_agreement_transition_agreement_id references agreement (id),
        number integer not null,
        name text not null,
        effective_on date not null,
        authority text not null,
        evidence text not null,
        reason text,
        ground text,
        text_number integer,
        school_id uuid constraint fk_agreement_transition_school_id references school (id),
        successor_id uuid constraint fk_agreement_transition_successor_id references agreement (id),
        effective_from date,
        term_to date,
        actor text not null,
        recorded_at timestamptz not null,
        constraint pk_agreement_transition primary key (agreement_id, number)
    """,
    "agreement_notice": """
        agreement_id uuid not null constraint fk_agreement_notice_agreement_id references agreement (id),
        notice text not null,
        given_on date not null,
        evidence text not null,
        actor text not null,
        recorded_at timestamptz not null,
        constraint pk_agreement_notice primary key (agreement_id, notice, given_on)
    """,
    "vote": """
        id uuid not null default uuidv7() constraint pk_vote primary key,
        agreement_id uuid not null constraint fk_vote_agreement_id references agreement (id),
        decision text not null,
        step text not null,
        text_number integer,
        school_id uuid constraint fk_vote_school_id references school (id),
        eligible integer not null,
        "cast" integer not null,
        yes integer not null,
        no integer not null,
        abstain integer not null,
        secret boolean not null,
        opens_on date not null,
        closes_on date not null,
        held_on date not null,
        evidence text not null,
        actor text not null,
        recorded_at timestamptz not null,
        superseded_at timestamptz,
        constraint ck_vote_counts check (
            yes >= 0 and no >= 0 and abstain >= 0 and yes + no + abstain <= "cast" and "cast" <= eligible
        ),
        constraint ck_vote_window check (opens_on <= held_on and held_on <= closes_on)
    """,
    "act": """
        id uuid not null default uuidv7() constraint pk_act primary key,
        agreement_id uuid not null constraint fk_act_agreement_id references agreement (id),
        decision text not null,
        step text not null,
        text_number integer,
        school_id uuid constraint fk_act_school_id references school (id),
        outcome text not null constraint ck_act_outcome check (outcome in ('approved', 'denied', 'returned')),
        decided_on date not null,
        yes integer,
        no integer,
        abstain integer,
        reasons text,
        evidence text not null,
        actor text not null,
        recorded_at timestamptz not null,
        superseded_at timestamptz,
        constraint ck_act_reasons check (outcome = 'approved' or reasons is not null)
    """,
}
INDEXES = {
    "agreement": ("parent_id",),
    "agreement_party": ("organization_id",),
    "agreement_school": ("agreement_id", "school_id"),
    "vote": ("agreement_id",),
    "act": ("agreement_id",),
}


def upgrade() -> None:
    for name, columns in TABLES.items():
        op.execute(f"create table {name} ({columns})")
    for table, columns in INDEXES.items():
        for column in columns:
            op.execute(f"create index ix_{table}_{column} on {table} ({column})")
    covered = "(agreement_id::text || '|' || school_id::text)"
    op.execute("comment on column agreement.holds is 'From the first to the last day in force; null until executed.'")
    op.execute(never_overlap("agreement_school", "covered", covered, "text"))


def downgrade() -> None:
    for name in reversed(TABLES):
        op.execute(f"drop table {name}")
