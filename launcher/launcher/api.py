"""Concordat's public API as the launcher uses it: like any other client, with a token and nothing else."""

import time
from collections.abc import Iterator
from typing import Any

import httpx2

from launcher.processes import StartRefused

RENEW_SECONDS = 60


class Api:
    """A client of the public API. Refusals become StartRefused with the problem's own words."""

    def __init__(self, url: str, client_id: str, secret: str) -> None:
        self.url = url
        self._credentials = (client_id, secret)
        self._http = httpx2.Client(base_url=url, timeout=300, trust_env=False)
        self._token, self._until = "", 0.0

    def get(self, path: str, **params: Any) -> Any:
        """The JSON that a GET answers."""
        return self.answered(self.send("GET", path, params=params))

    def pages(self, path: str) -> Iterator[Any]:
        """The JSON of a list, page after page."""
        while path:
            answer = self.good(self.send("GET", path))
            yield answer.json()
            path = answer.links.get("next", {}).get("url", "")

    def post(self, path: str, **request: Any) -> Any:
        """The JSON that a POST answers."""
        return self.answered(self.send("POST", path, **request))

    def send(self, method: str, path: str, **request: Any) -> httpx2.Response:
        """The answer, whatever its status. Raises StartRefused if there is none."""
        try:
            headers = {"Authorization": f"Bearer {self._fresh_token()}", **request.pop("headers", {})}
            return self._http.request(method, path, headers=headers, **request)
        except httpx2.TransportError as error:
            raise StartRefused(f"{self.url} does not answer: {error}.") from error

    def answered(self, answer: httpx2.Response) -> Any:
        """The JSON of a good answer. Raises StartRefused for any other."""
        return self.good(answer).json()

    def good(self, answer: httpx2.Response) -> httpx2.Response:
        """A good answer. Raises StartRefused for any other."""
        if not answer.is_success:
            raise StartRefused(f"{answer.request.method} {answer.request.url.path} was refused: {answer.text[:2000]}")
        return answer

    def close(self) -> None:
        """Close the connections."""
        self._http.close()

    def _fresh_token(self) -> str:
        if time.monotonic() > self._until:
            form = {"grant_type": "client_credentials"}
            said = self.answered(self._http.post("/oauth/token", data=form, auth=self._credentials))
            self._token, self._until = said["access_token"], time.monotonic() + said["expires_in"] - RENEW_SECONDS
        return self._token
