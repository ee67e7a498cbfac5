"""HTTP for messages and files."""

import asyncio
from typing import Annotated, Any
from urllib.parse import quote
from uuid import UUID

from fastapi import APIRouter, Query, Request, Response
from fastapi.responses import StreamingResponse
from kit.auth import Caller, require
from kit.bulk import check_content_type, spool
from kit.clock import Now
from kit.db import Snapshot, Transaction
from kit.idempotency import Once
from kit.paging import Page, Paging, page
from kit.problems import problems

from shared_services.conversation import actions
from shared_services.conversation.files import SIGNATURES, check_file, plain_name
from shared_services.conversation.scanning import scan
from shared_services.conversation.schemas import AttachmentView, MessageView, NewMessage
from shared_services.conversation.storage import store_of
from shared_services.conversation.tables import Attachment, Message
from shared_services.requests.reading import read_request
from shared_services.settings import Settings

router = APIRouter(prefix="/v1", tags=["conversation"])
Reader = Annotated[Caller, require("requests:read")]
FILE_BODY: dict[str, Any] = {
    "requestBody": {
        "required": True,
        "content": {media_type: {"schema": {"type": "string", "format": "binary"}} for media_type in SIGNATURES},
    }
}
FILE_ANSWER: dict[int | str, dict[str, Any]] = {
    200: {"content": {"application/octet-stream": {"schema": {"type": "string", "format": "binary"}}}}
}


@router.post(
    "/requests/{request_id}/messages", status_code=201, response_model=MessageView, responses=problems(400, 404, 409)
)
async def post_message(
    request_id: UUID, body: NewMessage, session: Transaction, caller: Reader, now: Now, once: Once
) -> Response:
    """Say something about a request, as its requester (`requests:write`) or its provider (`requests:manage`).

    An internal note stays among those who serve it.
    """

    async def work() -> MessageView:
        return await actions.post_message(session, caller, request_id, body, now)

    return await once(session, caller, work)


@router.get("/requests/{request_id}/messages", responses=problems(400, 404))
async def list_messages(
    request_id: UUID, session: Snapshot, caller: Reader, asked: Paging, response: Response
) -> Page[MessageView]:
    """What was said about a request, the first first."""
    await read_request(session, caller, request_id)
    return await page(session, actions.messages(caller, request_id), [Message.id], asked, response, _message)


@router.get("/requests/{request_id}/attachments", responses=problems(400, 404))
async def list_attachments(
    request_id: UUID, session: Snapshot, caller: Reader, asked: Paging, response: Response
) -> Page[AttachmentView]:
    """The files added to a request."""
    await read_request(session, caller, request_id)
    query = actions.attachments(caller).where(Attachment.request_id == request_id)
    return await page(session, query, [Attachment.id], asked, response, _attachment)


@router.post("/attachments", status_code=201, responses=problems(400, 404, 413, 415, 503), openapi_extra=FILE_BODY)
async def attach_file(
    request: Request,
    session: Transaction,
    caller: Reader,
    now: Now,
    request_id: Annotated[UUID, Query(alias="requestId")],
    filename: Annotated[str, Query(min_length=1, max_length=200, examples=["leak.jpg"])],
    internal: bool = False,
) -> AttachmentView:
    """Add a file, sent as the body, to a request. The same file sent again is the same attachment."""
    settings: Settings = request.app.state.settings
    store, media_type, name = store_of(settings), check_content_type(request, SIGNATURES), plain_name(filename)
    async with spool(request, settings.attachment_limit_bytes, SIGNATURES) as file:
        measured = await asyncio.to_thread(check_file, media_type, file)
        verdict = await scan(settings.scan_command, file, settings.scan_seconds)
        said = {"request_id": request_id, "internal": internal, "filename": name, "media_type": media_type}
        return await actions.attach_file(session, caller, store, file, now, scan=verdict, **said, **measured)


@router.get("/attachments/{attachment_id}", responses=problems(404))
async def show_attachment(attachment_id: UUID, session: Snapshot, caller: Reader) -> AttachmentView:
    """What is known of a file."""
    return await actions.find_attachment(session, caller, attachment_id)


@router.get("/attachments/{attachment_id}/content", response_class=Response, responses=FILE_ANSWER | problems(404, 503))
async def download_attachment(
    attachment_id: UUID, request: Request, session: Snapshot, caller: Reader
) -> StreamingResponse:
    """A file, to be saved: browsers never show or run it in our name."""
    found = await actions.find_attachment(session, caller, attachment_id)
    headers = {
        "Content-Disposition": f"attachment; filename*=UTF-8''{quote(found.filename, safe='')}",
        "Content-Length": str(found.size_bytes),
        "Content-Security-Policy": "default-src 'none'; sandbox",
        "X-Content-Type-Options": "nosniff",
        "Cache-Control": "private, no-store",
        "ETag": f'"{found.sha256}"',
    }
    content = await store_of(request.app.state.settings).read(found.sha256)
    return StreamingResponse(content, media_type=found.media_type, headers=headers)


def _message(row: Message) -> MessageView:
    return MessageView.model_validate(row, from_attributes=True)


def _attachment(row: Attachment) -> AttachmentView:
    return AttachmentView.model_validate(row, from_attributes=True)
