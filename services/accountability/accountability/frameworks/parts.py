"""What framework documents are made of: exact numbers, indicators, tables of cuts, bands and penalties."""

import re
from fractions import Fraction
from itertools import pairwise
from typing import Annotated, Any, Literal, Self

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, PlainSerializer, model_validator

_EXACT = re.compile(r"^\d{1,9}(\.\d{1,9}|/[1-9]\d{0,8})?$")
_SIGNED = re.compile(r"^-?" + _EXACT.pattern[1:])


def _fraction(value: Any) -> Any:
    # No signs, exponents or zero denominators: a weight is a plain number, and 1e999999999 would take all memory.
    if isinstance(value, bool) or not _EXACT.match(str(value)):
        raise ValueError('write a number from 0 (12.5) or a fraction ("5/3")')
    return Fraction(str(value))


Exact = Annotated[
    Fraction,
    BeforeValidator(_fraction),
    PlainSerializer(str, return_type=str),
    Field(description='An exact number: 12.5 or "5/3".', json_schema_extra={"type": "string"}),
]


def _signed(value: Any) -> Any:
    if isinstance(value, bool) or not _SIGNED.match(str(value)):
        raise ValueError('write a number (-12.5) or a fraction ("-5/3")')
    return Fraction(str(value))


Signed = Annotated[
    Fraction,
    BeforeValidator(_signed),
    PlainSerializer(str, return_type=str),
    Field(description='An exact number that may be negative: -12.5 or "-5/3".', json_schema_extra={"type": "string"}),
]


class Part(BaseModel):
    """A part of a document: unknown members refused, values frozen, numbers finite."""

    model_config = ConfigDict(extra="forbid", frozen=True, arbitrary_types_allowed=True, allow_inf_nan=False)


class Indicator(Part):
    """What is measured, and which values are possible. Below `minimum_n` students it counts as missing."""

    title: str
    kind: Literal["number", "category"] = "number"
    minimum: float = 0
    maximum: float = 100
    categories: list[str] = Field(default_factory=list)
    minimum_n: int = Field(default=0, ge=0, le=1_000_000)

    @model_validator(mode="after")
    def _has_values(self) -> Self:
        if self.minimum >= self.maximum:
            raise ValueError("the minimum must be below the maximum")
        return self


class Attribute(Part):
    """A property of the rated subject that the rules read, delivered as a measure of the same code.

    Of kind `subject` it names another subject, by its identifier: the district of a school, the partner of a pair.
    """

    kind: Literal["number", "category", "subject"]
    values: list[str] = Field(default_factory=list)


class Band(Part):
    """A label from a score upwards."""

    label: str
    at_least: float


def check_falling(bands: list[Band]) -> list[Band]:
    """Bands go from the best to the worst. Raises ValueError naming the first that cannot be reached."""
    for better, worse in pairwise(bands):
        if better.at_least <= worse.at_least:
            raise ValueError(f"`{worse.label}` cannot be reached: it must begin below `{better.label}`")
    return bands


class Cut(Part):
    """Points for a value of at least (or, where lower is better, at most) `value`."""

    value: float
    points: float


class Cuts(Part):
    """A table from values to points; a value that reaches no cut earns `otherwise`."""

    lower_is_better: bool = False
    cuts: list[Cut] = Field(min_length=1, max_length=50)
    otherwise: float

    @model_validator(mode="after")
    def _ordered(self) -> Self:
        values = [cut.value for cut in self.cuts]
        points = [cut.points for cut in self.cuts]
        if values != sorted(values, reverse=not self.lower_is_better) or len(set(values)) != len(values):
            raise ValueError("cuts must go from the best value to the worst, each once")
        if points != sorted(points, reverse=True) or self.otherwise > points[-1]:
            raise ValueError("a better value must not earn fewer points")
        return self


class Penalty(Part):
    """Points lost below a participation rate: the first row whose rate is reached applies."""

    at_least: float
    lost: float = Field(ge=0)


def check_penalties(rows: list[Penalty]) -> list[Penalty]:
    """Rates fall to 0, so that every rate has its row, and lower rates never lose less. Raises ValueError."""
    rates, lost = [row.at_least for row in rows], [row.lost for row in rows]
    if rates != sorted(set(rates), reverse=True):
        raise ValueError("rates must go from the highest to the lowest, each once")
    if rates[-1:] != [0]:
        raise ValueError("the last row must be `at_least: 0`, or lower rates have no row")
    if lost != sorted(lost):
        raise ValueError("a lower rate must not lose fewer points")
    return rows
