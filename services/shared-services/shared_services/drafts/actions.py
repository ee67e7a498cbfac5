"""What an author does with drafts: begin, revise, discard and submit them. Nothing of it is told to anybody."""

from datetime import datetime
from uuid import UUID

from kit.auth import Caller
from kit.errors import FieldError, Invalid, NotFound
from kit.preconditions import require_version
from pydantic import ValidationError
from sqlalchemy import Select, select
from sqlalchemy.ext.asyncio import AsyncSession

from shared_services.drafts.schemas import DraftBody, DraftView
from shared_services.drafts.tables import Draft
from shared_services.requests.entering import submit_request
from shared_services.requests.schemas import NewRequest, RequestView


async def begin_draft(session: AsyncSession, caller: Caller, body: DraftBody, now: datetime) -> DraftView:
    """Keep a request that is not ready yet."""
    draft = Draft(version=1, organization_id=caller.organization_id, body=_said(body), created_at=now, updated_at=now)
    session.add(draft)
    await session.flush()
    return shape(draft)


async def revise_draft(
    session: AsyncSession, caller: Caller, draft_id: UUID, body: DraftBody, version: int, now: datetime
) -> DraftView:
    """Write a draft anew, all of it. Raises NotFound, PreconditionFailed."""
    draft = await _held(session, caller, draft_id, version)
    draft.body, draft.version, draft.updated_at = _said(body), draft.version + 1, now
    return shape(draft)


async def discard_draft(session: AsyncSession, caller: Caller, draft_id: UUID, version: int) -> None:
    """Throw a draft away. Raises NotFound, PreconditionFailed."""
    await session.delete(await _held(session, caller, draft_id, version))


async def submit_draft(
    session: AsyncSession, caller: Caller, draft_id: UUID, version: int, now: datetime
) -> RequestView:
    """Make a request of a draft, which is then gone; its refusal for a form error leaves the draft as it is.

    Raises NotFound, PreconditionFailed, Invalid with all that is missing or wrong, ExternalIdTaken.
    """
    draft = await _held(session, caller, draft_id, version)
    try:
        body = NewRequest.model_validate(draft.body)
    except ValidationError as wrong:
        found = ((".".join(map(str, error["loc"])), error["type"], error["msg"]) for error in wrong.errors())
        errors = [FieldError(*one) for one in found]
        raise Invalid("The draft is not ready to be submitted; see `errors`.", errors=errors) from wrong
    view = await submit_request(session, caller, body, now, draft_id)
    await session.delete(draft)
    return view


async def find_draft(session: AsyncSession, caller: Caller, draft_id: UUID) -> DraftView:
    """A draft of the caller's organization. Raises NotFound."""
    draft = await session.scalar(drafts(caller).where(Draft.id == draft_id))
    if draft is None:
        raise _unknown(draft_id)
    return shape(draft)


def drafts(caller: Caller) -> Select[Draft]:
    """The drafts of the caller's own organization, and of nobody else, whoever it is."""
    return select(Draft).where(Draft.organization_id.is_not_distinct_from(caller.organization_id))


def shape(draft: Draft) -> DraftView:
    """A draft as it is shown."""
    facts = {name: getattr(draft, name) for name in ("id", "version", "created_at", "updated_at")}
    return DraftView(request=DraftBody.model_validate(draft.body), **facts)


async def _held(session: AsyncSession, caller: Caller, draft_id: UUID, version: int) -> Draft:
    draft = await session.scalar(drafts(caller).where(Draft.id == draft_id).with_for_update())
    if draft is None:
        raise _unknown(draft_id)
    require_version(version, draft.version)
    return draft


def _said(body: DraftBody) -> dict[str, object]:
    return body.model_dump(mode="json", by_alias=True, exclude_none=True)


def _unknown(draft_id: UUID) -> NotFound:
    return NotFound(f"There is no draft {draft_id} of yours.")
