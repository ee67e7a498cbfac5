"""What a data set's `dataset.yaml` says: which columns hold what, and what is known of its figures."""

from pydantic import BaseModel, ConfigDict, Field

Row = dict[str, str]
"""A published row: texts by column."""


class _Part(BaseModel):
    model_config = ConfigDict(extra="forbid")


class Attribute(_Part):
    """A subject's attribute: a column, perhaps with its values renamed."""

    column: str
    values: dict[str, str] = Field(default_factory=dict)
    otherwise: str | None = None

    def read(self, row: Row) -> str:
        """The attribute of a school, empty if there is none."""
        published = row[self.column]
        return self.values.get(published, published if self.otherwise is None else self.otherwise)


class Schools(_Part):
    """The file with a row for each school, and its published results by node."""

    file: str
    key: str
    name: str
    attributes: dict[str, Attribute]
    rating: str
    scores: dict[str, str] = Field(description="Node -> column with the published score.")
    labels: dict[str, str] = Field(default_factory=dict, description="Node -> column with the published label.")

    def columns(self) -> list[str]:
        """The columns that the file must have."""
        attributes = [attribute.column for attribute in self.attributes.values()]
        return [self.key, self.name, self.rating, *attributes, *self.scores.values(), *self.labels.values()]


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
    """A result in which the published file contradicts the published rules."""

    school: str
    results: list[str]
    why: str


class Description(_Part):
    """What is in a data set's folder."""

    name: str
    framework: str
    school_year: int
    alias_system: str
    schools: Schools
    measures: Measures
    contradictions: list[Known] = Field(default_factory=list)
    uncovered: dict[str, str] = Field(default_factory=dict, description="Node -> why it cannot be compared in full.")
