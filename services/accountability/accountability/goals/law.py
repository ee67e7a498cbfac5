"""Laws that forbid a district to set goals of its own, by the kind of instrument."""

from collections.abc import Mapping
from typing import NamedTuple

from kit.errors import FieldError, Invalid


class Prohibition(NamedTuple):
    """What is forbidden, and where that is written."""

    rule: str
    citation: str


NO_GOALS_BEYOND_THE_CHARTER: Mapping[str, Prohibition] = {
    "in-innovation-network-charter-agreement": Prohibition(
        "The district may not add goals beyond those in the charter", "IC 20-25.7-5"
    ),
}
"""Instrument kind -> the law. What the charter itself lays down may be recorded."""


class ExtraGoalForbidden(Invalid):
    """The law forbids goals beyond the charter"""

    type = "extra-goal-forbidden"


def require_allowed(instrument: str, laid_down_in: str) -> None:
    """Raise ExtraGoalForbidden for a goal that only the agreement lays down, where the law allows none."""
    forbidden = NO_GOALS_BEYOND_THE_CHARTER.get(instrument)
    if forbidden is None or laid_down_in == "charter":
        return
    mend = "record only goals that the charter lays down, with `laidDownIn` `charter` and its clause"
    raise ExtraGoalForbidden(
        f"{forbidden.rule} ({forbidden.citation}).",
        errors=[FieldError("laidDownIn", "no-goals-beyond-the-charter", mend, value=laid_down_in)],
        rule=forbidden.rule,
        citation=forbidden.citation,
        instrument=instrument,
    )
