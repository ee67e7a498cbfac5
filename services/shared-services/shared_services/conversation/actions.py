"""What is said about a request: by those who stand on one of its sides today, to those who may see it."""

from datetime import datetime
from pathlib import Path
from typing import Any
from uuid import UUID

from contracts.shared_services import MessagePosted
from kit.auth import Caller
from kit.errors import Forbidden, NotFound
from kit.journal import record
from sqlalchemy import ColumnElement, Select, and_, or_, select, true
from sqlalchemy.dialects.postgresql import insert as upsert
from sqlalchemy.ext.asyncio import AsyncSession

from shared_services.conversation.schemas import AttachmentView, MessageView, NewMessage
from shared_services.conversation.storage import ObjectStore
from shared_services.conversation.tables import Attachment, Message
from shared_services.requests.actions import sides
from shared_services.requests.lifecycle import SCOPES
from shared_services.requests.reading import known_to, readable, unknown
from shared_services.requests.tables import ServiceRequest


async def post_message(
    session: AsyncSession, caller: Caller, request_id: UUID, body: NewMessage, now: datetime
) -> MessageView:
    """Say something about a request. Raises NotFound, Forbidden for whoever only reads it by now."""
    request = await _writable(session, caller, request_id, body.internal, now)
    row = Message(request_id=request_id, **body.model_dump(), **_author(caller, now))
    session.add(row)
    await session.flush()
    await _tell(session, caller, request, row)
    return MessageView.model_validate(row, from_attributes=True)


async def attach_file(
    session: AsyncSession, caller: Caller, store: ObjectStore, file: Path, now: datetime, **said: Any
) -> AttachmentView:
    """Add a file to a request; the same one again is the one that is there. Raises NotFound, Forbidden, Unavailable."""
    request = await _writable(session, caller, said["request_id"], said["internal"], now)
    await store.put(said["sha256"], file)
    values = {**said, **_author(caller, now)}
    row = await session.scalar(upsert(Attachment).values(values).on_conflict_do_nothing().returning(Attachment))
    if row is not None:
        await _tell(session, caller, request, row)
        return AttachmentView.model_validate(row, from_attributes=True)
    same = {name: said[name] for name in ("request_id", "sha256", "internal", "filename")}
    there = (await session.scalars(select(Attachment).filter_by(**same))).one()
    return AttachmentView.model_validate(there, from_attributes=True)


def heard_by(caller: Caller, said: type[Message] | type[Attachment]) -> ColumnElement[bool]:
    """What of a conversation the caller reads: that of its own period; internal notes only if it serves the request."""
    mine = caller.organization_id
    if mine is None:
        return true()
    return and_(
        readable(caller, said.posted_at),
        or_(said.internal.is_(False), ServiceRequest.providing_organization_id == mine),
    )


def messages(caller: Caller, request_id: UUID) -> Select[Message]:
    """The messages about a request that the caller reads."""
    joined = select(Message).join(ServiceRequest, ServiceRequest.id == Message.request_id)
    return joined.where(Message.request_id == request_id, heard_by(caller, Message))


def attachments(caller: Caller) -> Select[Attachment]:
    """The files that the caller may have."""
    joined = select(Attachment).join(ServiceRequest, ServiceRequest.id == Attachment.request_id)
    return joined.where(heard_by(caller, Attachment))


async def find_attachment(session: AsyncSession, caller: Caller, attachment_id: UUID) -> AttachmentView:
    """A file that the caller may have. Raises NotFound."""
    row = await session.scalar(attachments(caller).where(Attachment.id == attachment_id))
    if row is None:
        raise NotFound(f"There is no attachment {attachment_id} of yours.")
    return AttachmentView.model_validate(row, from_attributes=True)


async def _writable(
    session: AsyncSession, caller: Caller, request_id: UUID, internal: bool, now: datetime
) -> ServiceRequest:
    """A request that the caller may say something about today. Raises NotFound, Forbidden."""
    request = await session.scalar(select(ServiceRequest).where(ServiceRequest.id == request_id, known_to(caller)))
    if request is None:
        raise unknown(request_id)
    held = await sides(session, caller, request, now)
    if not held:
        raise Forbidden("You read this request of your own period; whoever answers for the school today writes.")
    if internal and "provider" not in held:
        raise Forbidden("Internal notes are for those who serve the request.")
    scopes = {SCOPES[side] for side in held if side == "provider" or not internal}
    if scopes.isdisjoint(caller.scopes):
        needed = min(scopes)
        raise Forbidden(f"The access token lacks the scope `{needed}`.", scope=needed)
    return request


def _author(caller: Caller, now: datetime) -> dict[str, Any]:
    return {"client_id": caller.client_id, "organization_id": caller.organization_id, "posted_at": now}


async def _tell(session: AsyncSession, caller: Caller, request: ServiceRequest, said: Message | Attachment) -> None:
    """Let the others know that something was said, never what."""
    event = MessagePosted(
        id=said.id,
        version=1,
        request_id=request.id,
        request_number=request.number,
        internal=said.internal,
        author_organization_id=caller.organization_id,
        requesting_organization_id=None if said.internal else request.requesting_organization_id,
        providing_organization_id=request.providing_organization_id,
        attachments=int(isinstance(said, Attachment)),
        posted_at=said.posted_at,
    )
    await record(session, event, caller=caller)
