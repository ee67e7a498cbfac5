"""The audit chain: a hash for each journal row, the head in the counter, and the reason that somebody gave."""

from alembic import op

revision = "kit_0002"
down_revision = "kit_0001"


def upgrade() -> None:
    op.execute("alter table journal add column reason text")
    op.execute("comment on column journal.reason is 'Why, where somebody had to say it; never relayed.'")
    op.execute("""
        create table journal_hash (
            sequence bigint not null constraint pk_journal_hash primary key,
            hash bytea not null
        )
    """)
    op.execute("alter table journal_counter add column chained bigint not null default 0")
    op.execute("alter table journal_counter add column head bytea not null default '\\x'")


def downgrade() -> None:
    op.execute("alter table journal_counter drop column head, drop column chained")
    op.execute("drop table journal_hash")
    op.execute("alter table journal drop column reason")
