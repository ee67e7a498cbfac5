"""A row of a portfolio file, and what an import answers."""

from datetime import date
from typing import Annotated, Any
from uuid import UUID

from contracts.vocabulary import Arrangement, OperationalStatus, SchoolType, Wire
from kit.text import Name, Text
from pydantic import BeforeValidator, Field

from registry.schools.schemas import GRADES

OrganizationRef = Annotated[
    str, Field(pattern=r"^[^|\x00]{1,40}\|[^|\x00]{1,60}$", examples=["nces|1709930"], description="system|value")
]
Flag = Annotated[bool, BeforeValidator(lambda text: {"yes": True, "no": False}.get(str(text).lower(), text))]
Grade = Annotated[str, Field(pattern=f"^({'|'.join(GRADES)})$")]


class SchoolRow(Wire):
    """A school in a file; the alias identifies it.

    An empty field says that there is none; a column that the file does not have says nothing.
    """

    alias_system: str = Field(min_length=1, max_length=40, pattern=r"^[^|\x00]+$")
    alias_value: str = Field(min_length=1, max_length=60, pattern=r"^[^|\x00]+$")
    name: Name
    short_name: Name | None = None
    school_type: SchoolType = "regular"
    operational_status: OperationalStatus = "active"
    arrangement: Arrangement | None = Field(
        default=None, description="Of a new school, if not said: independent-charter if chartered, else traditional."
    )
    chartered: Flag = False
    grade_low: Grade | None = None
    grade_high: Grade | None = None
    street: Name | None = None
    city: Name | None = None
    state: str | None = Field(default=None, pattern="^[A-Z]{2}$")
    postal_code: str | None = Field(default=None, pattern=r"^[0-9A-Za-z -]{3,12}$")
    latitude: float | None = Field(default=None, ge=-90, le=90)
    longitude: float | None = Field(default=None, ge=-180, le=180)
    accountable_lea: OrganizationRef | None = None
    operator: OrganizationRef | None = None
    network: OrganizationRef | None = None
    authorizer: OrganizationRef | None = None
    other_alias_system: str | None = Field(default=None, max_length=40, pattern=r"^[^|\x00]+$")
    other_alias_value: str | None = Field(default=None, max_length=60, pattern=r"^[^|\x00]+$")
    valid_from: date | None = None
    source: Text | None = None

    @property
    def identifiers(self) -> list[tuple[str, str]]:
        """(system, value) pairs: first the one that names the school, then the other one, if there is one."""
        pairs = [(self.alias_system, self.alias_value)]
        if self.other_alias_system and self.other_alias_value:
            pairs.append((self.other_alias_system, self.other_alias_value))
        return list(dict.fromkeys(pairs))


REQUIRED = ("aliasSystem", "aliasValue", "name")
COLUMNS = {str(field.alias): str(field.alias) in REQUIRED for field in SchoolRow.model_fields.values()}
"""The columns of a portfolio file, and which are required."""


class FieldChange(Wire):
    """A field's value before and after."""

    before: Any
    after: Any


class SchoolDifference(Wire):
    """What a row changes."""

    row: int
    alias: str
    school_id: UUID | None = None
    fields: dict[str, FieldChange]


class ImportReport(Wire):
    """What an import did, or with `dryRun` would do. Nothing is written unless every row is right."""

    dry_run: bool
    rows: int
    created: int
    changed: int
    unchanged: int
    differences: list[SchoolDifference] = Field(description="The first 1,000 changes to schools already known.")
