"""One OpenAPI document of the gateway and all services: merged, its names made unique."""

import asyncio
import json
import time
from collections.abc import Mapping
from copy import deepcopy
from typing import Any

import aiohttp
from kit.problems import problems
from kit.telemetry import log

from gateway.clients.scopes import SCOPES
from gateway.refusals import NoAnswerInTime, ServiceUnavailable, TooManyRequests, TooSlow

Document = dict[str, Any]
FETCH_SECONDS = 10.0
FRESH_SECONDS = 30.0
REFERENCE = "#/components/schemas/"
REFUSED_HERE = {
    str(refused.status): problems(refused.status)[refused.status] | {"description": refused.title()}
    for refused in (TooSlow, TooManyRequests, ServiceUnavailable, NoAnswerInTime)
}
"""What the gateway itself may answer instead of a service."""


class ServiceDocuments:
    """The services' own documents. Of a service that is down the last good one is used, if there ever was one."""

    def __init__(self, services: Mapping[str, str]) -> None:
        self._services = dict(services)
        self._documents: dict[str, tuple[float, Document]] = {}

    async def fetch(self, session: aiohttp.ClientSession) -> dict[str, Document]:
        """The documents known by now, in the order of the services; those older than half a minute are fetched."""
        await asyncio.gather(*(self._fetch(session, name) for name in self._services))
        return {name: self._documents[name][1] for name in self._services if name in self._documents}

    async def _fetch(self, session: aiohttp.ClientSession, service: str) -> None:
        fetched_at, _ = self._documents.get(service, (float("-inf"), None))
        if time.monotonic() - fetched_at < FRESH_SECONDS:
            return
        try:
            async with (
                asyncio.timeout(FETCH_SECONDS),
                session.get(self._services[service].rstrip("/") + "/openapi.json") as answer,
            ):
                answer.raise_for_status()
                self._documents[service] = time.monotonic(), json.loads(await answer.read())
        except (aiohttp.ClientError, TimeoutError, ValueError) as error:
            log.warning("openapi.missing", of=service, error=type(error).__name__)


def combined(own: Document, services: Mapping[str, Document], public_base_url: str) -> Document:
    """The gateway's own document with the services' merged into it.

    A schema that two documents define differently keeps its name in the first; in the later one, its name and the
    names of those that refer to it get the service's name in front. Operation ids likewise.
    """
    merged = deepcopy(own)
    schemas = merged.setdefault("components", {}).setdefault("schemas", {})
    operations = set(_operations(merged))
    for service, document in services.items():
        prefix = service.title().replace("-", "")
        renamed = _renamed(deepcopy(document), schemas, prefix)
        for operation_id, operation in _operations(renamed).items():
            if operation_id in operations:
                operation["operationId"] = f"{service.replace('-', '_')}_{operation_id}"
            operation["responses"] = REFUSED_HERE | operation["responses"]
        operations |= set(_operations(renamed))
        schemas |= renamed.get("components", {}).get("schemas", {})
        merged["paths"] |= renamed.get("paths", {})
    merged["servers"] = [{"url": public_base_url}]
    merged["tags"] = [{"name": tag} for tag in _tags(merged)]
    merged["components"]["securitySchemes"] = {"OAuth2": _oauth2(public_base_url)}
    return merged


def _operations(document: Document) -> dict[str, Document]:
    """Operations by their id."""
    return {
        operation["operationId"]: operation
        for item in document.get("paths", {}).values()
        for operation in item.values()
        if isinstance(operation, dict) and "operationId" in operation
    }


def _tags(document: Document) -> list[str]:
    return list(dict.fromkeys(tag for op in _operations(document).values() for tag in op.get("tags", [])))


def _oauth2(public_base_url: str) -> Document:
    flow = {"tokenUrl": f"{public_base_url}/oauth/token", "scopes": dict(SCOPES)}
    return {"type": "oauth2", "flows": {"clientCredentials": flow}}


def _renamed(document: Document, taken: Mapping[str, Any], prefix: str) -> Document:
    """`document` with new names for the schemas that differ from those `taken`."""
    mine: Document = document.get("components", {}).get("schemas", {})
    differing = {name for name, schema in mine.items() if name in taken and taken[name] != schema}
    while True:
        referring = {
            name for name, schema in mine.items() if name in taken and not differing.isdisjoint(_references(schema))
        }
        if referring <= differing:
            break
        differing |= referring
    return _with_names(document, {name: prefix + name for name in differing})


def _references(part: Any) -> set[str]:
    """The names of the schemas that `part` refers to."""
    if isinstance(part, dict):
        return set().union(*map(_references, part.values()))
    if isinstance(part, list):
        return set().union(*map(_references, part))
    return {part.removeprefix(REFERENCE)} if isinstance(part, str) and part.startswith(REFERENCE) else set()


def _with_names(document: Document, names: Mapping[str, str]) -> Document:
    def rewritten(part: Any) -> Any:
        if isinstance(part, dict):
            return {key: rewritten(value) for key, value in part.items()}
        if isinstance(part, list):
            return [rewritten(value) for value in part]
        if isinstance(part, str) and part.startswith(REFERENCE):
            name = part.removeprefix(REFERENCE)
            return REFERENCE + names.get(name, name)
        return part

    document = rewritten(document)
    components = document.get("components", {})
    components["schemas"] = {names.get(name, name): schema for name, schema in components.get("schemas", {}).items()}
    return document
