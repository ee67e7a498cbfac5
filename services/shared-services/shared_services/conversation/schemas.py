"""What messages and files look like on the wire."""

from datetime import datetime
from typing import Literal
from uuid import UUID

from contracts.vocabulary import Wire
from kit.text import Text
from pydantic import Field


class NewMessage(Wire):
    """Something to say about a request."""

    text: Text = Field(pattern=r"\S", examples=["The technician comes on Thursday morning."])
    internal: bool = Field(default=False, description="True for a note among those who serve the request.")


class _Said(Wire):
    id: UUID
    request_id: UUID
    internal: bool
    client_id: str
    organization_id: UUID | None
    posted_at: datetime


class MessageView(_Said):
    """Something said about a request."""

    text: str


class AttachmentView(_Said):
    """A file added to a request; its content is at `/v1/attachments/{id}/content`."""

    filename: str
    media_type: str
    size_bytes: int
    sha256: str = Field(description="The content's hash, in hexadecimal digits.")
    scan: Literal["clean", "unscanned"] = Field(description="Whether it was looked through for malware.")
