"""Files in a foreign S3 server that demands our signatures: moto, with its authorization turned on."""

from collections.abc import Iterator
from contextlib import closing
from hashlib import sha256
from pathlib import Path
from typing import Any

import boto3
import httpx2
import pytest
from kit.errors import Unavailable
from moto.server import ThreadedMotoServer
from shared_services.conversation.s3 import S3Store

CONTENT = b"%PDF-1.7 " + b"a plan of the roof " * 10_000
DIGEST = sha256(CONTENT).hexdigest()
REGION = "us-east-1"
EVERYTHING = '{"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Action": "s3:*", "Resource": "*"}]}'
Key = tuple[str, str]


@pytest.fixture(scope="module")
def server() -> Iterator[tuple[str, Key]]:
    """The URL of a bucket, and a key that may use it."""
    threaded = ThreadedMotoServer(ip_address="127.0.0.1", port=0, verbose=False)
    threaded.start()
    host, port = threaded.get_host_and_port()
    url = f"http://{host}:{port}"
    try:
        key = _key(url)
        # From here on each request has to be signed by a key that it knows.
        httpx2.post(f"{url}/moto-api/reset-auth", content=b"0").raise_for_status()
        yield f"{url}/concordat", key
    finally:
        threaded.stop()


def _key(url: str) -> Key:
    """A bucket, and the key of a user that may do everything with it."""
    nobody: dict[str, Any] = {"aws_access_key_id": "any", "aws_secret_access_key": "any", "region_name": REGION}
    with closing(boto3.client("s3", endpoint_url=url, **nobody)) as s3:
        s3.create_bucket(Bucket="concordat")
    with closing(boto3.client("iam", endpoint_url=url, **nobody)) as iam:
        iam.create_user(UserName="concordat")
        iam.put_user_policy(UserName="concordat", PolicyName="all", PolicyDocument=EVERYTHING)
        made = iam.create_access_key(UserName="concordat")["AccessKey"]
    return made["AccessKeyId"], made["SecretAccessKey"]


@pytest.fixture
def plan(tmp_path: Path) -> Path:
    file = tmp_path / "plan.pdf"
    file.write_bytes(CONTENT)
    return file


async def content(store: S3Store) -> bytes:
    return b"".join([piece async for piece in await store.read(DIGEST)])


async def test_content_comes_back_as_it_was_put_however_often(server: tuple[str, Key], plan: Path) -> None:
    url, key = server
    store = S3Store(url, REGION, key)
    for _ in range(2):
        await store.put(DIGEST, plan)
    assert await content(store) == CONTENT


async def test_content_that_is_not_there_is_a_problem_of_ours(server: tuple[str, Key]) -> None:
    url, key = server
    with pytest.raises(Unavailable):
        await S3Store(url, REGION, key).read(sha256(b"nothing").hexdigest())


@pytest.mark.parametrize("forged", [("AKIAUNKNOWN", "any"), None])
async def test_the_server_refuses_a_key_or_a_secret_that_is_not_its_own(
    server: tuple[str, Key], plan: Path, forged: Key | None
) -> None:
    url, (access_key, _) = server
    with pytest.raises(Unavailable):
        await S3Store(url, REGION, forged or (access_key, "guessed")).put(DIGEST, plan)
