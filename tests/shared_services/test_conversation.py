"""Conversation: who reads which messages and files, who writes, and what of it is told."""

import stat
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from hashlib import sha256
from pathlib import Path
from typing import Any
from uuid import uuid4

import httpx2
import pytest
from shared_services.settings import Settings

from tests.shared_services.conftest import Cast, errors, held

PNG = b"\x89PNG\r\n\x1a\n" + bytes(100)
SUMMER = datetime(2027, 7, 2, 15, tzinfo=UTC)
Request = dict[str, Any]


@pytest.fixture
async def request_(cast: Cast) -> Request:
    """A request of north's."""
    return await cast.submit("north", "Orr")


@pytest.fixture
def settings(cast: Cast) -> Iterator[Callable[..., None]]:
    """Changes settings of the service for a test."""
    state = cast.service.app.state
    was: Settings = state.settings

    def change(**values: object) -> None:
        state.settings = was.model_copy(update=values)

    yield change
    state.settings = was


async def say(cast: Cast, who: str, request: Request, text: str, internal: bool = False) -> httpx2.Response:
    body = {"text": text, "internal": internal}
    return await cast.clients[who].post(f"/v1/requests/{request['id']}/messages", json=body)


async def heard(cast: Cast, who: str, request: Request) -> list[str]:
    answer = await cast.clients[who].get(f"/v1/requests/{request['id']}/messages")
    assert answer.status_code == 200, answer.text
    return [item["text"] for item in answer.json()["items"]]


async def attach(
    cast: Cast, who: str, request: Request, content: bytes = PNG, name: str = "leak.png", **more: str
) -> httpx2.Response:
    headers = {"content-type": more.pop("media_type", "image/png")}
    params = {"requestId": request["id"], "filename": name} | more
    return await cast.clients[who].post("/v1/attachments", params=params, content=content, headers=headers)


def script(folder: Path, lines: str) -> list[str]:
    """A command that stands for a malware scanner."""
    path = folder / "scanner"
    path.write_text(f"#!/bin/sh\n{lines}\n")
    path.chmod(path.stat().st_mode | stat.S_IXUSR)
    return [str(path)]


async def test_requester_and_provider_hear_each_other(cast: Cast, request_: Request) -> None:
    for who, text in (("north", "It is cold"), ("district", "We come on Thursday")):
        assert (await say(cast, who, request_, text)).status_code == 201
    both = ["It is cold", "We come on Thursday"]
    assert (await heard(cast, "north", request_), await heard(cast, "district", request_)) == (both, both)


async def test_an_internal_note_stays_among_those_who_serve_the_request(cast: Cast, request_: Request) -> None:
    await say(cast, "district", request_, "The boiler is beyond repair", internal=True)
    assert (await heard(cast, "north", request_), await heard(cast, "district", request_)) == (
        [],
        ["The boiler is beyond repair"],
    )


async def test_the_requester_writes_no_internal_notes(cast: Cast, request_: Request) -> None:
    assert (await say(cast, "north", request_, "Between us", internal=True)).status_code == 403


@pytest.mark.parametrize("who", ["south", "elsewhere", "state"])
async def test_strangers_neither_hear_nor_speak(cast: Cast, request_: Request, who: str) -> None:
    read = await cast.clients[who].get(f"/v1/requests/{request_['id']}/messages")
    assert (read.status_code, (await say(cast, who, request_, "Hello")).status_code) == (404, 404)
    assert (await attach(cast, who, request_)).status_code == 404


async def test_whoever_speaks_needs_the_scope_of_its_side(cast: Cast, request_: Request) -> None:
    north = cast.service.client("requests:read", "requests:manage", organization_id=cast.ids["north"])
    answer = await north.post(f"/v1/requests/{request_['id']}/messages", json={"text": "Hello"})
    assert (answer.status_code, answer.json()["scope"]) == (403, "requests:write")


