"""Who and what takes part in a play: names become identifiers, organizations become clients of the API."""

import re
from datetime import date
from typing import Any

import httpx2

from launcher.api import Api
from launcher.portfolios.document import System
from launcher.portfolios.vocabulary import REFERENCES
from launcher.processes import StartRefused

PLATFORM = "platform"
SCOPES = ["registry:read", "registry:write", "catalog:read"]
UUID = re.compile(r"[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}")


class Cast:
    """The names of one portfolio on one platform."""

    def __init__(self, system: System, platform: Api) -> None:
        self._system, self._clients = system, {PLATFORM: platform}
        self.ids: dict[str, str] = {}

    def id(self, name: str) -> str:
        """The identifier of a named thing. Raises StartRefused if nobody of that name is there."""
        if name not in self.ids:
            raise StartRefused(f"{self._system.name}: there is no `{name}` (yet); there are {', '.join(self.ids)}.")
        return self.ids[name]

    def resolved(self, value: Any, member: str = "") -> Any:
        """A value with identifiers in place of names, at whatever depth."""
        if isinstance(value, dict):
            return {name: self.resolved(each, name) for name, each in value.items()}
        if isinstance(value, list):
            return [self.resolved(each, member) for each in value]
        if isinstance(value, date):
            return value.isoformat()
        return self.id(value) if member in REFERENCES and isinstance(value, str) else value

    def in_words(self, text: str) -> str:
        """A text with names in place of identifiers."""
        names = {identifier: name for name, identifier in self.ids.items()}
        return UUID.sub(lambda found: names.get(found[0], found[0]), text)

    def as_(self, name: str) -> Api:
        """The API as a client of an organization sees it; the client is made when it first calls."""
        if name not in self._clients:
            self._clients[name] = self._client_of(name)
        return self._clients[name]

    def close(self) -> None:
        """Close the connections of the clients made here."""
        for name, client in self._clients.items():
            if name != PLATFORM:
                client.close()

    def _client_of(self, name: str) -> Api:
        platform = self._clients[PLATFORM]
        client_id = f"portfolio-{self._system.name}-{name}"
        body = {"clientId": client_id, "name": client_id, "organizationId": self.id(name), "scopes": SCOPES}
        made = platform.send("POST", "/v1/clients", json=body)
        if made.status_code == httpx2.codes.CONFLICT:
            made = platform.send("POST", f"/v1/clients/{client_id}/secret")
        return Api(platform.url, client_id, platform.answered(made)["clientSecret"])
