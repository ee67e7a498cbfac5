"""An S3-compatible object store, spoken to with AWS Signature Version 4."""

import asyncio
import hashlib
import hmac
from collections.abc import AsyncIterator, Mapping
from datetime import datetime
from pathlib import Path
from urllib.parse import quote, urlsplit

import httpx2
from kit.clock import utc_now
from kit.errors import Unavailable
from kit.telemetry import log

SECONDS = 30
EMPTY_SHA256 = hashlib.sha256(b"").hexdigest()


class S3Store:
    """A bucket. `key` is the access key and its secret."""

    def __init__(self, url: str, region: str, key: tuple[str, str]) -> None:
        self._url, self._region, self._key = url.rstrip("/"), region, key

    async def put(self, sha256: str, file: Path) -> None:
        """Keep a file's content under its hash; the same content sent again changes nothing."""
        content = await asyncio.to_thread(file.read_bytes)
        async with self._open() as client:
            try:
                answer = await client.put(
                    self._at(sha256), content=content, headers=self._signed("PUT", sha256, sha256)
                )
            except httpx2.HTTPError as error:
                raise _away(type(error).__name__) from error
        if answer.status_code != 200:
            raise _away(f"status {answer.status_code}")

    async def read(self, sha256: str) -> AsyncIterator[bytes]:
        """The content under a hash, in pieces. Raises Unavailable if it cannot be had."""
        client = self._open()
        asked = client.build_request("GET", self._at(sha256), headers=self._signed("GET", sha256, EMPTY_SHA256))
        try:
            answer = await client.send(asked, stream=True)
        except httpx2.HTTPError as error:
            await client.aclose()
            raise _away(type(error).__name__) from error
        if answer.status_code != 200:
            await client.aclose()
            raise _away(f"status {answer.status_code}")
        return _pieces(client, answer)

    def _at(self, sha256: str) -> str:
        return f"{self._url}/{sha256}"

    def _open(self) -> httpx2.AsyncClient:
        return httpx2.AsyncClient(timeout=SECONDS, trust_env=False)

    def _signed(self, method: str, sha256: str, payload_sha256: str) -> dict[str, str]:
        at = urlsplit(self._at(sha256))
        now = utc_now()
        headers = {
            "host": at.netloc,
            "x-amz-content-sha256": payload_sha256,
            "x-amz-date": f"{now:%Y%m%dT%H%M%SZ}",
        }
        return headers | {"authorization": authorization(self._key, self._region, now, method, at.path, headers)}


async def _pieces(client: httpx2.AsyncClient, answer: httpx2.Response) -> AsyncIterator[bytes]:
    try:
        async for piece in answer.aiter_raw():
            yield piece
    finally:
        await client.aclose()


def authorization(
    key: tuple[str, str], region: str, now: datetime, method: str, path: str, headers: Mapping[str, str]
) -> str:
    """The Authorization header of a request without query, over all its `headers` (lower-case names)."""
    access_key, secret_key = key
    names = ";".join(sorted(headers))
    said = "".join(f"{name}:{headers[name].strip()}\n" for name in sorted(headers))
    canonical = f"{method}\n{quote(path)}\n\n{said}\n{names}\n{headers['x-amz-content-sha256']}"
    scope = f"{now:%Y%m%d}/{region}/s3/aws4_request"
    digest = hashlib.sha256(canonical.encode()).hexdigest()
    signing_key = f"AWS4{secret_key}".encode()
    for part in scope.split("/"):
        signing_key = hmac.digest(signing_key, part.encode(), "sha256")
    to_sign = f"AWS4-HMAC-SHA256\n{now:%Y%m%dT%H%M%SZ}\n{scope}\n{digest}"
    signature = hmac.digest(signing_key, to_sign.encode(), "sha256").hex()
    return f"AWS4-HMAC-SHA256 Credential={access_key}/{scope},SignedHeaders={names},Signature={signature}"


def _away(reason: str) -> Unavailable:
    log.error("store.away", reason=reason)
    return Unavailable("The object store is not reachable for the moment; try again.")
