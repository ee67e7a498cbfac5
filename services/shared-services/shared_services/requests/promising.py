"""What is promised of a request as it comes in: its school's contract before the district's service levels."""

from dataclasses import dataclass
from datetime import date, datetime
from uuid import UUID

from contracts.shared_services import RequestPriority, RequestStatus
from sqlalchemy.ext.asyncio import AsyncSession

from shared_services.catalog.schemas import OfferingView
from shared_services.clocks.contracts import binding_promise, targets_of
from shared_services.clocks.promises import ServiceLevel
from shared_services.clocks.rules import Working
from shared_services.clocks.versions import promises, working_time
from shared_services.requests.dating import moment, next_due


@dataclass(frozen=True)
class Promise:
    """A class of service as it was promised to a school on a day, and the working time that it is counted in."""

    level: ServiceLevel | None = None
    version: int | None = None
    contract_id: UUID | None = None
    hazard_priority: RequestPriority = "P1"
    working: Working | None = None

    def first_due(self, status: RequestStatus, priority: RequestPriority | None, now: datetime) -> datetime | None:
        """By when something is promised of a request that is in its first status since `now`."""
        if self.level is None:
            return None
        return next_due(self.level, priority, [moment(now, status, "requester", {})], self.working, now)


NOTHING = Promise()


async def promise_for(session: AsyncSession, offering: OfferingView, school_id: UUID, day: date) -> Promise:
    """What is promised to a school of an offering on a day; nothing of one without a class of service."""
    said = await promises(session, offering.district_id) if offering.service_level else None
    if said is None or offering.service_level is None:
        return NOTHING
    terms, version = said
    level = terms.service_level(offering.service_level)
    clause = (offering.district_id, offering.service_level, offering.code)
    contract = await binding_promise(session, *clause, school_id, day)
    return Promise(
        level=level and level.with_contract(targets_of(contract) if contract else ()),
        version=version,
        contract_id=contract.id if contract else None,
        hazard_priority=terms.hazard_priority,
        working=await working_time(session, offering.district_id),
    )
