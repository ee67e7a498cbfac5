"""How a published figure follows from other published figures, in exact decimals and without our engine."""

import re
from collections.abc import Mapping, Sequence
from decimal import ROUND_HALF_UP, Decimal
from typing import Self

from pydantic import BaseModel, ConfigDict, model_validator

NUMBER = re.compile(r"[+-]?(\d+\.?\d*|\.\d+)(e[+-]?\d{1,3})?", re.ASCII | re.IGNORECASE)
LARGEST = Decimal(10) ** 15
"""No published figure is so large, and sums of smaller ones are exact."""


class Unknown(BaseModel):
    """A part of a mean that is not published, and between which values it must lie."""

    model_config = ConfigDict(extra="forbid")

    weight: Decimal
    least: Decimal
    most: Decimal


class Formula(BaseModel):
    """A weighted mean of columns, rounded half up; with an unknown part, all values that it can have."""

    model_config = ConfigDict(extra="forbid")

    mean: dict[str, Decimal]
    unknown: Unknown | None = None
    places: int = 0

    @model_validator(mode="after")
    def _something(self) -> Self:
        if not self.mean and self.unknown is None:
            raise ValueError("a formula is of columns, or of something unknown")
        return self

    def range(self, row: Mapping[str, str]) -> tuple[Decimal, Decimal] | None:
        """The least and the most that it gives for a row; None if one of its columns has no figure."""
        figures = {column: decimal(row.get(column)) for column in self.mean}
        parts = [weight * figure for column, weight in self.mean.items() if (figure := figures[column]) is not None]
        if len(parts) < len(self.mean):
            return None
        weights, known = sum(self.mean.values(), Decimal(0)), sum(parts, Decimal(0))
        if self.unknown is None:
            return (self._rounded(known / weights),) * 2
        all_weights = weights + self.unknown.weight
        least, most = ((known + self.unknown.weight * v) / all_weights for v in (self.unknown.least, self.unknown.most))
        return self._rounded(least), self._rounded(most)

    def _rounded(self, value: Decimal) -> Decimal:
        return value.quantize(Decimal(1).scaleb(-self.places), ROUND_HALF_UP)


def gives(formulas: Sequence[Formula], row: Mapping[str, str]) -> tuple[Decimal, Decimal] | None:
    """What the first formula whose columns are all there gives for a row."""
    return next((found for formula in formulas if (found := formula.range(row)) is not None), None)


def decimal(value: object, places: int | None = None) -> Decimal | None:
    """A published or computed figure, None if it is not written as a number; rounded half up to `places`."""
    text = str(value)
    number = Decimal(text) if NUMBER.fullmatch(text) else None
    if number is None or abs(number) >= LARGEST:
        return None
    return number if places is None else number.quantize(Decimal(1).scaleb(-places), ROUND_HALF_UP)
