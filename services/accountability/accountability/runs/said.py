"""What is said of a school: by a run, by an order, by a revision. The same words say the same thing."""

from dataclasses import dataclass, field
from typing import Any, Protocol, Self
from uuid import UUID


class Saying(Protocol):
    """A row that says how a school is rated."""

    @property
    def status(self) -> str: ...
    @property
    def rating(self) -> str: ...
    @property
    def score(self) -> float | None: ...
    @property
    def reason(self) -> str | None: ...
    @property
    def reason_code(self) -> str | None: ...
    @property
    def labels(self) -> dict[str, Any]: ...


@dataclass(frozen=True)
class Said:
    """A rating, or that there is none and why. A score may be there without a rating."""

    status: str
    rating: str
    score: float | None
    reason: str | None
    # Follows from the reason; what was published before there were codes is the same without one.
    reason_code: str | None = field(compare=False)
    labels: dict[str, Any]
    order_id: UUID | None = None
    legal_source: str | None = None

    @classmethod
    def of(cls, row: Saying) -> Self:
        """What a staged rating or a revision says."""
        decided = {name: getattr(row, name, None) for name in ("order_id", "legal_source")}
        return cls(row.status, row.rating, row.score, row.reason, row.reason_code, dict(row.labels), **decided)
