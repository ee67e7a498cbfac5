"""What buildings look like on the wire."""

from datetime import date
from uuid import UUID

from contracts.registry import Address as SaidAddress
from contracts.registry import BuildingFacts as SaidFacts
from contracts.vocabulary import Period, Wire
from kit.text import Name, Text
from pydantic import ConfigDict, Field


class Address(SaidAddress):
    """Where a building or a school is."""

    model_config = ConfigDict(extra="forbid")

    street: Name | None = None
    city: Name | None = None
    state: str | None = Field(default=None, pattern="^[A-Z]{2}$")
    postal_code: str | None = Field(default=None, pattern=r"^[0-9A-Za-z -]{3,12}$")


class BuildingFacts(Wire):
    """What is true of a building from a date on."""

    name: Name = Field(examples=["Roosevelt campus"])
    owner_id: UUID = Field(description="The organization that owns it.")
    address: Address = Address()
    capacity: int | None = Field(default=None, gt=0, lt=1_000_000, description="Seats.")
    square_feet: int | None = Field(default=None, gt=0, lt=1_000_000_000)
    as_is_clause: Text | None = Field(default=None, description="What is handed over as it stands, if anything is.")
    source: Text = Field(min_length=1, examples=["Lease of 2019-06-27"])


class NewBuilding(BuildingFacts):
    """A building to register."""

    valid_from: date


class BuildingPatch(Wire):
    """What changes from `validFrom` on, until the next change of it already known; members left out stay."""

    valid_from: date
    source: Text = Field(min_length=1)
    name: Name | None = None
    owner_id: UUID | None = None
    address: Address | None = None
    capacity: int | None = Field(default=None, gt=0, lt=1_000_000)
    square_feet: int | None = Field(default=None, gt=0, lt=1_000_000_000)
    as_is_clause: Text | None = None


class BuildingView(BuildingFacts, Period):
    """A building as it is on a date."""

    id: UUID
    version: int


class BuildingHistory(Wire):
    """Everything known of a building, by period."""

    id: UUID
    version: int
    facts: list[SaidFacts]
