"""Drafts and trials of frameworks; findings about measures."""

revision = "accountability_0004"
down_revision = "accountability_0003"
depends_on = None


def upgrade() -> None:
    """What is here after this revision."""


def downgrade() -> None:
    """Back to the revision before."""
