"""Accounts and their copy."""

from alembic import op

revision = "ledger_0001"
down_revision = None
depends_on = "kit_0001"


def upgrade() -> None:
    op.execute(
        "create table account (id uuid not null default uuidv7() primary key, version bigint not null, name text not null)"
    )
    op.execute(
        "create table account_copy"
        " (id uuid not null primary key, version bigint not null, name text not null, applied bigint not null)"
    )
    op.execute("create table doubtful (n integer unique deferrable initially deferred)")


def downgrade() -> None:
    op.execute("drop table account")
    op.execute("drop table account_copy")
    op.execute("drop table doubtful")
