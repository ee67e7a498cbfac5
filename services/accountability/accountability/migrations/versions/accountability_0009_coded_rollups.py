"""Roll-ups coded at the ends: versions of before were disclosed without regard to what ratings tell beside them.

Everybody sees no part of those any more, but for the framework's own result. Districts, states and the platform still
see all; the next version is disclosed anew.
"""

from alembic import op

revision = "accountability_0009"
down_revision = "accountability_0008"
depends_on = None

CHANGED = """
    update rollup_version set figures = (
        select jsonb_agg({figure} order by place)
        from jsonb_array_elements(figures) with ordinality as each (figure, place)
    )
    where jsonb_array_length(figures) > 0
"""
WITHDRAWN = """
    case when figure ->> 'figure' = 'rating' then figure
    else figure || jsonb_build_object('shown', '[]'::jsonb, 'shown_before', figure -> 'shown') end
"""
GIVEN_BACK = """
    case when figure ? 'shown_before'
    then (figure - 'shown_before') || jsonb_build_object('shown', figure -> 'shown_before')
    else figure end
"""


def upgrade() -> None:
    """Keep what was shown, and show it no more."""
    op.execute(CHANGED.format(figure=WITHDRAWN))


def downgrade() -> None:
    """Show it again."""
    op.execute(CHANGED.format(figure=GIVEN_BACK))
