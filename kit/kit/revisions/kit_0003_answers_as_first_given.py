"""The first answer to an idempotency key keeps the order of its members."""

from alembic import op

revision = "kit_0003"
down_revision = "kit_0002"


def upgrade() -> None:
    op.execute("alter table idempotency_key alter column headers type json, alter column body type json")


def downgrade() -> None:
    op.execute("alter table idempotency_key alter column headers type jsonb, alter column body type jsonb")
