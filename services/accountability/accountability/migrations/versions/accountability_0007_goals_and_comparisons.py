"""Agreement goals and their evaluations; matched peers."""

revision = "accountability_0007"
down_revision = "accountability_0006"
depends_on = None


def upgrade() -> None:
    """What is here after this revision."""


def downgrade() -> None:
    """Back to the revision before."""
