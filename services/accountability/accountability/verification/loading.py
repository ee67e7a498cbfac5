"""From published rows to a file of measures: titles become codes; what is no measure is left out, with the reason."""

import csv
import io
import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field

from accountability.frameworks.document import Framework
from accountability.frameworks.parts import Attribute, Indicator
from accountability.verification.description import Description, Row

Line = tuple[str, str, str, str, str]
"""School, indicator, value, category, participation: a line of the file of measures."""


@dataclass
class Loading:
    """The lines to load, and why a row (school, title) that was published with points is not among them."""

    lines: dict[tuple[str, str], Line] = field(default_factory=dict)
    left_out: dict[tuple[str, str], str] = field(default_factory=dict)

    def why(self, school: str, title: str | None = None) -> str:
        """Why a row of the school was left out, or the row of `title`; empty if none was."""
        rows = {name: why for (key, name), why in self.left_out.items() if key == school}
        if title is not None:
            return rows.get(title, "")
        return "; ".join(f"{name} is left out: {why}" for name, why in rows.items())

    def csv(self) -> bytes:
        """The file of measures."""
        out = io.StringIO()
        writer = csv.writer(out)
        writer.writerow(["school", "indicator", "value", "category", "participation"])
        writer.writerows(self.lines.values())
        return out.getvalue().encode()


def loading(description: Description, schools: Sequence[Row], measures: Sequence[Row], framework: Framework) -> Loading:
    """The measures of published rows: figures, and attributes of schools as measures of the same code."""
    found, columns = Loading(), description.measures
    codes = {indicator.title: code for code, indicator in framework.indicators.items()}
    keys = {row[description.schools.key] for row in schools}
    for row in measures:
        school, title = row[columns.key], row[columns.indicator]
        if school not in keys:
            continue
        code = codes.get(title, "")
        why = _why_not(row[columns.value], framework.indicators.get(code))
        if (school, code) in found.lines:
            why = "the indicator is published twice for the school"
        if why and row[columns.points]:
            found.left_out[school, title] = why
        if not why:
            rate = row[columns.participation] if _within(row[columns.participation], 0, 100) else ""
            found.lines[school, code] = _line(school, code, row[columns.value], framework.indicators[code].kind, rate)
    for school, code, value in _attributes(description, schools, framework):
        found.lines[school, code] = _line(school, code, value, framework.attributes[code].kind, "")
    return found


def _line(school: str, code: str, value: str, kind: str, rate: str) -> Line:
    return (school, code, "", value, rate) if kind == "category" else (school, code, value, "", rate)


def _why_not(value: str, indicator: Indicator | None) -> str:
    if indicator is None:
        return "no indicator of the framework has this title"
    if indicator.kind == "category":
        return "" if value in indicator.categories else f"`{value}` is not one of the indicator's categories"
    if not _within(value, indicator.minimum, indicator.maximum):
        return f"`{value}` is not a number from {indicator.minimum:g} to {indicator.maximum:g}"
    return ""


def _attributes(
    description: Description, schools: Sequence[Row], framework: Framework
) -> Iterator[tuple[str, str, str]]:
    for row in schools:
        for code, attribute in description.schools.attributes.items():
            value = attribute.read(row)
            if _fits(value, framework.attributes[code]):
                yield row[description.schools.key], code, value


def _fits(value: str, attribute: Attribute) -> bool:
    return value in attribute.values if attribute.kind == "category" else _within(value, -math.inf, math.inf)


def _within(text: str, least: float, most: float) -> bool:
    try:
        number = float(text)
    except ValueError:
        return False
    return math.isfinite(number) and least <= number <= most
