"""What a data set's `dataset.yaml` says: which columns hold what, and what is known of its figures."""

import re
from typing import Annotated, Any, Literal

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field

from accountability.verification.formulas import Formula

Row = dict[str, str]
"""A published row: texts by column."""


class _Part(BaseModel):
    model_config = ConfigDict(extra="forbid")


class Column(_Part):
    """A column as we read it: perhaps a part of it, with its values renamed, or only of some rows."""

    column: str = ""
    constant: str = Field(default="", description="The same for every row, in place of a column.")
    pattern: str = Field(default="", description="A regular expression whose first group counts.")
    values: dict[str, str] = Field(default_factory=dict)
    otherwise: str | None = None
    only: dict[str, list[str]] = Field(default_factory=dict, description="Read where columns have one of these values.")
    given: str = Field(default="", description="Read where this other column says something.")
    unless: str | None = Field(default=None, description="Read where the published figure is not that of this formula.")
    held_as: str = Field(default="", description="The result by whose `members` the formula's figure may be held.")

    def read(self, row: Row) -> str:
        """What it says in a row, empty if nothing."""
        if any(row[column] not in values for column, values in self.only.items()) or (
            self.given and not row[self.given]
        ):
            return ""
        published = self.constant or row[self.column]
        if self.pattern:
            found = re.match(self.pattern, published)
            published = found[1] if found is not None else ""
        return self.values.get(published, published if self.otherwise is None else self.otherwise)

    def columns(self) -> list[str]:
        """The columns that it reads."""
        return [*(column for column in (self.column, self.given) if column), *self.only]


def _column(value: Any) -> Any:
    return {"column": value} if isinstance(value, str) else value


Read = Annotated[Column, BeforeValidator(_column)]
"""A column by its name, or by how it is read."""


class Subjects(_Part):
    """A file with a row for each subject: its attributes and measures, and its published results by node."""

    file: str
    key: Read
    name: Read | None = None
    group: Read = Column(constant="ALL")
    only: dict[str, list[str]] = Field(default_factory=dict, description="The rows that count, by column.")
    kind: Literal["school", "organization"] = "school"
    distinct: bool = Field(default=True, description="Each subject stands once; else its first row counts.")
    called: str = Field(default="", description="Put before the names of its results, to tell them from others.")
    attributes: dict[str, Read] = Field(default_factory=dict)
    measures: dict[str, Read] = Field(default_factory=dict, description="Indicator -> column.")
    rating: Read | None = None
    scores: dict[str, Read] = Field(default_factory=dict, description="Node -> column with the published score.")
    labels: dict[str, Read] = Field(default_factory=dict, description="Node -> column with the published label.")

    def columns(self) -> list[str]:
        """The columns that the file must have."""
        read = [self.key, self.group, *self.attributes.values(), *self.measures.values()]
        read += [*self.scores.values(), *self.labels.values()]
        read += [column for column in (self.name, self.rating) if column is not None]
        return list(dict.fromkeys([*self.only, *(name for column in read for name in column.columns())]))


class Measures(_Part):
    """The file with a row for each school and indicator, and its published points and weights."""

    file: str
    key: str
    indicator: str
    value: str
    participation: str
    points: str
    weight: str

    def columns(self) -> list[str]:
        """The columns that the file must have."""
        return [self.key, self.indicator, self.value, self.participation, self.points, self.weight]


class Known(_Part):
    """Results in which the published file contradicts the published rules: of a subject, or of rows of a kind.

    With a `formula`, only those which that formula gives from other published figures; `figure` is the column with
    what it must give, if that is not the result itself.
    """

    results: list[str]
    school: str | None = None
    only: dict[str, list[str]] = Field(default_factory=dict)
    formula: str | None = None
    figure: str | None = None
    why: str


class Rule(_Part):
    """That the rules give a result by a formula from published figures; `figure` as in `Known`."""

    formula: str
    figure: str | None = None


class Members(_Part):
    """That the rules hold a subject's result where one of its members was published below a figure."""

    results: list[str]
    of: str = Field(description="The column in which a member's row names the subject.")
    column: str
    below: float
    at_most: float
    why: str


class Description(_Part):
    """What is in a data set's folder."""

    name: str
    framework: str
    school_year: int
    alias_system: str
    subjects: list[Subjects] = Field(min_length=1)
    measures: Measures | None = None
    formulas: dict[str, list[Formula]] = Field(
        default_factory=dict, description="How a figure follows from other published ones: the first that has them."
    )
    rules: dict[str, Rule] = Field(default_factory=dict, description="Result -> how the rules give it.")
    members: list[Members] = Field(default_factory=list)
    contradictions: list[Known] = Field(default_factory=list)
    uncovered: dict[str, str] = Field(default_factory=dict, description="Node -> why it cannot be compared in full.")

    def read_by_causes(self) -> list[str]:
        """The columns from which causes are computed, where a file has them."""
        read = [column for formulas in self.formulas.values() for formula in formulas for column in formula.mean]
        read += [column for known in self.contradictions for column in known.only]
        read += [column for entry in self.members for column in (entry.of, entry.column)]
        figures = [*(known.figure for known in self.contradictions), *(rule.figure for rule in self.rules.values())]
        return [*read, *(column for column in figures if column is not None)]
