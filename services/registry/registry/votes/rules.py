"""How a vote is counted: whole votes from exact fractions. Nothing here ever sees a floating-point number."""

from dataclasses import dataclass
from fractions import Fraction
from math import ceil
from typing import Literal

from kit.errors import FieldError

from registry.instruments.thresholds import MAJORITY, Base

Verdict = Literal["passed", "failed", "tied", "no-electorate"]


@dataclass(frozen=True)
class Tally:
    """What was counted. Abstentions are votes cast."""

    eligible: int
    cast: int
    yes: int
    no: int
    abstain: int


@dataclass(frozen=True)
class Outcome:
    """What a tally comes to: so many yes were needed of so many voters."""

    verdict: Verdict
    needed: int
    voters: int

    @property
    def passed(self) -> bool:
        """True if the body consented."""
        return self.verdict == "passed"


def needed(threshold: str, voters: int) -> int:
    """The whole votes that `threshold` asks of `voters`; never fewer than one."""
    if threshold == MAJORITY:
        return voters // 2 + 1
    return max(1, ceil(Fraction(threshold) * voters))


def count(tally: Tally, threshold: str, base: Base) -> Outcome:
    """The outcome of a vote. A body of nobody decides nothing: it neither consents nor refuses."""
    voters = tally.eligible if base == "of-eligible" else tally.cast
    wanted = needed(threshold, voters)
    if tally.eligible == 0:
        return Outcome("no-electorate", wanted, 0)
    if tally.yes >= wanted:
        return Outcome("passed", wanted, voters)
    return Outcome("tied" if tally.yes == tally.no > 0 else "failed", wanted, voters)


def contradictions(tally: Tally) -> list[FieldError]:
    """Everything about a tally that cannot be."""
    errors = []
    if tally.cast > tally.eligible:
        errors.append(FieldError("cast", "at-most-eligible", f"{tally.cast} cast, but {tally.eligible} were eligible"))
    marked = tally.yes + tally.no + tally.abstain
    if marked > tally.cast:
        message = f"yes, no and abstain add up to {marked}, but {tally.cast} were cast"
        errors.append(FieldError("yes", "at-most-cast", message))
    return errors
