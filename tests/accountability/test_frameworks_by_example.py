"""Frameworks of the library held to examples, which are documents in `examples`: measures in, what the rules say out.

An example says what of it is printed in its source: worked numbers where the source has them, else cuts and weights.
"""

from datetime import date
from functools import cache
from pathlib import Path
from typing import Any
from uuid import UUID

import polars as pl
import pytest
import yaml
from accountability.engine import CompiledFramework, compile_framework
from accountability.frameworks.document import Framework
from accountability.frameworks.library import document_of
from contracts.registry import OrganizationChanged
from contracts.vocabulary import Alias

from tests.accountability.conftest import LIBRARY, Accountability
from tests.accountability.engine.test_rules import SCHEMA

Example = dict[str, Any]
FOLDER = Path(__file__).parent / "examples"


@cache
def compiled(framework: str) -> CompiledFramework:
    return compile_framework(Framework.model_validate(document_of(LIBRARY / "frameworks" / f"{framework}.yaml")))


def examples() -> list[Any]:
    documents = {path.stem: yaml.safe_load(path.read_text(encoding="utf-8")) for path in sorted(FOLDER.glob("*.yaml"))}
    return [
        pytest.param(document["framework"], example, id=f"{name}: {example['title']}")
        for name, document in documents.items()
        for example in document["examples"]
    ]


def measured(example: Example) -> pl.DataFrame:
    """The example's measures as a run reads them; a `population` is of rising measures: 1, 2, 3 ..."""
    given: dict[str, dict[str, Any]] = dict(example["measures"])
    if population := example.get("population"):
        rising = population["rising"] if isinstance(population["rising"], list) else [population["rising"]]
        for at in range(1, population["count"] + 1):
            given[population["subject"].format(at)] = population["measures"] | dict.fromkeys(rising, at)
    lines = [row(subject, code, value) for subject, codes in given.items() for code, value in codes.items()]
    return pl.DataFrame(lines, schema=SCHEMA, orient="row")


def row(subject: str, code: str, value: Any) -> tuple[Any, ...]:
    """A number, a category, a number with its students, or a percent as the counts that it is of."""
    match value:
        case str():
            return (subject, code, None, value, None, None)
        case {"count": count, "of": whole}:
            return (subject, code, 100 * count / whole, None, float(whole), None)
        case {"value": number, "n": n}:
            return (subject, code, float(number), None, float(n), None)
    return (subject, code, float(value), None, None, None)


@pytest.mark.parametrize(("framework", "example"), examples())
def test_a_framework_gives_what_its_source_says(framework: str, example: Example) -> None:
    found = compiled(framework).rate(measured(example))
    ratings = {one["subject"]: one for one in found.ratings.to_dicts()}
    nodes = {(one["subject"], one["node"]): one for one in found.explanation.to_dicts()}
    for subject, expected in example["expected"].items():
        said, of_nodes = expected.copy(), expected.get("nodes", {})
        said.pop("nodes", None)
        assert {name: ratings[subject][name] for name in said} == {name: near(one) for name, one in said.items()}
        facets = {name: "label" if isinstance(value, str) else "value" for name, value in of_nodes.items()}
        given = {name: nodes[subject, name][facet] for name, facet in facets.items()}
        assert given == {name: near(value) for name, value in of_nodes.items()}, subject
        assert all(nodes[subject, name]["rule"] for name, value in of_nodes.items() if value is not None), subject


def near(value: Any) -> Any:
    """A number to the decimals that sources print; anything else as it is."""
    return pytest.approx(value, abs=0.005) if isinstance(value, float | int) else value


def test_every_example_says_what_is_printed_where() -> None:
    for parameters in examples():
        _, example = parameters.values
        assert example["printed"], example["title"]
        assert example["source"], example["title"]
        assert example["expected"], example["title"]


async def test_labels_without_an_overall_rating_are_staged_for_groups_and_their_district(
    accountability: Accountability,
) -> None:
    dashboard = "california-school-dashboard-2023"
    example = next(one.values[1] for one in examples() if "eligible for assistance" in one.values[1]["title"])
    organizations = {name: UUID(int=at) for at, name in enumerate(("d", "e", "f"), start=500)}
    for name, key in organizations.items():
        alias = Alias(system="d", value=name, valid_from=date(2018, 7, 1))
        await accountability.hear(
            OrganizationChanged(id=key, version=1, name=name, types=["district"], aliases=[alias])
        )
    registered = await accountability.platform.post(
        "/v1/frameworks", json=document_of(LIBRARY / "frameworks" / f"{dashboard}.yaml")
    )
    assert registered.status_code == 201, registered.text
    lines = ["school,indicator,studentGroup,value,category"]
    for subject, codes in example["measures"].items():
        name, _, group = subject.partition("/")
        lines += [f"{name},{code},{group or 'ALL'},,{value}" for code, value in codes.items()]
    loaded = await accountability.load("\n".join(lines), schoolYear=2023, dataYear=2023)
    assert loaded.status_code == 200, loaded.text
    run = await accountability.run(framework="california-school-dashboard", version="2023", schoolYear=2023)
    assert run.status_code == 201, run.text
    staged = (await accountability.platform.get(f"/v1/runs/{run.json()['id']}/ratings", params={"limit": 100})).json()
    names = {str(key): name for name, key in organizations.items()}
    told = {(names[one["schoolId"]], one["studentGroup"]): one for one in staged["items"]}
    assert told["d", "SWD"]["labels"]["ela"] == "Red"
    assert {(one["rating"], one["score"]) for one in told.values()} == {("No overall rating", None)}
    for subject, expected in example["expected"].items():
        name, _, group = subject.partition("/")
        assert (
            told[name, group or "ALL"]["labels"]["differentiated_assistance"] == expected["differentiated_assistance"]
        )
