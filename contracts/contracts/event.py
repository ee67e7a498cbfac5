"""The event: what every message between services looks like (CloudEvents 1.0, structured JSON)."""

from collections.abc import Iterable
from typing import Any, ClassVar, Self
from uuid import UUID

from pydantic import AwareDatetime, BaseModel, ConfigDict

from contracts.vocabulary import Wire


class Event(Wire):
    """Something that happened to one aggregate, carrying the aggregate's whole public state and its version.

    A consumer keeps the highest version it has seen: duplicates, replays and reordering then do no harm.
    Consumers read leniently (unknown members are ignored), so that an owner may add members.
    """

    model_config = ConfigDict(extra="ignore")

    service: ClassVar[str]
    aggregate: ClassVar[str]
    happened: ClassVar[str]
    event_version: ClassVar[int] = 1

    id: UUID
    version: int

    @classmethod
    def read(cls, data: dict[str, Any]) -> Self:
        """The event that `data` tells, at every depth without the members that this consumer does not know.

        Raises ValidationError.
        """
        return cls.model_validate(data, extra="ignore")

    @classmethod
    def type(cls) -> str:
        """The CloudEvents type, e.g. `concordat.registry.school.changed.v1`."""
        return f"concordat.{cls.service}.{cls.aggregate}.{cls.happened}.v{cls.event_version}"

    def subject(self) -> str:
        """The NATS subject: one per aggregate, so that the last message of a subject is its newest state."""
        return f"concordat.{self.service}.{self.aggregate}.{self.id}"


class Envelope(BaseModel):
    """A CloudEvents 1.0 envelope in structured mode. `sequence` is gapless per service, `changeversion` comparable
    between services (microseconds since 1970, monotonic)."""

    model_config = ConfigDict(extra="ignore")

    specversion: str = "1.0"
    id: UUID
    source: str
    type: str
    subject: str
    time: AwareDatetime
    datacontenttype: str = "application/json"
    sequence: int
    changeversion: int
    traceparent: str | None = None
    data: dict[str, Any]


def by_type(events: Iterable[type[Event]]) -> dict[str, type[Event]]:
    """Event classes by their CloudEvents type."""
    return {event.type(): event for event in events}