async def test_a_former_operator_reads_its_own_period_and_says_no_more(cast: Cast) -> None:
    turn = [
        held(cast.ids["district"], "accountable-lea"),
        held(cast.ids["north"], "operator", "2018-07-01", "2027-07-01"),
        held(cast.ids["south"], "operator", "2027-07-01"),
    ]
    await cast.school("Turn", assignments=turn)
    old = await cast.submit("north", "Turn", serviceDate="2027-06-30")
    await say(cast, "north", old, "Before")
    cast.now = SUMMER
    assert (await heard(cast, "north", old), (await say(cast, "north", old, "After")).status_code) == (["Before"], 403)
    assert (await attach(cast, "north", old)).status_code == 403


async def test_that_something_was_said_is_told_and_never_what(cast: Cast, request_: Request) -> None:
    await say(cast, "north", request_, "Grandmother is ill")
    told = (await cast.said())[-1]
    assert told.type == "concordat.shared-services.message.posted.v1"
    assert (told.data["requestId"], told.data["requestNumber"]) == (request_["id"], request_["number"])
    assert told.data["requestingOrganizationId"] == str(cast.ids["north"])
    assert "Grandmother" not in str(told.data)


async def test_an_internal_note_is_not_told_to_the_requester(cast: Cast, request_: Request) -> None:
    await say(cast, "district", request_, "Beyond repair", internal=True)
    told = (await cast.said())[-1].data
    assert (told["internal"], told["requestingOrganizationId"]) == (True, None)


async def test_a_message_sent_again_under_its_key_is_said_once(cast: Cast, request_: Request) -> None:
    url, headers = f"/v1/requests/{request_['id']}/messages", {"idempotency-key": "m"}
    for _ in range(2):
        await cast.clients["north"].post(url, json={"text": "Once"}, headers=headers)
    assert await heard(cast, "north", request_) == ["Once"]


@pytest.mark.parametrize("text", ["", "   ", "a\x00b", "x" * 4001])
async def test_a_message_says_something(cast: Cast, request_: Request, text: str) -> None:
    assert list(errors(await say(cast, "north", request_, text))) == ["body.text"]


async def test_a_file_comes_back_as_it_was_to_be_saved_and_never_run(cast: Cast, request_: Request) -> None:
    made = (await attach(cast, "north", request_, name="Büro.png")).json()
    assert (made["sha256"], made["sizeBytes"], made["scan"]) == (sha256(PNG).hexdigest(), len(PNG), "unscanned")
    answer = await cast.clients["district"].get(f"/v1/attachments/{made['id']}/content")
    assert (answer.content, answer.headers["content-type"]) == (PNG, "image/png")
    assert answer.headers["content-disposition"] == "attachment; filename*=UTF-8''B%C3%BCro.png"
    assert answer.headers["x-content-type-options"] == "nosniff"
    assert "sandbox" in answer.headers["content-security-policy"]


async def test_a_file_lies_under_its_hash_and_is_kept_once(cast: Cast, request_: Request) -> None:
    for name in ("a.png", "b.png"):
        await attach(cast, "north", request_, name=name)
    digest = sha256(PNG).hexdigest()
    folder: Path = cast.service.app.state.settings.attachment_folder
    assert [path.name for path in (folder / digest[:2]).iterdir() if path.name.startswith(digest)] == [digest]
    items = (await cast.platform.get(f"/v1/requests/{request_['id']}/attachments")).json()["items"]
    assert [item["filename"] for item in items] == ["a.png", "b.png"]


async def test_the_same_file_sent_again_is_the_same_attachment(cast: Cast, request_: Request) -> None:
    first, again = [(await attach(cast, "north", request_)).json() for _ in range(2)]
    told = [row for row in await cast.said() if row.type.endswith("message.posted.v1")]
    assert (first, len(told)) == (again, 1)


