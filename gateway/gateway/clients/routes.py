"""HTTP for clients."""

from typing import Annotated

from fastapi import APIRouter, Path, Request, Response
from kit.auth import Caller, require
from kit.clock import Now
from kit.db import Database, Snapshot, Transaction
from kit.paging import Page, Paging, page
from kit.problems import problems
from sqlalchemy import select

from gateway.clients import actions
from gateway.clients.revocations import Revocations
from gateway.clients.rules import require_platform
from gateway.clients.schemas import ClientView, ClientWithSecret, NewClient
from gateway.clients.secrets import SecretHashes
from gateway.clients.tables import Client

router = APIRouter(prefix="/v1/clients", tags=["clients"])
Reader = Annotated[Caller, require("clients:read")]
Writer = Annotated[Caller, require("clients:write")]
ClientId = Annotated[str, Path(max_length=80, pattern=r"^[^\x00]+$")]


def _hashes(request: Request) -> SecretHashes:
    hashes: SecretHashes = request.app.state.secret_hashes
    return hashes


@router.post("", status_code=201, responses=problems(400, 409))
async def register_client(
    body: NewClient, session: Transaction, caller: Writer, request: Request, response: Response
) -> ClientWithSecret:
    """Register a client. Its secret is in this answer only.

    There is no `Idempotency-Key` here: to give the answer again, it would have to be kept with the secret in it.
    A repeat is refused with 409, since the id exists; if the first answer was lost, ask for a new secret.
    """
    made = await actions.register_client(session, caller, _hashes(request), body)
    response.headers["Location"] = f"/v1/clients/{made.client_id}"
    response.headers["Cache-Control"] = "no-store"
    return made


@router.get("", responses=problems(400))
async def list_clients(session: Snapshot, caller: Reader, asked: Paging, response: Response) -> Page[ClientView]:
    """Clients, by id; revoked ones too."""
    require_platform(caller)
    return await page(session, select(Client), [Client.client_id], asked, response, actions.view)


@router.get("/{client_id}", responses=problems(404))
async def show_client(client_id: ClientId, session: Snapshot, caller: Reader) -> ClientView:
    """One client."""
    require_platform(caller)
    return actions.view(await actions.find_client(session, client_id))


@router.post("/{client_id}/secret", responses=problems(404, 409))
async def renew_secret(
    client_id: ClientId, session: Transaction, caller: Writer, request: Request, response: Response
) -> ClientWithSecret:
    """Give a client a new secret, shown in this answer only. The old one is void."""
    response.headers["Cache-Control"] = "no-store"
    return await actions.renew_secret(session, caller, _hashes(request), client_id)


@router.post("/{client_id}/revocation", responses=problems(404, 409))
async def revoke_client(client_id: ClientId, caller: Writer, request: Request, now: Now) -> ClientView:
    """Revoke a client for good: it gets no more tokens, and those it has are refused."""
    database: Database = request.app.state.database
    revocations: Revocations = request.app.state.revocations
    async with database.transaction() as session:
        revoked = await actions.revoke_client(session, caller, client_id, now)
    # After the commit, and before the answer: from now on this process refuses the client's tokens.
    await revocations.refresh()
    return revoked
