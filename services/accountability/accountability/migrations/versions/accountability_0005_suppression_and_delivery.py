"""Snapshots and corrections as they are delivered."""

revision = "accountability_0005"
down_revision = "accountability_0004"
depends_on = None


def upgrade() -> None:
    """What is here after this revision."""


def downgrade() -> None:
    """Back to the revision before."""
