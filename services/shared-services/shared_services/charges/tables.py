"""Rates and the laws on them, obligations, the ledger's lines, closed months, disputes and settlements."""

from datetime import date, datetime
from typing import Any
from uuid import UUID

from sqlalchemy import BigInteger, Date, DateTime, ForeignKey, Index, SmallInteger, Text, UniqueConstraint, text
from sqlalchemy.dialects.postgresql import DATERANGE, JSONB, Range
from sqlalchemy.orm import Mapped, mapped_column

from shared_services.charges.vocabulary import ChargeKind, ChargeStage
from shared_services.rows import Row


class Rate(Row):
    """What a unit of a service costs a kind of school during a period. Never changed, only ended.

    The database refuses two for the same at the same time (`ex_rate_terms`).
    """

    __tablename__ = "rate"

    id: Mapped[UUID] = mapped_column(primary_key=True, server_default=text("uuidv7()"))
    version: Mapped[int] = mapped_column(BigInteger)
    district_id: Mapped[UUID] = mapped_column(index=True)
    offering: Mapped[str] = mapped_column(Text)
    purpose: Mapped[str] = mapped_column(Text)
    unit: Mapped[str] = mapped_column(Text)
    arrangement: Mapped[str | None] = mapped_column(Text)
    agreement_kind: Mapped[str | None] = mapped_column(Text)
    cents_per_unit: Mapped[int] = mapped_column(BigInteger)
    cost_basis_cents: Mapped[int] = mapped_column(BigInteger)
    currency: Mapped[str] = mapped_column(Text)
    method: Mapped[str] = mapped_column(Text)
    source: Mapped[str] = mapped_column(Text)
    approval_threshold_cents: Mapped[int | None] = mapped_column(BigInteger)
    during: Mapped[Range[date]] = mapped_column(DATERANGE)


class ChargingRule(Row):
    """What a law or an agreement says about a district's prices during a period."""

    __tablename__ = "charging_rule"

    id: Mapped[UUID] = mapped_column(primary_key=True, server_default=text("uuidv7()"))
    district_id: Mapped[UUID] = mapped_column(index=True)
    kind: Mapped[str] = mapped_column(Text)
    arrangement: Mapped[str | None] = mapped_column(Text)
    cap_cents: Mapped[int | None] = mapped_column(BigInteger)
    clause: Mapped[str] = mapped_column(Text)
    during: Mapped[Range[date]] = mapped_column(DATERANGE)


class Obligation(Row):
    """A sum that a school's operator owes the district over years. Its balance is what the ledger leaves of it."""

    __tablename__ = "obligation"

    id: Mapped[UUID] = mapped_column(primary_key=True, server_default=text("uuidv7()"))
    version: Mapped[int] = mapped_column(BigInteger)
    district_id: Mapped[UUID] = mapped_column(index=True)
    school_id: Mapped[UUID]
    debtor_id: Mapped[UUID] = mapped_column(index=True)
    agreement_id: Mapped[UUID | None]
    kind: Mapped[str] = mapped_column(Text)
    name: Mapped[str] = mapped_column(Text)
    principal_cents: Mapped[int] = mapped_column(BigInteger)
    currency: Mapped[str] = mapped_column(Text)
    schedule: Mapped[list[dict[str, Any]]] = mapped_column(JSONB)
    on_non_renewal: Mapped[str] = mapped_column(Text)
    source: Mapped[str] = mapped_column(Text)
    recorded_at: Mapped[datetime] = mapped_column(DateTime(timezone=True))


