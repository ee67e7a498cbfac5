"""Rules, waivers and autonomies: an identity that stays, and revisions of what is said of it."""

from typing import Any
from uuid import UUID

from sqlalchemy import ForeignKey, Text, Uuid
from sqlalchemy.dialects.postgresql import ARRAY, JSONB
from sqlalchemy.orm import Mapped, mapped_column

from registry.revisions import Identity, Revision
from registry.rows import Row


class Rule(Identity, Row):
    """A rule that binds schools."""

    __tablename__ = "rule"


class RuleRevision(Revision, Row):
    """What is said of a rule."""

    __tablename__ = "rule_revision"

    id: Mapped[UUID] = mapped_column(ForeignKey("rule.id"), primary_key=True)
    layer: Mapped[str] = mapped_column(Text)
    citation: Mapped[str] = mapped_column(Text)
    title: Mapped[str] = mapped_column(Text)
    organization_id: Mapped[UUID | None] = mapped_column(ForeignKey("organization.id"))
    agreement_id: Mapped[UUID | None] = mapped_column(ForeignKey("agreement.id"), index=True)
    decision_right: Mapped[str | None] = mapped_column(Text)
    part_of: Mapped[list[str]] = mapped_column(ARRAY(Text))
    never_waived_by: Mapped[str | None] = mapped_column(Text)
    successor_id: Mapped[UUID | None] = mapped_column(ForeignKey("rule.id"))
    source: Mapped[str] = mapped_column(Text)


class Waiver(Identity, Row):
    """A waiver under an agreement."""

    __tablename__ = "waiver"

    agreement_id: Mapped[UUID] = mapped_column(ForeignKey("agreement.id"), index=True)


class WaiverRevision(Revision, Row):
    """What is said of a waiver."""

    __tablename__ = "waiver_revision"

    id: Mapped[UUID] = mapped_column(ForeignKey("waiver.id"), primary_key=True)
    clause: Mapped[str] = mapped_column(Text)
    kind: Mapped[str] = mapped_column(Text)
    rule_id: Mapped[UUID | None] = mapped_column(ForeignKey("rule.id"), index=True)
    layers: Mapped[list[str]] = mapped_column(ARRAY(Text))
    exceptions: Mapped[list[dict[str, Any]]] = mapped_column(JSONB)
    school_ids: Mapped[list[UUID]] = mapped_column(ARRAY(Uuid))
    applies_to: Mapped[str | None] = mapped_column(Text)
    condition: Mapped[str | None] = mapped_column(Text)
    replacement_plan: Mapped[str] = mapped_column(Text)
    approver: Mapped[str] = mapped_column(Text)


class Autonomy(Identity, Row):
    """A right to decide at a school, or at all schools of a zone."""

    __tablename__ = "autonomy"

    school_id: Mapped[UUID | None] = mapped_column(ForeignKey("school.id"), index=True)
    zone_id: Mapped[UUID | None] = mapped_column(ForeignKey("organization.id"), index=True)


class AutonomyRevision(Revision, Row):
    """What is said of a right to decide; a holder has one level of it at a time."""

    __tablename__ = "autonomy_revision"

    id: Mapped[UUID] = mapped_column(ForeignKey("autonomy.id"), primary_key=True)
    subject_id: Mapped[UUID] = mapped_column(comment="The school or zone, for the constraint.")
    decision_right: Mapped[str] = mapped_column(Text)
    level: Mapped[str] = mapped_column(Text)
    holder_id: Mapped[UUID | None] = mapped_column(ForeignKey("organization.id"))
    holder_body: Mapped[str | None] = mapped_column(Text)
    condition: Mapped[str | None] = mapped_column(Text)
    agreement_id: Mapped[UUID | None] = mapped_column(ForeignKey("agreement.id"), index=True)
    clause: Mapped[str] = mapped_column(Text)
