"""What a work order's reports mean: the newest one counts, and a request follows its work orders."""

from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Protocol

from contracts.shared_services import RequestStatus, WorkOrderStatus

from shared_services.workorders.schemas import Labor, Parts

ENDED: set[WorkOrderStatus] = {"declined", "cancelled"}
READY: set[RequestStatus] = {"accepted", "triaged", "assigned", "scheduled", "in-progress", "on-hold"}
"""The statuses of a request whose work can be handed out."""


class Report(Protocol):
    """What of a report says how new it is."""

    @property
    def sequence(self) -> int | None:
        """The sender's count."""

    @property
    def at(self) -> datetime:
        """The sender's clock."""

    @property
    def update_id(self) -> str:
        """The sender's number, which settles what is otherwise the same."""


def age(report: Report) -> tuple[int, datetime, str]:
    """What orders reports, whenever they arrive: the sender's count if it keeps one, then its clock."""
    return report.sequence or 0, report.at, report.update_id


def follow(start: RequestStatus, statuses: Iterable[WorkOrderStatus]) -> Sequence[RequestStatus]:
    """The steps that a request takes by what its work orders say; none if it is there, or it takes none by itself."""
    going = [status for status in statuses if status not in ENDED]
    begun: Sequence[RequestStatus] = () if start == "in-progress" else ("in-progress",)
    if start not in ("assigned", "scheduled", "in-progress", "on-hold") or not going:
        return ()
    if all(status == "completed" for status in going):
        return (*begun, "completed")
    if "on-site" in going:
        return begun
    waits = "on-hold" in going and start != "on-hold"
    return ("on-hold",) if waits else ()


def cents_of(entry: Labor | Parts) -> int:
    """What an entry comes to in whole cents; half a cent is rounded up."""
    if isinstance(entry, Parts):
        return entry.quantity * entry.unit_cents
    return (entry.minutes * entry.cents_per_hour * 2 + 60) // 120
