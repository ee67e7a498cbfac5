"""A portfolio: a district as a folder of the library, to be loaded through the public API."""

from datetime import date
from pathlib import Path
from typing import Any

import yaml
from contracts.vocabulary import Alias, Wire
from pydantic import Field, ValidationError

from launcher.processes import StartRefused


class PortfolioOrganization(Wire):
    """An organization and the alias by which the rest of the portfolio names it."""

    alias: str = Field(pattern=r"^[^|]+\|[^|]+$")
    name: str
    short_name: str | None = None
    types: list[str]
    time_zone: str | None = None


class Offerings(Wire):
    """A district's catalog: items as the API takes them, and what they have in common."""

    district: str
    common: dict[str, Any] = Field(default_factory=dict)
    items: list[dict[str, Any]]


class DemoClient(Wire):
    """An API client to make."""

    id: str
    name: str
    organization: str
    scopes: list[str]


class Example(Wire):
    """The school and the offering that the printed commands are about."""

    alias_system: str
    alias_value: str
    offering: str


class Portfolio(Wire):
    """What a portfolio's `portfolio.yaml` says."""

    name: str
    valid_from: date
    source: str
    organizations: list[PortfolioOrganization]
    schools: str
    ratings: str
    offerings: Offerings
    clients: list[DemoClient]
    example: Example


def library_folder() -> Path:
    """The library: beside the working tree's packages, or in the working folder of an image."""
    beside = Path(__file__).resolve().parents[2] / "library"
    return beside if beside.is_dir() else Path("library").resolve()


def read_portfolio(folder: Path) -> Portfolio:
    """The portfolio in `folder`. Raises StartRefused naming what is wrong with it."""
    file = folder / "portfolio.yaml"
    try:
        return Portfolio.model_validate(yaml.safe_load(file.read_text(encoding="utf-8")))
    except OSError as error:
        known = ", ".join(sorted(path.parent.name for path in folder.parent.glob("*/portfolio.yaml")))
        raise StartRefused(f"There is no portfolio {folder.name}; there are: {known or 'none'}.") from error
    except (yaml.YAMLError, ValidationError) as error:
        raise StartRefused(f"{file} cannot be read: {error}") from error


def alias_of(reference: str, valid_from: date) -> Alias:
    """`system|value` as an alias."""
    system, value = reference.split("|")
    return Alias(system=system, value=value, valid_from=valid_from)
