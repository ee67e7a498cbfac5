"""What findings look like on the wire."""

from uuid import UUID

from contracts.vocabulary import SchoolYear, Wire
from pydantic import Field

from accountability.findings.rules import Severity


class Finding(Wire):
    """A measure, a school or an indicator that a rule finds wrong or doubtful."""

    rule: str = Field(examples=["numerator-above-denominator"])
    severity: Severity
    school_id: UUID | None = Field(description="The school or organization; none where it is about all.")
    student_group: str
    indicator: str | None
    found: str = Field(description="The figures that the rule saw.", examples=["31 of 30"])
    wording: str
    mend: str


class RuleFindings(Wire):
    """A rule, and how much it finds."""

    rule: str
    severity: Severity
    wording: str
    mend: str
    count: int


class FindingsSummary(Wire):
    """Every rule with what it finds: the preview of a run."""

    school_year: SchoolYear
    framework: str | None
    version: str | None
    blocks_run: bool = Field(description="There are errors: a run needs `overrideFindings`, which says why.")
    rules: list[RuleFindings]
