"""Whether a figure that somebody names is one that can be published."""

from kit.auth import Caller
from kit.errors import FieldError
from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from accountability.frameworks.standing import visible
from accountability.frameworks.tables import RegisteredFramework
from accountability.ratings.figures import codes_of


async def source_faults(
    session: AsyncSession, caller: Caller, framework: str, indicator: str | None, prefix: str = ""
) -> list[FieldError]:
    """What is wrong with the framework and the indicator named in fields that begin with `prefix`."""
    errors = []
    known = select(RegisteredFramework.id).where(RegisteredFramework.id == framework, visible(caller))
    if await session.scalar(known.limit(1)) is None:
        errors.append(FieldError(f"{prefix}framework", "unknown", "register the framework first", value=framework))
    if indicator is not None and not any(indicator in codes for codes in (await codes_of(session, framework)).values()):
        message = "the framework has no such indicator in any version"
        errors.append(FieldError(f"{prefix}indicator", "unknown", message, value=indicator))
    return errors
