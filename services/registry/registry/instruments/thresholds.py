"""What share of whom must say yes, written exactly."""

from typing import Annotated, Any, Literal

from pydantic import BeforeValidator

MAJORITY = "majority"
Base = Literal["of-eligible", "of-cast"]


def _threshold(value: Any) -> str:
    if value == MAJORITY:
        return MAJORITY
    parts = value.split("/") if isinstance(value, str) else []
    if len(parts) != 2 or not all(part.isascii() and part.isdigit() and len(part) <= 6 for part in parts):
        raise ValueError('write an exact fraction such as "3/5" or "67/100", or "majority"')
    above, below = int(parts[0]), int(parts[1])
    if not 0 < above <= below:
        raise ValueError("the fraction must lie above 0 and not above 1")
    return f"{above}/{below}"


Threshold = Annotated[str, BeforeValidator(_threshold)]
"""The share of voters that must say yes: "majority" (more than half) or an exact fraction (at least that)."""
