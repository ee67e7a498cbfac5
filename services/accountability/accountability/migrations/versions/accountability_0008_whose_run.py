"""Whose run it is: everybody who is measured, or an organization's own; what ran before covers everybody."""

from alembic import op

revision = "accountability_0008"
down_revision = "accountability_0007"
depends_on = None

COMMENTS = {
    "run.covers_as_of": "The day on which was asked whose the schools are; none: it covers everybody.",
    "run.covers_subjects": "How many schools and organizations; none: it ran before they were counted.",
}


def upgrade() -> None:
    op.execute(
        "alter table run add column covers text not null default 'all-measured'"
        " constraint ck_run_covers check (covers in ('all-measured', 'own')),"
        " add column covers_as_of date, add column covers_subjects integer"
    )
    for column, said in COMMENTS.items():
        op.execute(f"comment on column {column} is '{said}'")


def downgrade() -> None:
    op.execute("alter table run drop column covers, drop column covers_as_of, drop column covers_subjects")
