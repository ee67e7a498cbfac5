"""What can be done with clients."""

from datetime import datetime

from kit.auth import Caller
from kit.errors import Conflict, NotFound
from kit.telemetry import log
from sqlalchemy import select
from sqlalchemy.dialects.postgresql import insert as upsert
from sqlalchemy.ext.asyncio import AsyncSession

from gateway.clients.rules import PLATFORM, require_no_more_than_own, require_platform, require_unmanaged
from gateway.clients.schemas import ClientView, ClientWithSecret, NewClient
from gateway.clients.scopes import SCOPES
from gateway.clients.secrets import SecretHashes, new_secret
from gateway.clients.tables import Client


class ClientExists(Conflict):
    """A client of this id exists"""

    type = "client-exists"


def view(client: Client) -> ClientView:
    """A client as it is shown."""
    return ClientView.model_validate(client, from_attributes=True)


async def find_client(session: AsyncSession, client_id: str) -> Client:
    """One client. Raises NotFound."""
    client = await session.get(Client, client_id)
    if client is None:
        raise NotFound(f"There is no client `{client_id}`.")
    return client


async def register_client(
    session: AsyncSession, caller: Caller, hashes: SecretHashes, body: NewClient
) -> ClientWithSecret:
    """Register a client with a new secret. Raises Forbidden, ClientExists."""
    require_platform(caller)
    require_no_more_than_own(caller, body.scopes)
    secret = new_secret()
    values = body.model_dump() | {
        "scopes": sorted(set(body.scopes)),
        "secret_hash": await hashes.hash(secret),
    }
    made = await session.scalar(upsert(Client).values(values).on_conflict_do_nothing().returning(Client))
    if made is None:
        raise ClientExists(f"There is a client `{body.client_id}` already; choose another id.")
    log.info("client.registered", id=body.client_id, scopes=values["scopes"], by=caller.client_id)
    return _with_secret(made, secret)


async def renew_secret(session: AsyncSession, caller: Caller, hashes: SecretHashes, client_id: str) -> ClientWithSecret:
    """Give a client a new secret; the old one is void. Raises Forbidden, NotFound, ManagedByFile, Conflict."""
    client = await _managed(session, caller, client_id)
    require_no_more_than_own(caller, client.scopes)
    if client.revoked_at is not None:
        raise Conflict("The client is revoked for good: register a new one.")
    secret = new_secret()
    client.secret_hash = await hashes.hash(secret)
    log.info("client.secret_renewed", id=client_id, by=caller.client_id)
    return _with_secret(client, secret)


async def revoke_client(session: AsyncSession, caller: Caller, client_id: str, now: datetime) -> ClientView:
    """Revoke a client for good; again changes nothing. Raises Forbidden, NotFound, ManagedByFile."""
    client = await _managed(session, caller, client_id)
    if client.revoked_at is None:
        client.revoked_at = now
        log.info("client.revoked", id=client_id, by=caller.client_id)
    return view(client)


async def ensure_platform(session: AsyncSession, hashes: SecretHashes, secret: str) -> None:
    """See to it that the client `platform` exists, with every scope and the secret of its file.

    Several processes may start at once: the last one writes the same again.
    """
    known = await session.scalar(select(Client.secret_hash).where(Client.client_id == PLATFORM))
    kept = known if known and await hashes.matches(secret, known) else await hashes.hash(secret)
    values = {"name": "The platform itself", "scopes": sorted(SCOPES), "secret_hash": kept}
    await session.execute(
        upsert(Client)
        .values(client_id=PLATFORM, **values)
        .on_conflict_do_update(index_elements=["client_id"], set_=values)
    )


async def _managed(session: AsyncSession, caller: Caller, client_id: str) -> Client:
    require_platform(caller)
    require_unmanaged(client_id)
    client = await session.get(Client, client_id, with_for_update=True)
    if client is None:
        raise NotFound(f"There is no client `{client_id}`.")
    return client


def _with_secret(client: Client, secret: str) -> ClientWithSecret:
    return ClientWithSecret(**view(client).model_dump(), client_secret=secret)
