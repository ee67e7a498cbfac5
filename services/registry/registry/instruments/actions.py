"""Register instrument kinds, and read them."""

from kit.auth import Caller
from kit.documents import fingerprint
from kit.errors import Conflict, NotFound
from sqlalchemy.dialects.postgresql import insert as upsert
from sqlalchemy.ext.asyncio import AsyncSession

from registry.instruments.document import Instrument
from registry.instruments.schemas import InstrumentView
from registry.instruments.tables import RegisteredInstrument
from registry.organizations.actions import require_steward


class InstrumentChanged(Conflict):
    """This version is registered with other content"""

    type = "instrument-immutable"


async def register_instrument(session: AsyncSession, caller: Caller, instrument: Instrument) -> InstrumentView:
    """Register a version; the same again changes nothing. Raises Forbidden, InstrumentChanged."""
    await require_steward(session, caller)
    document = instrument.model_dump(mode="json")
    row = {"id": instrument.id, "version": instrument.version, "document": document, "sha256": fingerprint(document)}
    await session.execute(upsert(RegisteredInstrument).values(row).on_conflict_do_nothing())
    known = await session.get_one(RegisteredInstrument, (instrument.id, instrument.version))
    # Read again, for a version kept before the shape of instruments grew says the same in fewer members.
    if Instrument.model_validate(known.document) != instrument:
        raise InstrumentChanged(f"{instrument} cannot be changed; register the new text as another version.")
    return view(known)


async def show_instrument(session: AsyncSession, instrument_id: str, version: str) -> InstrumentView:
    """A registered version. Raises NotFound."""
    known = await session.get(RegisteredInstrument, (instrument_id, version))
    if known is None:
        raise NotFound(f"There is no instrument {instrument_id} {version}.")
    return view(known)


def view(row: RegisteredInstrument) -> InstrumentView:
    """A row as shown."""
    shown = {name: row.document[name] for name in ("id", "version", "title", "jurisdiction", "level")}
    return InstrumentView(sha256=row.sha256, registered_at=row.registered_at, document=row.document, **shown)
