"""What laws and contracts say of how autonomous schools count, as data of this package."""

from functools import cache
from importlib.resources import files
from typing import Literal

import yaml
from contracts.registry import AgreementChanged
from contracts.vocabulary import SchoolYear, Wire
from pydantic import Field, TypeAdapter

Treatment = Literal["included", "excluded", "growth-only", "separate-unit"]
"""How a school counts in its home district; growth only: in figures that measure growth and in no other."""


class LawRule(Wire):
    """How schools under an instrument, or any instrument of a jurisdiction, count from one school year to another."""

    jurisdiction: str
    instrument: str | None = Field(default=None, description="None: every instrument of the jurisdiction.")
    treatment: Treatment
    counts_from: Literal["count-date", "first-full-school-year"] = "count-date"
    from_year: SchoolYear | None = None
    to_year: SchoolYear | None = Field(default=None, description="The last; none: until further notice.")
    citation: str
    uncertain: str | None = Field(default=None, description="What of it was not checked in its source.")

    @property
    def name(self) -> str:
        """What the rule is called."""
        return f"law:{self.instrument or self.jurisdiction}"

    def fits(self, agreement: AgreementChanged, school_year: int) -> bool:
        """True if the rule is about schools under this agreement in the year."""
        of_place = agreement.jurisdiction.split(":")[0] == self.jurisdiction.split(":")[0]
        of_kind = self.instrument in (None, agreement.instrument)
        return of_place and of_kind and is_in(school_year, self.from_year, self.to_year)


def is_in(school_year: int, first: int | None, last: int | None) -> bool:
    """True if a school year lies between two, which both count; no end: for ever."""
    return (first is None or first <= school_year) and (last is None or school_year <= last)


@cache
def laws() -> tuple[LawRule, ...]:
    """All rules; those for one instrument come first."""
    text = files("accountability.rollups").joinpath("inclusion.yaml").read_text(encoding="utf-8")
    rules = TypeAdapter(list[LawRule]).validate_python(yaml.safe_load(text))
    return tuple(sorted(rules, key=lambda rule: rule.instrument is None))
