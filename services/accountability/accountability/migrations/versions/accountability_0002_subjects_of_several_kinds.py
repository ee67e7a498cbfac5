"""Groups and levels of a school, and organizations, may be rated: until now only whole schools were."""

from alembic import op

revision = "accountability_0002"
down_revision = "accountability_0001"

RATED = ("outcome", "staged_rating", "rating")
ALIAS = """
    organization_id uuid not null constraint fk_directory_organization_alias_organization_id
        references directory_organization (id) on delete cascade,
    system text not null,
    value text not null,
    valid_from date not null,
    valid_to date,
    constraint pk_directory_organization_alias primary key (organization_id, system, value, valid_from)
"""


def upgrade() -> None:
    op.execute(f"create table directory_organization_alias ({ALIAS})")
    op.execute(
        "create index ix_directory_organization_alias_system_value on directory_organization_alias (system, value)"
    )
    for table in RATED:
        # A constant default rewrites no row, and what was written before stays a rating of the whole school.
        op.execute(f"alter table {table} add column student_group text not null default 'ALL'")
    _rekey("staged_rating", "pk_staged_rating primary key (run, school_id, student_group)")
    op.execute("alter table rating drop constraint uq_rating_school_id_framework_id_school_year")
    op.execute(
        "alter table rating add constraint uq_rating_school_id_student_group_framework_id_school_year"
        " unique (school_id, student_group, framework_id, school_year)"
    )


def downgrade() -> None:
    op.execute(
        "delete from rating_revision where rating_id in (select id from rating where student_group <> 'ALL')"
    )
    for table in RATED:
        op.execute(f"delete from {table} where student_group <> 'ALL'")
    op.execute("alter table rating drop constraint uq_rating_school_id_student_group_framework_id_school_year")
    op.execute(
        "alter table rating add constraint uq_rating_school_id_framework_id_school_year"
        " unique (school_id, framework_id, school_year)"
    )
    _rekey("staged_rating", "pk_staged_rating primary key (run, school_id)")
    for table in RATED:
        op.execute(f"alter table {table} drop column student_group")
    op.execute("drop table directory_organization_alias")


def _rekey(table: str, key: str) -> None:
    op.execute(f"alter table {table} drop constraint pk_{table}")
    op.execute(f"alter table {table} add constraint {key}")
