"""What schools have used of their quotas."""

from uuid import UUID

from sqlalchemy import Integer, SmallInteger, Text
from sqlalchemy.orm import Mapped, mapped_column

from shared_services.rows import Row


class QuotaUse(Row):
    """How often a school has used a service in a school year; the row is locked while a request is decided."""

    __tablename__ = "quota_use"

    school_id: Mapped[UUID] = mapped_column(primary_key=True)
    offering: Mapped[str] = mapped_column(Text, primary_key=True)
    school_year: Mapped[int] = mapped_column(SmallInteger, primary_key=True)
    used: Mapped[int] = mapped_column(Integer)
