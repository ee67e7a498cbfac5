"""From where one looks: what was true on a date (`asOf`), as it was known at an instant (`knownAt`)."""

from dataclasses import dataclass
from datetime import date, datetime
from typing import Annotated

from fastapi import Depends, Query
from kit.auth import Caller
from kit.clock import Now
from kit.errors import FieldError, Invalid
from kit.periods import Day
from pydantic import AwareDatetime
from sqlalchemy.ext.asyncio import AsyncSession

from registry.organizations.actions import today_of

AsOf = Annotated[Day | None, Query(alias="asOf", description="The date to look at; today in the district if absent.")]
KnownAt = Annotated[
    AwareDatetime | None,
    Query(alias="knownAt", description="Answer as it was known at this instant; as it is known now if absent."),
]


@dataclass(frozen=True)
class Standpoint:
    """A date, and the instant whose knowledge is asked for (None: now)."""

    day: date
    known_at: datetime | None = None


@dataclass(frozen=True)
class _Looking:
    as_of: date | None
    known_at: datetime | None
    now: datetime

    async def of(self, session: AsyncSession, caller: Caller) -> Standpoint:
        """Where this caller looks from. Raises Invalid for an instant that is still to come."""
        if self.known_at is not None and self.known_at > self.now:
            error = FieldError("query.knownAt", "future", "choose an instant that has passed", value=str(self.known_at))
            raise Invalid("What will be known is not known yet.", errors=[error])
        return Standpoint(self.as_of or await today_of(session, caller, self.now), self.known_at)


async def _looking(now: Now, as_of: AsOf = None, known_at: KnownAt = None) -> _Looking:
    return _Looking(as_of, known_at, now)


Looking = Annotated[_Looking, Depends(_looking)]
