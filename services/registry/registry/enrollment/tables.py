"""A school's enrollment policies: an identity that stays, and revisions of what is said of it."""

from typing import Any
from uuid import UUID

from sqlalchemy import ForeignKey, Text
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Mapped, mapped_column

from registry.revisions import Identity, Revision
from registry.rows import Row


class EnrollmentPolicy(Identity, Row):
    """A policy of a school."""

    __tablename__ = "enrollment_policy"

    school_id: Mapped[UUID] = mapped_column(ForeignKey("school.id"), index=True)


class EnrollmentPolicyRevision(Revision, Row):
    """What is said of a policy; a school has one policy at a time."""

    __tablename__ = "enrollment_policy_revision"

    id: Mapped[UUID] = mapped_column(ForeignKey("enrollment_policy.id"), primary_key=True)
    subject_id: Mapped[UUID] = mapped_column(comment="The school, for the constraint.")
    policy_type: Mapped[str] = mapped_column(Text)
    area_id: Mapped[str | None] = mapped_column(Text)
    tiers: Mapped[list[dict[str, Any]]] = mapped_column(JSONB)
    seats: Mapped[list[dict[str, Any]]] = mapped_column(JSONB)
    refusal: Mapped[str | None] = mapped_column(Text)
    mid_year_entry: Mapped[str] = mapped_column(Text)
    mid_year_says: Mapped[str | None] = mapped_column(Text)
    grandfathering: Mapped[list[dict[str, Any]]] = mapped_column(JSONB)
    transport: Mapped[list[dict[str, Any]]] = mapped_column(JSONB)
    agreement_id: Mapped[UUID | None] = mapped_column(ForeignKey("agreement.id"), index=True)
    source: Mapped[str] = mapped_column(Text)
