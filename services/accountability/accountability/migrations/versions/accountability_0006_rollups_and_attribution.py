"""The home district's figures; operators of a data year."""

revision = "accountability_0006"
down_revision = "accountability_0005"
depends_on = None


def upgrade() -> None:
    """What is here after this revision."""


def downgrade() -> None:
    """Back to the revision before."""
