"""From published rows to a file of measures: titles become codes; what is no measure is left out, with the reason."""

import csv
import io
import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from decimal import Decimal

from accountability.frameworks.document import Framework
from accountability.frameworks.parts import Attribute, Indicator
from accountability.verification.description import Column, Description, Row
from accountability.verification.formulas import decimal, gives
from accountability.verification.members import Published, holding

Key = tuple[str, str]
"""A subject: its identifier, and its student group or level."""
Line = tuple[str, str, str, str, str, str]
"""School, indicator, student group, value, category, participation: a line of the file of measures."""


@dataclass
class Loading:
    """The lines to load, and why a row (school, title) that was published with points is not among them."""

    lines: dict[tuple[str, str, str], Line] = field(default_factory=dict)
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
        writer.writerow(["school", "indicator", "studentGroup", "value", "category", "participation"])
        writer.writerows(self.lines.values())
        return out.getvalue().encode()

    def add(self, subject: Key, code: str, value: str, kind: str, rate: str = "") -> None:
        """Note a figure or category of a subject."""
        school, group = subject
        number, category = (value, "") if kind == "number" else ("", value)
        self.lines[school, group, code] = (school, code, group, number, category, rate)


def loading(
    description: Description,
    subjects: Iterable[Published],
    measures: Sequence[Row],
    framework: Framework,
) -> Loading:
    """The measures of published rows: figures, and attributes of subjects as measures of the same code."""
    found, rows = Loading(), list(subjects)
    known = {key for _, (key, _), _ in rows}
    _add_indicators(found, description, measures, framework, known)
    for columns, subject, row in rows:
        for code, column in columns.measures.items():
            value, indicator = column.read(row), framework.indicators[code]
            if value and column.unless is not None and _follows(value, column, subject[0], row, description, rows):
                value = ""
            why = _why_not(value, indicator)
            if not why:
                found.add(subject, code, value, indicator.kind)
            elif value:
                found.left_out[subject[0], indicator.title] = why
        for code, column in columns.attributes.items():
            value, attribute = column.read(row), framework.attributes[code]
            if _fits(value, attribute, known):
                found.add(subject, code, value, attribute.kind)
            elif value:
                found.left_out[subject[0], code.replace("_", " ")] = f"`{value}` is not {_expected(attribute)}"
    return found


def _follows(
    value: str,
    column: Column,
    subject: str,
    row: Row,
    description: Description,
    rows: Sequence[Published],
) -> bool:
    """True if a published figure is that of the column's formula, perhaps held because of a member."""
    given, figure = gives(description.formulas[column.unless or ""], row), decimal(value)
    if given is None or figure is None or given[0] != given[1]:
        return False
    if given[0] == figure:
        return True
    limits = [Decimal(str(entry.at_most)) for entry, *_ in holding(description, rows, subject, column.held_as)]
    return min([given[0], *limits]) == figure


def _add_indicators(
    found: Loading, description: Description, measures: Sequence[Row], framework: Framework, known: set[str]
) -> None:
    """Add the rows of a file with a row for each school and indicator."""
    columns = description.measures
    codes = {indicator.title: code for code, indicator in framework.indicators.items()}
    for row in measures if columns is not None else []:
        assert columns is not None
        school, title = row[columns.key], row[columns.indicator]
        if school not in known:
            continue
        code = codes.get(title, "")
        why = _why_not(row[columns.value], framework.indicators.get(code))
        if (school, "ALL", code) in found.lines:
            why = "the indicator is published twice for the school"
        if why and row[columns.points]:
            found.left_out[school, title] = why
        if not why:
            rate = row[columns.participation] if _within(row[columns.participation], 0, 100) else ""
            found.add((school, "ALL"), code, row[columns.value], framework.indicators[code].kind, rate)


def _why_not(value: str, indicator: Indicator | None) -> str:
    if indicator is None:
        return "no indicator of the framework has this title"
    if indicator.kind == "category":
        return "" if value in indicator.categories else f"`{value}` is not one of the indicator's categories"
    if not _within(value, indicator.minimum, indicator.maximum):
        return f"`{value}` is not a number from {indicator.minimum:g} to {indicator.maximum:g}"
    return ""


def _fits(value: str, attribute: Attribute, known: set[str]) -> bool:
    if attribute.kind == "subject":
        return value in known
    return value in attribute.values if attribute.kind == "category" else _within(value, -math.inf, math.inf)


def _expected(attribute: Attribute) -> str:
    if attribute.kind == "subject":
        return "among the subjects"
    return f"one of {', '.join(attribute.values)}" if attribute.kind == "category" else "a number"


def _within(text: str, least: float, most: float) -> bool:
    number = decimal(text)
    return number is not None and least <= number <= most
