"""Who did what with a version, when and why: one line for each step, drafts included."""

from collections.abc import Sequence
from datetime import datetime

from kit.auth import Caller
from sqlalchemy.ext.asyncio import AsyncSession

from accountability.frameworks.tables import FrameworkStep, RegisteredFramework


def note(
    session: AsyncSession,
    caller: Caller,
    row: RegisteredFramework,
    name: str,
    now: datetime,
    school_years: Sequence[int] = (),
    reason: str | None = None,
) -> None:
    """Append a step to the history of a version."""
    session.add(
        FrameworkStep(
            framework_id=row.id,
            version=row.version,
            name=name,
            school_years=list(school_years),
            reason=reason,
            sha256=row.sha256,
            labels=row.display_labels,
            client_id=caller.client_id,
            at=now,
        )
    )
