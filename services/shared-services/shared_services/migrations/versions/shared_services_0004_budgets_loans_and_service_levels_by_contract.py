"""Budgets, loans and service levels by contract."""

revision = "shared_services_0004"
down_revision = "shared_services_0003"
depends_on = None


def upgrade() -> None:
    """What is here after this revision."""


def downgrade() -> None:
    """Back to the revision before."""
