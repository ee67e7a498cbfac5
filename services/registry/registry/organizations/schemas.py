"""What organizations look like on the wire."""

from datetime import date
from typing import Annotated
from uuid import UUID
from zoneinfo import available_timezones

from contracts.vocabulary import Alias, OrganizationType, Wire
from kit.text import Name
from pydantic import AfterValidator, Field


def _known_zone(zone: str) -> str:
    if zone not in available_timezones():
        raise ValueError("not an IANA time zone; write it like America/Chicago")
    return zone


TimeZone = Annotated[str, Field(max_length=60, examples=["America/Chicago"]), AfterValidator(_known_zone)]


class NewOrganization(Wire):
    """An organization to register."""

    name: Name = Field(examples=["Academy for Urban School Leadership"])
    short_name: Name | None = Field(default=None, examples=["AUSL"])
    types: list[OrganizationType] = Field(min_length=1, max_length=10, examples=[["operator"]])
    time_zone: TimeZone | None = None
    aliases: list[Alias] = Field(default_factory=list, max_length=50)


class OrganizationPatch(Wire):
    """What to change; members left out stay."""

    name: Name | None = None
    short_name: Name | None = None
    types: list[OrganizationType] | None = Field(default=None, min_length=1, max_length=10)
    time_zone: TimeZone | None = None


class OrganizationView(NewOrganization):
    """A registered organization."""

    id: UUID
    version: int
    dissolved_on: date | None = Field(default=None, description="The first day on which it no longer exists.")
