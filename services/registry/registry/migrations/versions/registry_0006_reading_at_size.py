"""Indexes for a nation of schools: by state, and identifiers that are quickly checked in whatever order they come."""

from alembic import op
from kit.periods import never_overlap

revision = "registry_0006"
down_revision = "registry_0005"
depends_on = None

IDENTIFIER = "(system || '|' || value)"
TABLES = ("school_alias", "organization_alias")


def upgrade() -> None:
    op.execute("create index ix_school_facts_state_school_id on school_facts (state, school_id)")
    _hold_identifiers(hashed=True)


def downgrade() -> None:
    _hold_identifiers(hashed=False)
    op.execute("drop index ix_school_facts_state_school_id")


def _hold_identifiers(*, hashed: bool) -> None:
    for table in TABLES:
        op.execute(f"alter table {table} drop constraint ex_{table}_holder")
        op.execute(never_overlap(table, "holder", IDENTIFIER, "text", hashed=hashed))
