"""What is open at a school for an operator that leaves it: requests, series, elections, charges, estimates."""

from datetime import date, timedelta
from uuid import UUID

from sqlalchemy import exists, select
from sqlalchemy.ext.asyncio import AsyncSession

from shared_services import directory
from shared_services.charges.reading import STATUS, lines
from shared_services.charges.tables import Charge
from shared_services.handover.rules import Turn, allowed
from shared_services.handover.schemas import Item, ItemKind
from shared_services.requests.lifecycle import OPEN
from shared_services.requests.reading import requests, shape
from shared_services.requests.tables import Series, ServiceRequest

MAX_ITEMS = 1000
UNPAID = ("accrued", "billed", "disputed")
ESTIMATED = ("estimate", "approved")


async def open_items(session: AsyncSession, school_id: UUID, day: date, turn: Turn) -> list[Item]:
    """All that is open, and one more than is decided at once if there is more."""
    items = [
        *await _requests(session, school_id, turn),
        *await _series(session, school_id, turn),
        *await _charges(session, school_id, turn),
        *await _elections(session, school_id, day),
    ]
    return items[: MAX_ITEMS + 1]


async def hold(session: AsyncSession, school_id: UUID, turn: Turn) -> None:
    """Keep what is open from changing until the end of the transaction."""
    of_requests = ServiceRequest.school_id == school_id, ServiceRequest.requesting_organization_id == turn.former_id
    of_charges = Charge.school_id == school_id, Charge.payer_id == turn.former_id
    for query in (
        select(ServiceRequest.id).where(*of_requests, ServiceRequest.status.in_(OPEN)).order_by(ServiceRequest.id),
        select(Charge.id).where(*of_charges, Charge.stage != "declined").order_by(Charge.id),
    ):
        await session.execute(query.with_for_update())


async def _requests(session: AsyncSession, school_id: UUID, turn: Turn) -> list[Item]:
    """Open requests of the former operator, without those of a series, which go with it."""
    theirs = (ServiceRequest.school_id == school_id) & (ServiceRequest.requesting_organization_id == turn.former_id)
    single = ServiceRequest.status.in_(OPEN), ServiceRequest.series_id.is_(None)
    query = requests(theirs).where(*single).order_by(ServiceRequest.id).limit(MAX_ITEMS + 1)
    return [
        Item(
            kind="request",
            id=view.id,
            name=view.number,
            offering=view.offering,
            service_date=view.service_date,
            status=view.status,
            allowed=allowed("request", view.status, turn),
            as_it_was=view,
        )
        for view in map(shape, await session.execute(query))
    ]


async def _series(session: AsyncSession, school_id: UUID, turn: Turn) -> list[Item]:
    still_open = exists().where(ServiceRequest.series_id == Series.id, ServiceRequest.status.in_(OPEN))
    theirs = Series.school_id == school_id, Series.requesting_organization_id == turn.former_id
    return [
        Item(
            kind="series",
            id=row.id,
            name=row.offering,
            offering=row.offering,
            status="open",
            allowed=allowed("series", "open", turn),
        )
        for row in await session.scalars(select(Series).where(*theirs, still_open).order_by(Series.id))
    ]


async def _charges(session: AsyncSession, school_id: UUID, turn: Turn) -> list[Item]:
    """Lines that the former operator has not paid, and estimates that are not on the ledger yet."""
    theirs = (Charge.school_id == school_id) & (Charge.payer_id == turn.former_id)
    owed = Charge.kind.in_(("purchase", "fee", "credit", "repayment", "repost")), STATUS.in_((*UNPAID, *ESTIMATED))
    found = []
    for row in await session.execute(lines(theirs).where(*owed).order_by(Charge.id).limit(MAX_ITEMS + 1)):
        charge: Charge = row.Charge
        kind: ItemKind = "estimate" if row.status in ESTIMATED else "charge"
        found.append(
            Item(
                kind=kind,
                id=charge.id,
                name=charge.offering,
                offering=charge.offering,
                service_date=charge.service_date,
                status=row.status,
                amount_cents=charge.amount_cents,
                # A loan stays with whoever took it.
                allowed=["complete"] if charge.obligation_id else allowed(kind, row.status, turn),
            )
        )
    return found


async def _elections(session: AsyncSession, school_id: UUID, day: date) -> list[Item]:
    """What was laid down for the school until then; the registry says whether it still is on the day."""
    lasting = await directory.terms_on(session, school_id, day)
    return [
        Item(
            kind="election",
            id=None,
            name=term.service,
            offering=term.service,
            status=term.service_class,
            allowed=["transfer" if term in lasting else "complete"],
        )
        for term in await directory.terms_on(session, school_id, day - timedelta(days=1))
    ]
