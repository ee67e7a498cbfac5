"""Review, correction, publication, appeal."""

from alembic import op

revision = "accountability_0003"
down_revision = "accountability_0002"
depends_on = None

TABLES = {
    "run_window": """
        id uuid not null default uuidv7() constraint pk_run_window primary key,
        run integer not null constraint fk_run_window_run references run (number),
        purpose text not null constraint ck_run_window_purpose check (purpose in ('review', 'appeals')),
        during daterange not null constraint ck_run_window_during check (not isempty(during)),
        time_zone text not null,
        client_id text not null,
        opened_at timestamptz not null
    """,
    "rating_order": """
        id uuid not null default uuidv7() constraint pk_rating_order primary key,
        reason_code text not null,
        school_id uuid,
        framework_id text not null,
        school_years smallint[] not null,
        number text not null,
        issuer text not null,
        issued_on date not null,
        citation text not null,
        scores_public boolean not null,
        organization_id uuid,
        client_id text not null,
        recorded_at timestamptz not null,
        lifted_at timestamptz,
        lifted_reason text
    """,
    "correction_request": """
        id uuid not null default uuidv7() constraint pk_correction_request primary key,
        version integer not null,
        window_id uuid not null constraint fk_correction_request_window_id references run_window (id),
        school_id uuid not null,
        student_group text not null,
        indicator text not null,
        value double precision,
        category text,
        n bigint,
        participation double precision,
        ground text not null,
        evidence text not null,
        organization_id uuid not null,
        client_id text not null,
        filed_at timestamptz not null,
        decision text constraint ck_correction_request_decision check (decision in ('accepted', 'denied')),
        decision_reason text,
        decided_by text,
        decided_at timestamptz,
        import_number integer
    """,
    "appeal": """
        id uuid not null default uuidv7() constraint pk_appeal primary key,
        version integer not null,
        rating_id uuid not null,
        revision integer not null,
        ground text not null,
        evidence text not null,
        organization_id uuid not null,
        client_id text not null,
        filed_at timestamptz not null,
        decision text constraint ck_appeal_decision check (decision in ('upheld', 'denied')),
        decision_reason text,
        decided_by text,
        decided_at timestamptz,
        decided_revision integer,
        constraint fk_appeal_rating_id_revision
            foreign key (rating_id, revision) references rating_revision (rating_id, revision)
    """,
    "decision": """
        id uuid not null default uuidv7() constraint pk_decision primary key,
        version integer not null,
        school_id uuid not null,
        kind text not null,
        decided_on date not null,
        decided_by text not null,
        outcome text not null,
        citation text,
        agreement_id uuid,
        organization_id uuid,
        client_id text not null,
        recorded_at timestamptz not null
    """,
    "decision_evidence": """
        decision_id uuid not null constraint fk_decision_evidence_decision_id references decision (id),
        rating_id uuid not null,
        revision integer not null,
        constraint pk_decision_evidence primary key (decision_id, rating_id),
        constraint fk_decision_evidence_rating_id_revision
            foreign key (rating_id, revision) references rating_revision (rating_id, revision)
    """,
    "decision_notice": """
        decision_id uuid not null constraint fk_decision_notice_decision_id references decision (id),
        rating_id uuid not null,
        revision integer not null,
        noticed_at timestamptz not null,
        constraint pk_decision_notice primary key (decision_id, rating_id, revision),
        constraint fk_decision_notice_rating_id_revision
            foreign key (rating_id, revision) references rating_revision (rating_id, revision)
    """,
}
INDEXES = (
    "ix_run_window_run on run_window (run)",
    "ix_rating_order_framework_id on rating_order (framework_id)",
    "ix_correction_request_window_id on correction_request (window_id)",
    "ix_decision_school_id on decision (school_id)",
    "ix_decision_evidence_rating_id on decision_evidence (rating_id)",
    "ix_rating_revision_order_id on rating_revision (order_id) where order_id is not null",
)
SHARED = ("too-few-students", "low-participation")
"""What the engine already called by a word that is now shared; of the rest, only that something was missing is sure."""


def upgrade() -> None:
    for name, columns in TABLES.items():
        op.execute(f"create table {name} ({columns})")
    # A null owner is the platform: who ran what is there was never written down.
    op.execute("alter table run add column organization_id uuid, add column published_as text")
    op.execute("comment on column run.organization_id is 'Who ran it and may see what it gave; none: the platform.'")
    op.execute("update run set published_as = 'official' where published_at is not null")
    op.execute("alter table staged_rating add column reason_code text")
    op.execute(
        "alter table rating_revision add column state text not null default 'official', add column reason_code text,"
        " add column order_id uuid constraint fk_rating_revision_order_id references rating_order (id),"
        " add column legal_source text"
    )
    for table in ("staged_rating", "rating_revision"):
        op.execute(
            f"update {table} set reason_code = case when reason in {SHARED} then reason"
            " when reason like '%missing%' then 'missing-data' else 'other' end where status = 'not-rated'"
        )
    for column, said in {
        "rating_revision.legal_source": "Where it is written, if people decided the rating.",
        "correction_request.import_number": "The file of measures that corrects it.",
        "appeal.revision": "What is appealed.",
        "appeal.decided_revision": "What was published of the decision.",
    }.items():
        op.execute(f"comment on column {column} is '{said}'")
    for index in INDEXES:
        op.execute(f"create index {index}")
    op.execute("create unique index uq_appeal_open on appeal (rating_id) where decision is null")


def downgrade() -> None:
    op.execute(
        "alter table rating_revision drop column state, drop column reason_code, drop column order_id,"
        " drop column legal_source"
    )
    op.execute("alter table staged_rating drop column reason_code")
    op.execute("alter table run drop column organization_id, drop column published_as")
    for name in reversed(TABLES):
        op.execute(f"drop table {name}")
