"""Enrollment policies in revisions; calendars and deadlines."""

revision = "registry_0005"
down_revision = "registry_0004"
depends_on = None


def upgrade() -> None:
    """What is here after this revision."""


def downgrade() -> None:
    """Back to the revision before."""
