"""The ledger: what a service looks like that is built on the kit."""

from typing import Annotated, ClassVar
from uuid import UUID

from contracts.event import Envelope, Event
from contracts.vocabulary import Wire
from fastapi import APIRouter, FastAPI, Request, Response
from kit.auth import Caller, require
from kit.bulk import spool
from kit.db import Snapshot, Transaction
from kit.errors import NotFound
from kit.http import create_service
from kit.idempotency import Once
from kit.journal import record
from kit.paging import Page, Paging, page
from kit.preconditions import IfMatch, etag, not_modified, require_version
from kit.settings import ServiceSettings
from kit.text import Name
from sqlalchemy import BigInteger, Column, MetaData, Table, Text, Uuid, insert, select, text, update
from sqlalchemy.dialects.postgresql import insert as upsert
from sqlalchemy.ext.asyncio import AsyncSession

metadata = MetaData()
account = Table(
    "account",
    metadata,
    Column("id", Uuid, primary_key=True, server_default=text("uuidv7()")),
    Column("version", BigInteger, nullable=False),
    Column("name", Text, nullable=False),
)
account_copy = Table(
    "account_copy",
    metadata,
    Column("id", Uuid, primary_key=True),
    Column("version", BigInteger, nullable=False),
    Column("name", Text, nullable=False),
    Column("applied", BigInteger, nullable=False),
)


class AccountChanged(Event):
    """An account changed."""

    service: ClassVar[str] = "ledger"
    aggregate: ClassVar[str] = "account"
    happened: ClassVar[str] = "changed"

    name: str


class NewAccount(Wire):
    name: Name
    number: int = 0


class AccountView(Wire):
    id: UUID
    version: int
    name: str


router = APIRouter(prefix="/v1/accounts")
Reader = Annotated[Caller, require("ledger:read")]
Writer = Annotated[Caller, require("ledger:write")]


def view(row: object) -> AccountView:
    return AccountView.model_validate(row, from_attributes=True)


@router.post("", status_code=201)
async def open_account(body: NewAccount, session: Transaction, caller: Writer, once: Once) -> Response:
    async def work() -> AccountView:
        row = (await session.execute(insert(account).values(name=body.name, version=1).returning(account))).one()
        if body.name == "refused":
            raise NotFound("Nothing of this name may be opened.")
        await record(session, AccountChanged(id=row.id, version=1, name=row.name), caller=caller)
        return view(row)

    return await once(session, caller, work, headers=lambda made: {"ETag": etag(made.version)})


@router.get("")
async def list_accounts(session: Snapshot, caller: Reader, asked: Paging, response: Response) -> Page[AccountView]:
    return await page(session, select(account), [account.c.name, account.c.id], asked, response, view)


@router.get("/{account_id}", response_model=None)
async def show_account(
    account_id: UUID, session: Snapshot, caller: Reader, request: Request, response: Response
) -> AccountView | Response:
    row = (await session.execute(select(account).where(account.c.id == account_id))).one_or_none()
    if row is None:
        raise NotFound(f"There is no account {account_id}.")
    if not_modified(request, response, row.version):
        return Response(status_code=304, headers=dict(response.headers))
    return view(row)


@router.patch("/{account_id}")
async def rename_account(
    account_id: UUID, body: NewAccount, session: Transaction, caller: Writer, version: IfMatch
) -> AccountView:
    row = (await session.execute(select(account).where(account.c.id == account_id).with_for_update())).one()
    require_version(version, row.version)
    changed = (
        await session.execute(
            update(account)
            .where(account.c.id == account_id)
            .values(name=body.name, version=row.version + 1)
            .returning(account)
        )
    ).one()
    await record(session, AccountChanged(id=account_id, version=changed.version, name=changed.name), caller=caller)
    return view(changed)


@router.post("/doubtful", status_code=201)
async def fail_at_commit(session: Transaction, caller: Writer) -> dict[str, str]:
    """The deferred constraint fails at commit, when the handler has already returned."""
    await session.execute(text("insert into doubtful values (1), (1)"))
    return {"status": "accepted"}


@router.post("/bug", status_code=201)
async def run_into_a_bug(session: Transaction, caller: Writer) -> dict[str, str]:
    await session.execute(insert(account).values(name="half-written", version=1))
    raise RuntimeError("a secret detail")


@router.post("/files", status_code=202)
async def receive_file(request: Request, caller: Writer) -> dict[str, int]:
    async with spool(request, 2_000_000, {"text/csv"}) as path:
        return {"bytes": path.stat().st_size}


async def keep(session: AsyncSession, event: AccountChanged, envelope: Envelope) -> None:
    if event.name == "poison":
        raise ValueError("this account cannot be kept")
    kept = upsert(account_copy).values(id=event.id, version=event.version, name=event.name, applied=1)
    await session.execute(
        kept.on_conflict_do_update(
            index_elements=["id"],
            set_={
                "version": kept.excluded.version,
                "name": kept.excluded.name,
                "applied": account_copy.c.applied + 1,
            },
            where=kept.excluded.version > account_copy.c.version,
        )
    )


def create_app(settings: ServiceSettings) -> FastAPI:
    return create_service(
        name="ledger",
        title="Ledger",
        description="A service for tests.",
        settings=settings,
        routers=[router],
        reactions={AccountChanged: keep},
        upload_paths=["/v1/accounts/files"],
    )
