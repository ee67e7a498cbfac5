"""Messages and attached files. Files themselves lie in an object store under their hash."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import BigInteger, Boolean, DateTime, ForeignKey, Index, Text, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column

from shared_services.rows import Row


class Message(Row):
    """Something said about a request; an internal one only among those who serve it."""

    __tablename__ = "message"
    __table_args__ = (Index("ix_message_request_id_id", "request_id", "id"),)

    id: Mapped[UUID] = mapped_column(primary_key=True, server_default=text("uuidv7()"))
    request_id: Mapped[UUID] = mapped_column(ForeignKey("service_request.id"))
    internal: Mapped[bool] = mapped_column(Boolean)
    text: Mapped[str] = mapped_column(Text)
    client_id: Mapped[str] = mapped_column(Text)
    organization_id: Mapped[UUID | None]
    posted_at: Mapped[datetime] = mapped_column(DateTime(timezone=True))


class Attachment(Row):
    """A file added to a request."""

    __tablename__ = "attachment"
    __table_args__ = (UniqueConstraint("request_id", "sha256", "internal", "filename"),)

    id: Mapped[UUID] = mapped_column(primary_key=True, server_default=text("uuidv7()"))
    request_id: Mapped[UUID] = mapped_column(ForeignKey("service_request.id"))
    internal: Mapped[bool] = mapped_column(Boolean)
    filename: Mapped[str] = mapped_column(Text)
    media_type: Mapped[str] = mapped_column(Text)
    size_bytes: Mapped[int] = mapped_column(BigInteger)
    sha256: Mapped[str] = mapped_column(Text)
    scan: Mapped[str] = mapped_column(Text)
    client_id: Mapped[str] = mapped_column(Text)
    organization_id: Mapped[UUID | None]
    posted_at: Mapped[datetime] = mapped_column(DateTime(timezone=True))
