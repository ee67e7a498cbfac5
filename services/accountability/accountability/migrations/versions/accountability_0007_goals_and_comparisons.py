"""Agreement goals and their evaluations; matched peers."""

from alembic import op

revision = "accountability_0007"
down_revision = "accountability_0006"
depends_on = None

GOAL = "references agreement_goal (id)"
TABLES = {
    "series_break": """
        id uuid not null default uuidv7() constraint pk_series_break primary key,
        framework_id text not null,
        indicator text,
        from_year smallint not null,
        reason text not null,
        citation text not null,
        organization_id uuid,
        client_id text not null,
        recorded_at timestamptz not null
    """,
    "agreement_goal": """
        id uuid not null default uuidv7() constraint pk_agreement_goal primary key,
        version integer not null,
        agreement_id uuid not null,
        school_id uuid not null,
        title text not null,
        clause text not null,
        laid_down_in text not null constraint ck_agreement_goal_laid_down_in
            check (laid_down_in in ('agreement', 'charter')),
        consequence text not null,
        organization_id uuid,
        client_id text not null,
        recorded_at timestamptz not null
    """,
    "goal_yardstick": f"""
        goal_id uuid not null constraint fk_goal_yardstick_goal_id {GOAL},
        number smallint not null,
        from_year smallint not null,
        framework_id text not null,
        "of" text not null constraint ck_goal_yardstick_of check ("of" in ('score', 'rating', 'indicator')),
        indicator text,
        student_group text not null,
        comparison text not null,
        direction text not null,
        minimum_n integer,
        approaching_from double precision,
        baseline jsonb,
        targets jsonb not null,
        approval jsonb,
        client_id text not null,
        recorded_at timestamptz not null,
        constraint pk_goal_yardstick primary key (goal_id, number)
    """,
    "goal_evaluation": f"""
        goal_id uuid not null constraint fk_goal_evaluation_goal_id {GOAL},
        yardstick smallint not null,
        year smallint not null,
        number integer not null,
        status text not null constraint ck_goal_evaluation_status
            check (status in ('met', 'approaching', 'not-met', 'not-measurable', 'superseded')),
        reason text,
        rating_id uuid,
        revision integer,
        input_version integer,
        found jsonb not null,
        is_public boolean not null,
        evaluated_at timestamptz not null,
        constraint pk_goal_evaluation primary key (goal_id, yardstick, year, number),
        constraint fk_goal_evaluation_goal_id_yardstick
            foreign key (goal_id, yardstick) references goal_yardstick (goal_id, number),
        constraint fk_goal_evaluation_rating_id_revision
            foreign key (rating_id, revision) references rating_revision (rating_id, revision)
    """,
    "goal_override": f"""
        id uuid not null default uuidv7() constraint pk_goal_override primary key,
        goal_id uuid not null constraint fk_goal_override_goal_id {GOAL},
        year smallint not null,
        status text constraint ck_goal_override_status
            check (status in ('met', 'approaching', 'not-met', 'not-measurable', 'superseded')),
        reason text not null,
        decided_by text not null,
        client_id text not null,
        recorded_at timestamptz not null
    """,
    "comparison": """
        id uuid not null default uuidv7() constraint pk_comparison primary key,
        title text not null,
        asked jsonb not null,
        known_at timestamptz not null,
        inputs jsonb not null,
        inputs_sha256 text not null,
        result jsonb not null,
        organization_id uuid,
        client_id text not null,
        recorded_at timestamptz not null
    """,
}
INDEXES = (
    "ix_series_break_framework_id on series_break (framework_id)",
    "ix_agreement_goal_agreement_id on agreement_goal (agreement_id)",
    "ix_agreement_goal_school_id on agreement_goal (school_id)",
    "ix_goal_yardstick_framework_id on goal_yardstick (framework_id)",
    "ix_goal_override_goal_id on goal_override (goal_id)",
)
COMMENTS = {
    "series_break.indicator": "None: all figures of the framework.",
    "goal_yardstick.approaching_from": "A share of the way from the baseline to the target.",
    "goal_yardstick.approval": "Who approved it in place of the one before; none of the first.",
    "goal_evaluation.rating_id": "The rating whose revision was used; none: no figure was asked for.",
    "goal_evaluation.is_public": "False where the public does not see the figure that was used.",
    "goal_override.status": "None: what is computed counts again.",
}


def upgrade() -> None:
    for name, columns in TABLES.items():
        op.execute(f"create table {name} ({columns})")
    for index in INDEXES:
        op.execute(f"create index {index}")
    for column, said in COMMENTS.items():
        op.execute(f"comment on column {column} is '{said}'")


def downgrade() -> None:
    for name in reversed(TABLES):
        op.execute(f"drop table {name}")
