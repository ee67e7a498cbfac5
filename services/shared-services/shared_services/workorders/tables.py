"""Work orders, what was reported of them, and what they took."""

from datetime import datetime
from typing import Any
from uuid import UUID

from contracts.shared_services import WorkOrderStatus
from sqlalchemy import BigInteger, DateTime, ForeignKey, Text, text
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Mapped, mapped_column

from shared_services.rows import Row


class WorkOrder(Row):
    """Work on a request that was handed out; its status is that of the newest report, whenever it came."""

    __tablename__ = "work_order"

    id: Mapped[UUID] = mapped_column(primary_key=True, server_default=text("uuidv7()"))
    version: Mapped[int] = mapped_column(BigInteger)
    number: Mapped[str] = mapped_column(Text, unique=True)
    request_id: Mapped[UUID] = mapped_column(ForeignKey("service_request.id"), index=True)
    district_id: Mapped[UUID] = mapped_column(index=True)
    vendor_id: Mapped[UUID | None] = mapped_column(index=True)
    crew: Mapped[str | None] = mapped_column(Text)
    instructions: Mapped[str] = mapped_column(Text)
    status: Mapped[WorkOrderStatus] = mapped_column(Text)
    external_id: Mapped[str | None] = mapped_column(Text)
    issued_at: Mapped[datetime] = mapped_column(DateTime(timezone=True))
    updated_at: Mapped[datetime] = mapped_column(DateTime(timezone=True))


class WorkOrderUpdate(Row):
    """A report of whoever does the work, as it was sent."""

    __tablename__ = "work_order_update"

    work_order_id: Mapped[UUID] = mapped_column(ForeignKey("work_order.id"), primary_key=True)
    update_id: Mapped[str] = mapped_column(Text, primary_key=True)
    status: Mapped[str] = mapped_column(Text)
    at: Mapped[datetime] = mapped_column(DateTime(timezone=True))
    sequence: Mapped[int | None] = mapped_column(BigInteger)
    external_id: Mapped[str | None] = mapped_column(Text)
    note: Mapped[str] = mapped_column(Text)
    received_at: Mapped[datetime] = mapped_column(DateTime(timezone=True))


class WorkOrderEntry(Row):
    """Labor or parts of a work order."""

    __tablename__ = "work_order_entry"

    id: Mapped[UUID] = mapped_column(primary_key=True, server_default=text("uuidv7()"))
    work_order_id: Mapped[UUID] = mapped_column(ForeignKey("work_order.id"), index=True)
    entry: Mapped[dict[str, Any]] = mapped_column(JSONB)
    cents: Mapped[int] = mapped_column(BigInteger)
    recorded_at: Mapped[datetime] = mapped_column(DateTime(timezone=True))
