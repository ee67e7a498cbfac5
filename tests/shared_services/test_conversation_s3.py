"""The S3-compatible store: signatures as Amazon publishes them, and content there and back."""

from datetime import UTC, datetime
from hashlib import sha256
from pathlib import Path

import httpx2
import pytest
from fastapi import FastAPI, Request, Response
from kit.errors import Unavailable
from shared_services.conversation.s3 import EMPTY_SHA256, S3Store, authorization

KEY = ("AKIAIOSFODNN7EXAMPLE", "wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY")
PUBLISHED = datetime(2013, 5, 24, tzinfo=UTC)
CONTENT = b"%PDF-1.7 a plan"
DIGEST = sha256(CONTENT).hexdigest()


def signature(method: str, path: str, payload_sha256: str, **more: str) -> str:
    headers = {
        "host": "examplebucket.s3.amazonaws.com",
        "x-amz-content-sha256": payload_sha256,
        "x-amz-date": "20130524T000000Z",
    } | {name.replace("_", "-"): value for name, value in more.items()}
    return authorization(KEY, "us-east-1", PUBLISHED, method, path, headers).rpartition("Signature=")[2]


def test_a_read_is_signed_as_in_amazons_example() -> None:
    signed = signature("GET", "/test.txt", EMPTY_SHA256, range="bytes=0-9")
    assert signed == "f0e8bdb87c964420e857bd35b5d6ed310bd44f0170aba48dd91039c6036bdb41"


def test_a_write_is_signed_as_in_amazons_example() -> None:
    payload = "44ce7dd67c959e0d3524ffac1771dfbba87d2b6b4b4e99e42034a8b803f8b072"
    more = {"date": "Fri, 24 May 2013 00:00:00 GMT", "x_amz_storage_class": "REDUCED_REDUNDANCY"}
    signed = signature("PUT", "/test$file.text", payload, **more)
    assert signed == "98ad721746da40c64f1a55b78f14c238d841ea1380cd77a1b5971af0ece108bd"


class Bucket:
    """An S3-compatible bucket that checks what it is sent."""

    def __init__(self) -> None:
        self.objects: dict[str, bytes] = {}
        self.app = FastAPI()
        self.app.api_route("/bucket/{name}", methods=["PUT", "GET"])(self.answer)

    async def answer(self, name: str, request: Request) -> Response:
        said = request.headers
        signed = {one: said[one] for one in ("host", "x-amz-content-sha256", "x-amz-date")}
        at = datetime.strptime(said["x-amz-date"], "%Y%m%dT%H%M%SZ").replace(tzinfo=UTC)
        expected = authorization(KEY, "us-east-1", at, request.method, request.url.path, signed)
        body = await request.body()
        if said["authorization"] != expected or said["x-amz-content-sha256"] != sha256(body).hexdigest():
            return Response(status_code=403)
        if request.method == "PUT":
            self.objects[name] = body
            return Response()
        return Response(self.objects[name]) if name in self.objects else Response(status_code=404)


@pytest.fixture
def bucket() -> Bucket:
    return Bucket()


def store(bucket: Bucket, key: tuple[str, str] = KEY) -> S3Store:
    return S3Store("http://s3.test/bucket", "us-east-1", key, httpx2.ASGITransport(app=bucket.app))


async def test_content_comes_back_as_it_was_put(bucket: Bucket, tmp_path: Path) -> None:
    file = tmp_path / "plan.pdf"
    file.write_bytes(CONTENT)
    await store(bucket).put(DIGEST, file)
    pieces = [piece async for piece in await store(bucket).read(DIGEST)]
    assert (list(bucket.objects), b"".join(pieces)) == ([DIGEST], CONTENT)


async def test_a_refusal_of_the_store_is_a_problem_of_ours(bucket: Bucket, tmp_path: Path) -> None:
    file = tmp_path / "plan.pdf"
    file.write_bytes(CONTENT)
    with pytest.raises(Unavailable):
        await store(bucket, ("other", "wrong")).put(DIGEST, file)
    with pytest.raises(Unavailable):
        await store(bucket).read(DIGEST)
