"""Review, correction, publication, appeal."""

revision = "accountability_0003"
down_revision = "accountability_0002"
depends_on = None


def upgrade() -> None:
    """What is here after this revision."""


def downgrade() -> None:
    """Back to the revision before."""
