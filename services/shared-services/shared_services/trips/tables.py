"""Trips beside their requests, and versions of fleets."""

from uuid import UUID

from sqlalchemy import ForeignKey, Integer, Text, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from shared_services.clocks.tables import Versioned
from shared_services.rows import Row


class Fleet(Versioned, Row):
    """A district's vehicles for trips and the days without."""

    __tablename__ = "fleet"
    __table_args__ = (UniqueConstraint("district_id", "version"),)


class Trip(Row):
    """What a trip carries where; its hours and its status are the request's."""

    __tablename__ = "trip"

    request_id: Mapped[UUID] = mapped_column(ForeignKey("service_request.id"), primary_key=True)
    destination: Mapped[str] = mapped_column(Text)
    headcount: Mapped[int] = mapped_column(Integer)
    wheelchairs: Mapped[int] = mapped_column(Integer)
    aides: Mapped[int] = mapped_column(Integer)
    vehicle: Mapped[str] = mapped_column(Text)
    vehicle_count: Mapped[int] = mapped_column(Integer)
