"""Events as they were once published are still understood: by foreign libraries and by today's consumers."""

import importlib
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any
from uuid import UUID, uuid4

import jsonschema_rs
import pytest
from cloudevents.core.bindings.http import HTTPMessage, from_structured_event
from contracts.describe import EVENTS, asyncapi, schema
from contracts.event import Envelope, Event, by_type
from kit.db import Database
from kit.journal import record
from kit.publisher import envelope
from kit.reactions import Reactions
from kit.relay import number_committed_rows
from kit.tables import journal
from sqlalchemy import select

from tests.conftest import ROOT
from tests.kit.ledger.app import AccountChanged

EXAMPLES = sorted((ROOT / "contracts" / "contracts" / "examples").glob("*.json"))
LISTENERS = {
    package: importlib.import_module(f"{package}.reactions").REACTIONS
    for package in ("registry", "accountability", "shared_services")
    if (ROOT / "services" / package.replace("_", "-") / package / "reactions.py").exists()
}


def example(path: Path) -> Envelope:
    """A recorded event."""
    return Envelope.model_validate_json(path.read_bytes())


def test_every_event_has_a_recorded_example() -> None:
    recorded = {example(path).type for path in EXAMPLES}
    assert recorded >= {event.type() for event in EVENTS}, "record one as published, in contracts/contracts/examples"


@pytest.mark.parametrize("path", EXAMPLES, ids=lambda path: path.stem)
def test_an_example_is_named_by_its_type_and_its_subject_by_its_aggregate(path: Path) -> None:
    said = example(path)
    event = by_type(EVENTS)[said.type].read(said.data)
    assert path.stem.startswith(said.type)
    assert said.subject == event.subject()


@pytest.mark.parametrize("path", EXAMPLES, ids=lambda path: path.stem)
def test_an_example_fits_the_schema_of_today(path: Path) -> None:
    said = example(path)
    jsonschema_rs.validate(schema(by_type(EVENTS)[said.type]), said.data)


@pytest.mark.parametrize("path", EXAMPLES, ids=lambda path: path.stem)
def test_an_example_fits_the_asyncapi_document(path: Path) -> None:
    document = asyncapi()
    name = by_type(EVENTS)[example(path).type].__name__
    payload = document["components"]["messages"][name]["payload"] | {"components": document["components"]}
    jsonschema_rs.validate(payload, json.loads(path.read_bytes()))


def widened(data: Any) -> Any:
    """The same with a member more in every object."""
    if isinstance(data, dict):
        return {key: widened(inside) for key, inside in data.items()} | {"addedTomorrow": 1}
    return [widened(inside) for inside in data] if isinstance(data, list) else data


@pytest.mark.parametrize("path", EXAMPLES, ids=lambda path: path.stem)
def test_members_that_an_owner_adds_tomorrow_are_passed_over_today(path: Path) -> None:
    said = example(path)
    event = by_type(EVENTS)[said.type]
    keyed_by_words = {"continuity"}  # a dictionary, whose keys are values
    data = {key: value if key in keyed_by_words else widened(value) for key, value in said.data.items()}
    assert event.read(data | {"addedTomorrow": 1}) == event.read(said.data)


def heard(reactions: Reactions) -> list[tuple[type[Event], Path]]:
    """The examples that a service listens to."""
    types = by_type(reactions)
    return [(types[said], path) for path in EXAMPLES if (said := example(path).type) in types]


@pytest.mark.parametrize(
    ("package", "event", "path"),
    [(package, *found) for package, reactions in LISTENERS.items() for found in heard(reactions)],
    ids=lambda value: value.stem if isinstance(value, Path) else value if isinstance(value, str) else "",
)
async def test_an_example_is_kept_by_todays_consumers_as_often_as_it_comes(
    database_of: Callable[[str], str], package: str, event: type[Event], path: Path
) -> None:
    database, said = Database(database_of(package)), example(path)
    for _ in range(2):
        async with database.transaction() as session:
            await LISTENERS[package][event](session, event.read(said.data), said)
    await database.dispose()


def foreign(body: bytes) -> Any:
    """What the CloudEvents library makes of a message."""
    return from_structured_event(HTTPMessage(headers={"content-type": "application/cloudevents+json"}, body=body))


@pytest.mark.parametrize("path", EXAMPLES, ids=lambda path: path.stem)
def test_an_example_is_a_cloud_event(path: Path) -> None:
    read, said = foreign(path.read_bytes()), example(path)
    assert (read.get_id(), read.get_type(), read.get_source()) == (str(said.id), said.type, said.source)


async def test_what_is_published_today_is_a_cloud_event(database_of: Callable[[str], str]) -> None:
    database = Database(database_of("tests.kit.ledger"))
    event = AccountChanged(id=uuid4(), version=1, name="Ída")
    async with database.transaction() as session:
        await record(session, event, caller=None)
    async with database.transaction() as session:
        await number_committed_rows(session)
        row = (await session.execute(select(journal))).one()
    await database.dispose()
    read = foreign(envelope("ledger", row))
    assert UUID(read.get_id()) == row.id
    assert (read.get_type(), read.get_source(), read.get_subject()) == (event.type(), "/ledger", event.subject())
    assert (read.get_time(), read.get_datacontenttype()) == (row.at, "application/json")
    assert (read.get_extension("sequence"), read.get_extension("changeversion")) == (1, row.change_version)
    assert read.get_data() == {"id": str(event.id), "version": 1, "name": "Ída"}
