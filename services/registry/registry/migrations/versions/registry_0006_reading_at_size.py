"""Indexes for a nation of schools."""

revision = "registry_0006"
down_revision = "registry_0005"
depends_on = None


def upgrade() -> None:
    """What is here after this revision."""


def downgrade() -> None:
    """Back to the revision before."""
