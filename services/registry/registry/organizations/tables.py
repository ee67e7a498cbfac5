"""Organizations and their dated aliases."""

from datetime import date
from uuid import UUID

from sqlalchemy import BigInteger, ForeignKey, Index, Text, text
from sqlalchemy.dialects.postgresql import ARRAY
from sqlalchemy.orm import Mapped, mapped_column

from registry.dated import Dated
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
    dissolved_on: Mapped[date | None]


class OrganizationAlias(Dated, Row):
    """An identifier of an organization, given by someone else; nobody else has it at the same time."""

    __tablename__ = "organization_alias"
    __table_args__ = (Index(None, "system", "value"),)

    organization_id: Mapped[UUID] = mapped_column(ForeignKey("organization.id"), index=True)
    system: Mapped[str] = mapped_column(Text)
    value: Mapped[str] = mapped_column(Text)
