"""Organizations and their dated aliases."""

from datetime import date, datetime
from uuid import UUID

from sqlalchemy import BigInteger, DateTime, ForeignKey, Text, text
from sqlalchemy.dialects.postgresql import ARRAY, DATERANGE, Range
from sqlalchemy.orm import Mapped, mapped_column

from registry.rows import Row


class Organization(Row):
    """An organization; its types say which roles it may hold."""

    __tablename__ = "organization"

    id: Mapped[UUID] = mapped_column(primary_key=True, server_default=text("uuidv7()"))
    version: Mapped[int] = mapped_column(BigInteger)
    name: Mapped[str] = mapped_column(Text)
    short_name: Mapped[str | None] = mapped_column(Text)
    types: Mapped[list[str]] = mapped_column(ARRAY(Text))
    time_zone: Mapped[str | None] = mapped_column(Text)


class OrganizationAlias(Row):
    """An identifier of an organization, given by someone else; nobody else has it at the same time."""

    __tablename__ = "organization_alias"

    id: Mapped[UUID] = mapped_column(primary_key=True, server_default=text("uuidv7()"))
    organization_id: Mapped[UUID] = mapped_column(ForeignKey("organization.id"), index=True)
    system: Mapped[str] = mapped_column(Text)
    value: Mapped[str] = mapped_column(Text)
    during: Mapped[Range[date]] = mapped_column(DATERANGE)
    superseded_at: Mapped[datetime | None] = mapped_column(DateTime(timezone=True))
