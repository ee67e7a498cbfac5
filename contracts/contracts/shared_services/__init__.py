"""What shared services says: what a district offers its schools, what they asked for, and what it cost."""

from contracts.event import Event
from contracts.shared_services.charging import (
    BillingPeriodClosed,
    BudgetLaidDown,
    ChargeChanged,
    DisputeChanged,
    ObligationRecorded,
    PriceModel,
    RateChanged,
)
from contracts.shared_services.requests import (
    ContractPromiseChanged,
    EquityReportReleased,
    HandoverDecided,
    MessagePosted,
    OfferingChanged,
    RequestPriority,
    RequestStatus,
    ServiceCategory,
    ServiceKind,
    ServiceRequestChanged,
    WorkOrderChanged,
    WorkOrderStatus,
)

EVENTS: tuple[type[Event], ...] = (
    ServiceRequestChanged,
    OfferingChanged,
    WorkOrderChanged,
    RateChanged,
    ChargeChanged,
    BillingPeriodClosed,
    DisputeChanged,
    ContractPromiseChanged,
    BudgetLaidDown,
    ObligationRecorded,
    MessagePosted,
    HandoverDecided,
    EquityReportReleased,
)

__all__ = [
    "EVENTS",
    "BillingPeriodClosed",
    "BudgetLaidDown",
    "ChargeChanged",
    "ContractPromiseChanged",
    "DisputeChanged",
    "EquityReportReleased",
    "HandoverDecided",
    "MessagePosted",
    "ObligationRecorded",
    "OfferingChanged",
    "PriceModel",
    "RateChanged",
    "RequestPriority",
    "RequestStatus",
    "ServiceCategory",
    "ServiceKind",
    "ServiceRequestChanged",
    "WorkOrderChanged",
    "WorkOrderStatus",
]
