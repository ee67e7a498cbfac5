"""HTTP for instrument kinds."""

from typing import Annotated

from fastapi import APIRouter, Path, Query, Request, Response
from kit.auth import Caller, require
from kit.db import Snapshot, Transaction
from kit.documents import DOCUMENT_BODY, read_document
from kit.paging import Page, Paging, page
from kit.problems import problems
from sqlalchemy import select

from registry.instruments import actions
from registry.instruments.document import Instrument
from registry.instruments.schemas import InstrumentSummary, InstrumentView
from registry.instruments.tables import RegisteredInstrument

router = APIRouter(prefix="/v1/instruments", tags=["instruments"])
Reader = Annotated[Caller, require("registry:read")]
Writer = Annotated[Caller, require("registry:write")]
Plain = Path(max_length=80, pattern=r"^[A-Za-z0-9.-]+$")


@router.post("", status_code=201, responses=problems(400, 409, 413, 415), openapi_extra=DOCUMENT_BODY)
async def register_instrument(
    request: Request, response: Response, session: Transaction, caller: Writer
) -> InstrumentView:
    """Register a version of an instrument kind, as YAML or JSON. Errors point at the rule."""
    view = await actions.register_instrument(session, caller, await read_document(request, Instrument))
    response.headers["Location"] = f"/v1/instruments/{view.id}/{view.version}"
    return view


@router.get("", responses=problems(400))
async def list_instruments(
    session: Snapshot,
    caller: Reader,
    asked: Paging,
    response: Response,
    jurisdiction: Annotated[str | None, Query(max_length=80, pattern=r"^[A-Z]{2}(:[a-z0-9-]+)?$")] = None,
) -> Page[InstrumentSummary]:
    """The registered instrument kinds."""
    query = select(RegisteredInstrument)
    if jurisdiction is not None:
        query = query.where(RegisteredInstrument.document["jurisdiction"].astext == jurisdiction)
    keys = [RegisteredInstrument.id, RegisteredInstrument.version]
    return await page(session, query, keys, asked, response, _summary)


@router.get("/{instrument_id}/{version}", responses=problems(404))
async def show_instrument(
    instrument_id: Annotated[str, Plain], version: Annotated[str, Plain], session: Snapshot, caller: Reader
) -> InstrumentView:
    """One version, whole."""
    return await actions.show_instrument(session, instrument_id, version)


def _summary(row: RegisteredInstrument) -> InstrumentSummary:
    return InstrumentSummary(**actions.view(row).model_dump(exclude={"document"}))
