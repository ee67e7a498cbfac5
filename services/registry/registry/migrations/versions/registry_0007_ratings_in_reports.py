"""Published ratings, as the reports and packets show them."""

revision = "registry_0007"
down_revision = "registry_0006"
depends_on = None


def upgrade() -> None:
    """What is here after this revision."""


def downgrade() -> None:
    """Back to the revision before."""
