"""A building's identity and its dated facts."""

from uuid import UUID

from sqlalchemy import BigInteger, Float, ForeignKey, Integer, Text, text
from sqlalchemy.orm import Mapped, mapped_column

from registry.dated import Dated
from registry.rows import Row


class Building(Row):
    """A building: its permanent identity and the version of what is known of it."""

    __tablename__ = "building"

    id: Mapped[UUID] = mapped_column(primary_key=True, server_default=text("uuidv7()"))
    version: Mapped[int] = mapped_column(BigInteger)


class BuildingFacts(Dated, Row):
    """What is true of a building during a period."""

    __tablename__ = "building_facts"

    building_id: Mapped[UUID] = mapped_column(ForeignKey("building.id"), index=True)
    name: Mapped[str] = mapped_column(Text)
    owner_id: Mapped[UUID] = mapped_column(ForeignKey("organization.id"), index=True)
    street: Mapped[str | None] = mapped_column(Text)
    city: Mapped[str | None] = mapped_column(Text)
    state: Mapped[str | None] = mapped_column(Text)
    postal_code: Mapped[str | None] = mapped_column(Text)
    latitude: Mapped[float | None] = mapped_column(Float)
    longitude: Mapped[float | None] = mapped_column(Float)
    capacity: Mapped[int | None] = mapped_column(Integer)
    square_feet: Mapped[int | None] = mapped_column(Integer)
    as_is_clause: Mapped[str | None] = mapped_column(Text)
    source: Mapped[str] = mapped_column(Text)
