"""Writes what the events look like: a JSON Schema per event and one AsyncAPI 3 document for all of them."""

import json
from pathlib import Path
from typing import Any

from contracts import accountability, registry, shared_services
from contracts.event import Envelope, Event
from contracts.widening import narrowings

EVENTS: tuple[type[Event], ...] = registry.EVENTS + accountability.EVENTS + shared_services.EVENTS


def schema(event: type[Event]) -> dict[str, Any]:
    """The JSON Schema of an event's `data`."""
    described = _open(event.model_json_schema(by_alias=True))
    return {"$schema": "https://json-schema.org/draft/2020-12/schema", **described}


def _open(described: Any) -> Any:
    """A schema without `additionalProperties: false`: whoever reads an event passes over members it does not know."""
    if isinstance(described, list):
        return [_open(inside) for inside in described]
    if not isinstance(described, dict):
        return described
    return {key: _open(inside) for key, inside in described.items() if (key, inside) != ("additionalProperties", False)}


def asyncapi() -> dict[str, Any]:
    """The AsyncAPI 3.1 document: a channel and a message per event, in a CloudEvents envelope."""
    channels: dict[str, Any] = {}
    operations: dict[str, Any] = {}
    messages: dict[str, Any] = {}
    schemas: dict[str, Any] = {}
    for event in EVENTS:
        name = event.__name__
        channel = f"{event.service}.{event.aggregate}"
        described = channels.setdefault(
            channel,
            {
                "address": f"concordat.{event.service}.{event.aggregate}.{{id}}",
                "description": f"The newest message of a subject is the newest public state of that {event.aggregate}.",
                "parameters": {"id": {"description": f"The {event.aggregate}'s identifier (UUID)."}},
                "messages": {},
            },
        )
        described["messages"][name] = {"$ref": f"#/components/messages/{name}"}
        operations[f"send{name}"] = {
            "action": "send",
            "channel": {"$ref": f"#/channels/{channel}"},
            "summary": _first_line(event),
            "messages": [{"$ref": f"#/channels/{channel}/messages/{name}"}],
        }
        data = _open(event.model_json_schema(by_alias=True, ref_template="#/components/schemas/{model}"))
        schemas |= data.pop("$defs", {}) | {name: data}
        messages[name] = {
            "name": event.type(),
            "title": name,
            "summary": _first_line(event),
            "contentType": "application/cloudevents+json",
            "payload": _envelope(event),
        }
    return {
        "asyncapi": "3.1.0",
        "info": {
            "title": "Concordat events",
            "version": "1.0.0",
            "description": "Every change that another service may need, as a CloudEvent on NATS JetStream.",
        },
        "defaultContentType": "application/cloudevents+json",
        "servers": {"nats": {"host": "localhost:4222", "protocol": "nats", "description": "NATS with JetStream."}},
        "channels": channels,
        "operations": operations,
        "components": {"messages": messages, "schemas": schemas},
    }


def _envelope(event: type[Event]) -> dict[str, Any]:
    envelope = Envelope.model_json_schema()
    envelope["title"] = f"{event.__name__}Envelope"
    envelope["properties"]["data"] = {"$ref": f"#/components/schemas/{event.__name__}"}
    envelope["properties"]["type"] = {"const": event.type()}
    return envelope


def _first_line(event: type[Event]) -> str:
    return (event.__doc__ or "").strip().splitlines()[0]


def write(root: Path) -> None:
    """Write the schemas and `docs/asyncapi.json` below the project's `root`.

    Raises Narrowed, and writes nothing, if an event takes or promises less than its schema there.
    """
    schemas = root / "contracts" / "contracts" / "schemas"
    schemas.mkdir(exist_ok=True)
    _refuse_narrowing(schemas)
    for event in EVENTS:
        _write(schemas / f"{event.type()}.json", schema(event))
    (root / "docs").mkdir(exist_ok=True)
    _write(root / "docs" / "asyncapi.json", asyncapi())


class Narrowed(Exception):
    """An event takes or promises less than before: publish a new version of it beside the old.

    If no release has ever said it, delete its schema first.
    """


def _refuse_narrowing(schemas: Path) -> None:
    for event in EVENTS:
        path = schemas / f"{event.type()}.json"
        if path.exists() and (found := narrowings(json.loads(path.read_text(encoding="utf-8")), schema(event))):
            raise Narrowed(f"{event.type()}: {'; '.join(found)}. {Narrowed.__doc__}")


def _write(path: Path, document: dict[str, Any]) -> None:
    path.write_text(json.dumps(document, indent=2, ensure_ascii=False) + "\n", encoding="utf-8")


if __name__ == "__main__":
    write(Path(__file__).resolve().parents[2])
