"""A portfolio: a district as a folder of the library, to be loaded through the public API."""

import re
from datetime import date
from pathlib import Path
from typing import Any, TypeVar

import yaml
from contracts.vocabulary import Alias, Wire
from pydantic import BaseModel, Field, ValidationError

from launcher.processes import StartRefused

M = TypeVar("M", bound=BaseModel)


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


class Roster(Wire):
    """What every portfolio has: organizations, and a file of schools in the registry's import columns."""

    name: str
    valid_from: date
    source: str
    organizations: list[PortfolioOrganization]
    schools: str


class Portfolio(Roster):
    """What the demo's `portfolio.yaml` says besides."""

    ratings: str
    offerings: Offerings
    clients: list[DemoClient]
    example: Example


def library_folder() -> Path:
    """The library: beside the working tree's packages, or in the working folder of an image."""
    beside = Path(__file__).resolve().parents[2] / "library"
    return beside if beside.is_dir() else Path("library").resolve()


def read_portfolio(folder: Path) -> Portfolio:
    """The demo portfolio in `folder`. Raises StartRefused naming what is wrong with it."""
    return read_part(folder / "portfolio.yaml", Portfolio)


def read_part(file: Path, model: type[M]) -> M:
    """A document of a portfolio's folder. Raises StartRefused naming what is wrong with it."""
    try:
        return model.model_validate(yaml.load(file.read_text(encoding="utf-8"), Loader=_Yaml))  # noqa: S506 - a safe one
    except OSError as error:
        known = ", ".join(sorted(path.parent.name for path in file.parent.parent.glob(f"*/{file.name}")))
        raise StartRefused(f"There is no portfolio {file.parent.name}; there are: {known or 'none'}.") from error
    except (yaml.YAMLError, ValidationError) as error:
        raise StartRefused(f"{file} cannot be read: {error}") from error


class _Yaml(yaml.SafeLoader):
    """YAML 1.2 in this one matter: `yes` and `no` are words, for votes have them; only true and false are booleans."""


_BOOL = "tag:yaml.org,2002:bool"
_Yaml.yaml_implicit_resolvers = {
    first: [(tag, pattern) for tag, pattern in resolvers if tag != _BOOL]
    for first, resolvers in yaml.SafeLoader.yaml_implicit_resolvers.items()
}
_Yaml.add_implicit_resolver(_BOOL, re.compile(r"^(?:true|false)$"), list("tf"))


def alias_of(reference: str, valid_from: date) -> Alias:
    """`system|value` as an alias."""
    system, value = reference.split("|")
    return Alias(system=system, value=value, valid_from=valid_from)
