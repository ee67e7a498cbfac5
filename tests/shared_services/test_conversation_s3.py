"""Signatures for an S3-compatible store are as Amazon publishes them."""

from datetime import UTC, datetime

from shared_services.conversation.s3 import EMPTY_SHA256, authorization

KEY = ("AKIAIOSFODNN7EXAMPLE", "wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY")
PUBLISHED = datetime(2013, 5, 24, tzinfo=UTC)


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
