"""Who publishes by a framework: its owner and the platform; by one of the platform's, nobody in another's place.

Everybody else may run it, for its own eyes.
"""

from collections.abc import Sequence

from kit.auth import Caller
from kit.errors import Conflict, Forbidden
from sqlalchemy import func, select
from sqlalchemy.ext.asyncio import AsyncSession

from accountability.frameworks.tables import RegisteredFramework
from accountability.ratings.changes import Change
from accountability.runs.tables import Run


class PublishedByAnother(Conflict):
    """Another organization published these ratings"""

    type = "published-by-another"


async def require_own(session: AsyncSession, caller: Caller, run: Run, changes: Sequence[Change]) -> None:
    """Raise Forbidden where the framework is another organization's, and PublishedByAnother where ratings would change
    that another organization published."""
    framework = await session.get_one(RegisteredFramework, (run.framework_id, run.framework_version))
    if caller.organization_id in (None, framework.owner_id):
        return
    if framework.owner_id is not None:
        raise Forbidden(
            f"Only the owner of {framework.id} {framework.version} and the platform publish by it:"
            " publish by a framework of your own."
        )
    earlier = {change.before.run for change in changes if change.before is not None}
    others = Run.organization_id.is_not(None) & (Run.organization_id != caller.organization_id)
    if await session.scalar(select(func.count()).where(Run.number.in_(earlier), others)):
        raise PublishedByAnother(
            "Ratings of schools in this run were published by another organization: only it, or the platform, revises"
            " them."
        )