class Charge(Row):
    """A line of the ledger. Once accrued, the database refuses every change of it (`charge_stays`).

    A request is charged once by a rate, or by several, or it is included: the database refuses both (`ex_charge_once`;
    a line without a rate stands in the way of every rate).
    """

    __tablename__ = "charge"
    __table_args__ = (
        Index("ix_charge_district_id_month", "district_id", "month"),
        Index("ix_charge_payer_id_month", "payer_id", "month"),
        Index("ix_charge_first_id", "first_id"),
        Index("uq_charge_fee", "request_id", unique=True, postgresql_where=text("kind = 'fee'")),
        Index(
            "uq_charge_repayment",
            "obligation_id",
            "installment",
            unique=True,
            postgresql_where=text("kind = 'repayment'"),
        ),
        Index("uq_charge_reversed", "first_id", unique=True, postgresql_where=text("kind = 'reversal'")),
    )

    id: Mapped[UUID] = mapped_column(primary_key=True, server_default=text("uuidv7()"))
    version: Mapped[int] = mapped_column(BigInteger)
    kind: Mapped[ChargeKind] = mapped_column(Text)
    stage: Mapped[ChargeStage] = mapped_column(Text)
    district_id: Mapped[UUID]
    school_id: Mapped[UUID]
    payer_id: Mapped[UUID]
    offering: Mapped[str] = mapped_column(Text)
    request_id: Mapped[UUID | None] = mapped_column(ForeignKey("service_request.id"))
    rate_id: Mapped[UUID | None] = mapped_column(ForeignKey("rate.id"))
    first_id: Mapped[UUID | None] = mapped_column(ForeignKey("charge.id"))
    obligation_id: Mapped[UUID | None] = mapped_column(ForeignKey("obligation.id"))
    installment: Mapped[int | None] = mapped_column(SmallInteger)
    service_date: Mapped[date] = mapped_column(Date)
    service_to: Mapped[date | None] = mapped_column(Date)
    month: Mapped[date | None] = mapped_column(Date)
    amount_cents: Mapped[int] = mapped_column(BigInteger)
    currency: Mapped[str] = mapped_column(Text)
    reckoning: Mapped[dict[str, Any]] = mapped_column(JSONB)
    reason: Mapped[str | None] = mapped_column(Text)
    posted_at: Mapped[datetime] = mapped_column(DateTime(timezone=True))


class BillingPeriod(Row):
    """A closed month of a district: with it, every earlier one. It takes no more lines."""

    __tablename__ = "billing_period"
    __table_args__ = (UniqueConstraint("district_id", "month"),)

    id: Mapped[UUID] = mapped_column(primary_key=True, server_default=text("uuidv7()"))
    district_id: Mapped[UUID]
    month: Mapped[date] = mapped_column(Date)
    closed_at: Mapped[datetime] = mapped_column(DateTime(timezone=True))


class Settlement(Row):
    """What finance netted or received for a payer's month."""

    __tablename__ = "settlement"
    __table_args__ = (UniqueConstraint("district_id", "payer_id", "month", "currency"),)

    id: Mapped[UUID] = mapped_column(primary_key=True, server_default=text("uuidv7()"))
    district_id: Mapped[UUID]
    payer_id: Mapped[UUID]
    month: Mapped[date] = mapped_column(Date)
    currency: Mapped[str] = mapped_column(Text)
    net_cents: Mapped[int] = mapped_column(BigInteger)
    reference: Mapped[str] = mapped_column(Text)
    settled_at: Mapped[datetime] = mapped_column(DateTime(timezone=True))


class Dispute(Row):
    """A payer's objection to a billed line, and what the district decided about it."""

    __tablename__ = "dispute"
    __table_args__ = (Index("uq_dispute_open", "charge_id", unique=True, postgresql_where=text("decision is null")),)

    id: Mapped[UUID] = mapped_column(primary_key=True, server_default=text("uuidv7()"))
    version: Mapped[int] = mapped_column(BigInteger)
    charge_id: Mapped[UUID] = mapped_column(ForeignKey("charge.id"), index=True)
    reason: Mapped[str] = mapped_column(Text)
    appeal_clause: Mapped[str | None] = mapped_column(Text)
    responder_id: Mapped[UUID]
    raised_at: Mapped[datetime] = mapped_column(DateTime(timezone=True))
    answer_by: Mapped[date] = mapped_column(Date)
    decision: Mapped[str | None] = mapped_column(Text)
    decision_reason: Mapped[str | None] = mapped_column(Text)
    decided_at: Mapped[datetime | None] = mapped_column(DateTime(timezone=True))