async def test_a_file_is_seen_like_its_request_and_an_internal_one_only_by_those_who_serve_it(
    cast: Cast, request_: Request
) -> None:
    shown = (await attach(cast, "north", request_)).json()["id"]
    inner = (await attach(cast, "district", request_, name="plan.png", internal="true")).json()["id"]
    seen = {}
    for who in ("north", "south", "district", "platform"):
        statuses = [
            (await cast.clients[who].get(f"/v1/attachments/{one}/content")).status_code for one in (shown, inner)
        ]
        seen[who] = statuses
    assert seen == {"north": [200, 404], "south": [404, 404], "district": [200, 200], "platform": [200, 200]}
    assert (await attach(cast, "north", request_, name="x.png", internal="true")).status_code == 403


@pytest.mark.parametrize(
    ("media_type", "content", "status"),
    [("image/png", b"<html>", 415), ("text/html", b"<html>", 415), ("application/pdf", b"%PDF-1.7", 201)],
)
async def test_only_known_types_are_taken_and_only_if_they_are_what_they_say(
    cast: Cast, request_: Request, media_type: str, content: bytes, status: int
) -> None:
    assert (await attach(cast, "north", request_, content, media_type=media_type)).status_code == status


async def test_a_file_that_is_too_large_is_refused(
    cast: Cast, request_: Request, settings: Callable[..., None]
) -> None:
    settings(attachment_limit_bytes=len(PNG) - 1)
    assert (await attach(cast, "north", request_)).status_code == 413


@pytest.mark.parametrize(
    ("name", "kept"), [("../../etc/passwd", "passwd"), ("C:\\a\\b.png", "b.png"), ('a"b\r\n.png', "a_b__.png")]
)
async def test_a_name_is_only_a_name(cast: Cast, request_: Request, name: str, kept: str) -> None:
    assert (await attach(cast, "north", request_, name=name)).json()["filename"] == kept


async def test_a_file_without_a_name_is_refused(cast: Cast, request_: Request) -> None:
    assert errors(await attach(cast, "north", request_, name="..")) == {"filename": "plain-name"}


@pytest.mark.parametrize(
    ("lines", "status", "kept"),
    [("exit 0", 201, ["clean"]), ("exit 1", 422, []), ("exit 2", 503, []), ("sleep 60", 503, [])],
)
async def test_the_malware_scanner_has_the_last_word(
    cast: Cast,
    request_: Request,
    settings: Callable[..., None],
    tmp_path: Path,
    lines: str,
    status: int,
    kept: list[str],
) -> None:
    settings(scan_command=script(tmp_path, lines), scan_seconds=0.3 if "sleep" in lines else 30)
    assert (await attach(cast, "north", request_)).status_code == status
    items = (await cast.platform.get(f"/v1/requests/{request_['id']}/attachments")).json()["items"]
    assert [item["scan"] for item in items] == kept


async def test_a_scanner_that_does_not_start_lets_nothing_in(
    cast: Cast, request_: Request, settings: Callable[..., None]
) -> None:
    settings(scan_command=["/no/such/scanner"])
    assert (await attach(cast, "north", request_)).status_code == 503


async def test_without_a_store_files_are_refused_with_the_setting_to_make(
    cast: Cast, request_: Request, settings: Callable[..., None]
) -> None:
    settings(attachment_folder=None)
    answer = await attach(cast, "north", request_)
    assert (answer.status_code, "CONCORDAT_ATTACHMENT_FOLDER" in answer.json()["detail"]) == (503, True)


async def test_a_file_that_the_store_lost_is_a_problem_and_not_half_an_answer(
    cast: Cast, request_: Request, settings: Callable[..., None], tmp_path: Path
) -> None:
    made = (await attach(cast, "north", request_)).json()
    settings(attachment_folder=tmp_path)
    answer = await cast.platform.get(f"/v1/attachments/{made['id']}/content")
    assert (answer.status_code, answer.headers["content-type"]) == (503, "application/problem+json")


async def test_a_foreign_attachment_and_none_look_the_same(cast: Cast, request_: Request) -> None:
    made = (await attach(cast, "north", request_)).json()["id"]
    words = []
    for one in (made, str(uuid4())):
        problem = (await cast.clients["south"].get(f"/v1/attachments/{one}")).json()
        words.append(problem["detail"].replace(one, ""))
    assert words[0] == words[1]
