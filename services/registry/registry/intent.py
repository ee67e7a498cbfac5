"""How a change with consequences is meant: to list them, to do what was seen, or to do it in spite of a lock."""

from dataclasses import dataclass
from typing import Annotated

from fastapi import Depends, Query

from registry.reporting_periods.actions import OverrideReason


@dataclass(frozen=True)
class Intended:
    """`dry_run` lists the consequences and does nothing; `confirm` is the digest of the list that was seen."""

    dry_run: bool = False
    confirm: str | None = None
    override: str | None = None

    @property
    def status(self) -> int:
        """The HTTP status of success."""
        return 200 if self.dry_run else 201


async def _intent(
    dry_run: Annotated[bool, Query(alias="dryRun", description="List what would happen; do nothing.")] = False,
    confirm: Annotated[
        str | None, Query(max_length=64, description="The `digest` of the consequences that were seen.")
    ] = None,
    override: OverrideReason = None,
) -> Intended:
    return Intended(dry_run, confirm, override)


Intent = Annotated[Intended, Depends(_intent)]
