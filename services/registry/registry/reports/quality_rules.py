"""The data-quality rules: what is asked, how bad it is, in how many days it is to be mended, and how."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Literal

from registry.reports import quality_queries as ask
from registry.reports.quality_queries import Findings, Sight

Severity = Literal["error", "warning", "notice"]


@dataclass(frozen=True)
class QualityRule:
    """A rule; `days` are calendar days from the first day on which it is broken."""

    id: str
    severity: Severity
    days: int
    find: Callable[[Sight], Findings]
    mend: str

    @property
    def title(self) -> str:
        """What is wrong, in a sentence: the first line of its query's docstring."""
        return (self.find.__doc__ or "").splitlines()[0]


RULES: Sequence[QualityRule] = (
    QualityRule(
        "school-without-lea", "error", 5, ask.school_without_lea, "Assign the accountable LEA, or close the school."
    ),
    QualityRule(
        "operator-without-agreement",
        "error",
        10,
        ask.operator_without_agreement,
        "Execute an agreement with the operator, let the school join one, or end the assignment.",
    ),
    QualityRule(
        "autonomy-without-agreement",
        "error",
        30,
        ask.autonomy_without_agreement,
        "Record the agreement by which the school is autonomous, or correct how it is run.",
    ),
    QualityRule(
        "agreement-past-its-term",
        "error",
        30,
        ask.agreement_past_its_term,
        "Record the decision: renew, notice of non-renewal, or what took its place.",
    ),
    QualityRule(
        "two-operators",
        "error",
        10,
        ask.two_operators,
        "End what no longer holds: the assignment, or the school's part in the agreement.",
    ),
    QualityRule(
        "two-identifiers", "warning", 30, ask.two_identifiers, "Correct the school's history: end the older identifier."
    ),
    QualityRule(
        "identifier-used-before",
        "notice",
        90,
        ask.identifier_used_before,
        "Check that records under it are of the right school; record the lineage if the one became the other.",
    ),
    QualityRule(
        "school-without-building", "warning", 60, ask.school_without_building, "Say in which building the school is."
    ),
    QualityRule("grades-missing", "warning", 30, ask.grades_missing, "Say which grades the school serves."),
    QualityRule("zone-missing", "error", 10, ask.zone_missing, "Assign the zone, or correct how the school is run."),
    QualityRule(
        "operator-missing", "error", 10, ask.operator_missing, "Assign the operator, or correct how the school is run."
    ),
    QualityRule("authorizer-missing", "warning", 30, ask.authorizer_missing, "Assign the authorizer."),
    QualityRule(
        "closed-school-covered",
        "warning",
        30,
        ask.closed_school_covered,
        "Let the school leave the agreement, or end the agreement.",
    ),
)
