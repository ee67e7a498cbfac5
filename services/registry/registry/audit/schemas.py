"""What the audit trail looks like on the wire."""

from typing import Any

from contracts.vocabulary import Wire
from pydantic import AwareDatetime, Field


class AuditEntry(Wire):
    """Who changed what, when and why; what was said before and after."""

    sequence: int = Field(description="Gapless, in the order of commits.")
    at: AwareDatetime
    actor: str = Field(description="The client that did it.")
    type: str = Field(examples=["concordat.registry.school.changed.v1"])
    subject: str = Field(examples=["concordat.registry.school.0192f0c1-7a3e-7cc2-8f44-0d6d3c1f5a10"])
    version: int
    trace: str | None
    reason: str | None = Field(description="Where a reason was asked for: a correction, a locked reporting period.")
    before: dict[str, Any] | None
    after: dict[str, Any]
    hash: str | None = Field(description="SHA-256 over the entry before and this one; absent for a moment.")


class AuditHead(Wire):
    """The end of the chain. Keep it: `concordat audit registry --head` proves that nothing before it was changed."""

    sequence: int
    head: str = Field(examples=["1234:9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08"])
