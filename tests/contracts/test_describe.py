"""The committed documents are what the code says, and an event only widens."""

import json
from pathlib import Path
from typing import Any

import pytest
from contracts.describe import EVENTS, Narrowed, asyncapi, schema, write
from contracts.event import Event
from contracts.widening import narrowings

from contracts import describe
from tests.conftest import ROOT

SCHEMAS = ROOT / "contracts" / "contracts" / "schemas"


def committed(path: Path) -> Any:
    """A document of the repository."""
    return json.loads(path.read_text(encoding="utf-8"))


@pytest.mark.parametrize("event", EVENTS, ids=lambda event: event.type())
def test_the_committed_schema_is_what_the_code_says(event: type[Event]) -> None:
    assert committed(SCHEMAS / f"{event.type()}.json") == schema(event), "run `make docs`"


def test_the_committed_asyncapi_document_is_what_the_code_says() -> None:
    assert committed(ROOT / "docs" / "asyncapi.json") == asyncapi(), "run `make docs`"


def test_there_is_no_schema_of_an_event_that_nobody_says() -> None:
    assert {path.stem for path in SCHEMAS.glob("*.json")} == {event.type() for event in EVENTS}


def test_writing_the_documents_gives_the_committed_ones(tmp_path: Path) -> None:
    (tmp_path / "contracts" / "contracts").mkdir(parents=True)
    write(tmp_path)
    written = sorted(path.relative_to(tmp_path) for path in tmp_path.rglob("*.json"))
    assert len(written) == len(EVENTS) + 1
    assert all((tmp_path / path).read_bytes() == (ROOT / path).read_bytes() for path in written)


@pytest.mark.parametrize("event", EVENTS, ids=lambda event: event.type())
def test_no_schema_forbids_what_an_owner_may_add(event: type[Event]) -> None:
    assert '"additionalProperties": false' not in json.dumps(schema(event))


def told(members: dict[str, Any], required: tuple[str, ...] = ("name",)) -> dict[str, Any]:
    """The schema of an event with these members."""
    return {"type": "object", "properties": members, "required": list(required)}


TEXT: dict[str, Any] = {"type": "string"}
OLD = told(
    {
        "name": TEXT,
        "note": {"anyOf": [TEXT, {"type": "null"}]},
        "status": {"enum": ["open", "closed"], "type": "string"},
        "year": {"type": "integer", "minimum": 1900, "maximum": 2200},
        "tags": {"type": "array", "items": {"type": "string", "maxLength": 10}},
    }
)


def changed(**members: dict[str, Any]) -> dict[str, Any]:
    """The same event with some members changed."""
    return told(OLD["properties"] | members)


NARROWED = {
    "data.note: removed": told({name: told_ for name, told_ in OLD["properties"].items() if name != "note"}),
    "data.note: newly required": told(OLD["properties"], ("name", "note")),
    "data.name: no longer promised": told(OLD["properties"], ()),
    "data.name: was string, is integer": changed(name={"type": "integer"}),
    "data.note: was null, is string": changed(note=TEXT),
    "data.status: no longer takes closed": changed(status={"enum": ["open"], "type": "string"}),
    "data.name: no longer takes anything": changed(name={"enum": ["Ida"], "type": "string"}),
    "data.year: minimum was 1900, is 2000": changed(year={"type": "integer", "minimum": 2000, "maximum": 2200}),
    "data.year: maximum was 2200, is 2100": changed(year={"type": "integer", "minimum": 1900, "maximum": 2100}),
    "data.name: format was none, is uuid": changed(name={"type": "string", "format": "uuid"}),
    "data.name: pattern was none, is ^I": changed(name={"type": "string", "pattern": "^I"}),
    "data.tags[]: maxLength was 10, is 5": changed(tags={"type": "array", "items": {"type": "string", "maxLength": 5}}),
}


@pytest.mark.parametrize("narrowing", NARROWED)
def test_a_narrowing_is_found_and_named(narrowing: str) -> None:
    assert narrowings(OLD, NARROWED[narrowing]) == [narrowing]


WIDENED = {
    "the same": OLD,
    "a new member": changed(more=TEXT),
    "a new word": changed(status={"enum": ["open", "closed", "held"], "type": "string"}),
    "any word": changed(status=TEXT),
    "another type besides": changed(name={"anyOf": [TEXT, {"type": "integer"}]}),
    "broken numbers": changed(year={"type": "number", "minimum": 1900, "maximum": 2200}),
    "wider limits": changed(year={"type": "integer", "minimum": 1800}),
    "longer items": changed(tags={"type": "array", "items": TEXT}),
    "a name for a part": changed(name={"$ref": "#/$defs/Name"}) | {"$defs": {"Name": TEXT}},
}


@pytest.mark.parametrize("widening", WIDENED)
def test_a_widening_is_none_of_them(widening: str) -> None:
    assert narrowings(OLD, WIDENED[widening]) == []


def test_a_narrowing_deep_inside_a_named_part_is_found() -> None:
    old = told({"parts": {"type": "array", "items": {"$ref": "#/$defs/Part"}}}) | {"$defs": {"Part": OLD}}
    new = old | {"$defs": {"Part": NARROWED["data.note: removed"]}}
    assert narrowings(old, new) == ["data.parts[].note: removed"]


def test_a_narrowed_event_is_not_written(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "contracts" / "contracts").mkdir(parents=True)
    write(tmp_path)
    before = {path: path.read_bytes() for path in tmp_path.rglob("*.json")}

    def without_version(event: type[Event]) -> dict[str, Any]:
        narrowed = schema(event)
        del narrowed["properties"]["version"]
        return narrowed

    monkeypatch.setattr(describe, "schema", without_version)
    with pytest.raises(Narrowed, match=r"data\.version: removed"):
        write(tmp_path)
    assert {path: path.read_bytes() for path in tmp_path.rglob("*.json")} == before
