"""State delivery: a puller misses nothing, and what was delivered under a name never changes and can be checked."""

import hashlib
import io
import json
from collections.abc import AsyncIterator, Callable
from itertools import count
from pathlib import Path
from typing import Any

import polars as pl
import pytest
from accountability.app import create_app
from accountability.settings import AccountabilitySettings
from joserfc import jws
from joserfc.errors import JoseError
from joserfc.jwk import KeySet
from kit.relay import number_committed_rows
from sqlalchemy import text

from tests.accountability.lives import NOW, ONE, OPERATOR, OTHER_DISTRICT, STATE, TWO, VENDOR, Life, Lives, told

FORMS = {
    "application/x-ndjson": "read_ndjson",
    "text/csv": "read_csv",
    "application/vnd.apache.parquet": "read_parquet",
}
_names = count()


@pytest.fixture(scope="module")
async def lives(service_of: Callable[..., Any], tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Lives]:
    """Accountability with a key to sign with."""
    key: Path = tmp_path_factory.mktemp("key") / "manifest.json"
    running = service_of("accountability", create_app, AccountabilitySettings, manifest_key=key)
    async with running as service, told(service) as everybody:
        yield everybody


async def number(lives: Lives) -> None:
    """Give publications their change versions, as the relay does."""
    async with lives.service.app.state.database.transaction() as session:
        await number_committed_rows(session)


async def published(lives: Lives) -> Life:
    """Both schools rated, officially."""
    life = await lives.life()
    await life.publish()
    await number(lives)
    return life


async def revised(life: Life) -> None:
    """The figure of the school ONE was wrong: 60, not 40."""
    await life.load("01,60,100\n02,90,100\n")
    assert (await life.publish(reason="The sheets were scanned twice.")).status_code == 200
    await number(life.lives)


async def withdraw(life: Life, school: Any = TWO, by: Any = STATE) -> Any:
    """Withdraw a school's rating."""
    rating = await life.rating(school)
    url, headers = f"/v1/ratings/{rating['id']}/withdrawal", {"If-Match": f'"{rating["revision"]}"'}
    answer = await life.lives.by(by).post(url, json={"reason": "Not a school of this framework."}, headers=headers)
    await number(life.lives)
    return answer


async def get(lives: Lives, path: str, **params: Any) -> Any:
    """What a vendor is answered."""
    answer = await lives.by(VENDOR).get(path, params=params)
    assert answer.status_code == 200, answer.text
    return answer.json()


async def newest(lives: Lives) -> int:
    return int((await get(lives, "/v1/ratings/available-change-versions"))["newestChangeVersion"])


class Puller:
    """A state that keeps a copy by change versions."""

    def __init__(self, life: Life) -> None:
        self.life, self.since = life, 0
        self.kept: dict[str, tuple[str, int]] = {}

    async def pull(self) -> None:
        """Take what changed since the last time."""
        until = await newest(self.life.lives)
        asked = {"minChangeVersion": self.since, "maxChangeVersion": until, "limit": 500}
        for rating in (await get(self.life.lives, "/v1/ratings", framework=self.life.name, **asked))["items"]:
            self.kept[rating["id"]] = (rating["rating"], rating["revision"])
        for gone in (await get(self.life.lives, "/v1/ratings/deletes", **asked))["items"]:
            self.kept.pop(gone["id"], None)
        self.since = until + 1


async def test_who_follows_and_who_starts_late_have_the_same(lives: Lives) -> None:
    life = await published(lives)
    following, late = Puller(life), Puller(life)
    await following.pull()
    await revised(life)
    await following.pull()
    await withdraw(life)
    await following.pull()
    await late.pull()
    assert following.kept == late.kept
    assert list(late.kept.values()) == [("C", 2)]


async def test_a_rating_published_again_after_its_withdrawal_leaves_no_tombstone(lives: Lives) -> None:
    life = await published(lives)
    await withdraw(life)
    following = Puller(life)
    await following.pull()
    await life.publish()
    await number(lives)
    await following.pull()
    gone = {each["id"] for each in (await get(lives, "/v1/ratings/deletes", limit=500))["items"]}
    rating = await life.rating(TWO)
    assert following.kept[rating["id"]] == ("A", 3)
    assert rating["id"] not in gone


async def test_a_withdrawn_rating_is_public_nowhere_and_its_tombstone_says_of_what_it_was(lives: Lives) -> None:
    life = await published(lives)
    rating = await life.rating(TWO)
    assert (await withdraw(life)).status_code == 200
    paths = ("", "/revisions", "/explanation", "/explanation?revision=1", "/full-explanation")
    statuses = [(await lives.by(VENDOR).get(f"/v1/ratings/{rating['id']}{path}")).status_code for path in paths]
    gone = (await get(lives, "/v1/ratings/deletes", minChangeVersion=rating["changeVersion"], limit=500))["items"]
    key = {"schoolId": str(TWO), "studentGroup": "ALL", "framework": life.name, "schoolYear": 2019}
    assert statuses == [404] * 5
    assert [(each["keyValues"], each["reason"]) for each in gone if each["id"] == rating["id"]] == [
        (key, "Not a school of this framework.")
    ]


async def test_others_are_told_of_a_withdrawal(lives: Lives) -> None:
    life = await published(lives)
    rating = await life.rating(TWO)
    await withdraw(life)
    said = text("select type, version from journal where subject like '%' || :id order by version")
    async with lives.service.app.state.database.snapshot() as session:
        rows = (await session.execute(said, {"id": rating["id"]})).all()
    assert [tuple(row) for row in rows] == [
        ("concordat.accountability.rating.published.v1", 1),
        ("concordat.accountability.rating.withdrawn.v1", 2),
    ]


@pytest.mark.parametrize("by", [OPERATOR, OTHER_DISTRICT])
async def test_only_who_rated_withdraws(lives: Lives, by: Any) -> None:
    life = await published(lives)
    assert (await withdraw(life, by=by)).status_code == 404
    assert (await life.rating(TWO))["revision"] == 1


async def test_a_rating_under_appeal_is_not_withdrawn(lives: Lives) -> None:
    life = await published(lives)
    await life.open("appeals")
    await life.appeal((await life.rating(ONE))["id"])
    refused = await withdraw(life, ONE)
    assert (refused.status_code, refused.json()["type"]) == (409, "urn:concordat:problem:appeal-is-open")


async def test_what_is_withdrawn_takes_no_appeal_and_no_decision(lives: Lives) -> None:
    life = await published(lives)
    await life.open("appeals")
    rating = await life.rating(ONE)
    await withdraw(life, ONE)
    decision = {
        "schoolId": str(ONE),
        "kind": "other",
        "decidedOn": "2019-10-10",
        "decidedBy": "Board",
        "outcome": "None",
        "reliedOn": [{"ratingId": rating["id"], "revision": 1}],
    }
    recorded = await lives.by(STATE).post("/v1/decisions", json=decision)
    assert (await life.appeal(rating["id"])).status_code == 404
    assert (recorded.status_code, recorded.json()["errors"][0]["rule"]) == (422, "unknown")


async def test_a_correction_is_delivered_with_before_and_after(lives: Lives) -> None:
    life = await published(lives)
    since = await newest(lives) + 1
    await revised(life)
    [correction] = (await get(lives, "/v1/rating-corrections", minChangeVersion=since))["items"]
    before, after = correction["before"], correction["after"]
    assert [(each["rating"], each["score"], each["revision"]) for each in (before, after)] == [
        ("D", 40, 1),
        ("C", 60, 2),
    ]
    assert (correction["reason"], correction["changeVersion"] >= since) == ("The sheets were scanned twice.", True)


async def test_a_first_publication_is_no_correction(lives: Lives) -> None:
    since = await newest(lives) + 1
    await published(lives)
    assert (await get(lives, "/v1/rating-corrections", minChangeVersion=since))["items"] == []


async def test_all_ratings_come_as_parquet(lives: Lives) -> None:
    life = await published(lives)
    found = await lives.by(VENDOR).get(
        "/v1/ratings", params={"framework": life.name}, headers={"accept": "application/vnd.apache.parquet"}
    )
    frame = pl.read_parquet(io.BytesIO(found.content)).sort("schoolName")
    assert frame["score"].to_list() == [40.0, 90.0]
    assert frame.schema["changeVersion"] == pl.Int64


async def take(life: Life, by: Any = STATE, **changes: Any) -> Any:
    body = {"name": f"Snapshot {next(_names)}", "framework": life.name, "label": "Fall"} | changes
    return await life.lives.by(by).post("/v1/rating-snapshots", json=body)


async def files(lives: Lives, name: str) -> dict[str, bytes]:
    url = f"/v1/rating-snapshots/{name}/ratings"
    return {form: (await lives.by(VENDOR).get(url, headers={"accept": form})).content for form in FORMS}


async def test_a_snapshot_is_the_same_bytes_whatever_is_published_later(lives: Lives) -> None:
    life = await published(lives)
    name = (await take(life)).json()["name"]
    before = await files(lives, name)
    await revised(life)
    await withdraw(life)
    assert await files(lives, name) == before
    assert [json.loads(line)["score"] for line in before["application/x-ndjson"].splitlines()] == [40, 90]


async def test_all_forms_of_a_snapshot_say_the_same(lives: Lives) -> None:
    life = await published(lives)
    found = await files(lives, (await take(life)).json()["name"])
    frames = [getattr(pl, FORMS[form])(io.BytesIO(content)) for form, content in found.items()]
    columns = ["id", "rating", "score", "revision"]
    assert len({tuple(frame.select(columns).iter_rows()) for frame in frames}) == 1


async def test_the_manifest_tells_counts_and_hashes_and_is_signed(lives: Lives) -> None:
    life = await published(lives)
    name = (await take(life)).json()["name"]
    signed = await get(lives, f"/v1/rating-snapshots/{name}/manifest")
    keys = KeySet.import_key_set(await get(lives, "/v1/manifest-keys"))
    manifest = json.loads(jws.deserialize_compact(signed["jws"], keys, algorithms=["Ed25519"]).payload)
    found = await files(lives, name)
    assert manifest == signed["manifest"]
    assert [each["version"] for each in manifest["frameworks"]] == ["1"]
    assert {each["mediaType"]: (each["rows"], each["bytes"], each["sha256"]) for each in manifest["files"]} == {
        form: (2, len(content), hashlib.sha256(content).hexdigest()) for form, content in found.items()
    }


async def test_a_manifest_that_was_tampered_with_does_not_verify(lives: Lives) -> None:
    life = await published(lives)
    name = (await take(life)).json()["name"]
    header, _, signature = (await get(lives, f"/v1/rating-snapshots/{name}/manifest"))["jws"].split(".")
    keys = KeySet.import_key_set(await get(lives, "/v1/manifest-keys"))
    with pytest.raises(JoseError):
        jws.deserialize_compact(f"{header}.e30.{signature}", keys, algorithms=["Ed25519"])


async def test_what_changed_since_a_snapshot_is_listed(lives: Lives) -> None:
    life = await published(lives)
    name = (await take(life)).json()["name"]
    await revised(life)
    await withdraw(life)
    changes = (await get(lives, f"/v1/rating-snapshots/{name}/changes"))["items"]
    said = [(each["snapshot"]["rating"], each["now"] and each["now"]["rating"]) for each in changes]
    assert sorted(said, key=str) == [("A", None), ("D", "C")]


async def test_a_snapshot_continues_in_the_change_feed(lives: Lives) -> None:
    life = await published(lives)
    since = (await take(life)).json()["changeVersion"] + 1
    nothing = (await get(lives, "/v1/ratings", framework=life.name, minChangeVersion=since))["items"]
    await revised(life)
    changed = (await get(lives, "/v1/ratings", framework=life.name, minChangeVersion=since))["items"]
    assert (nothing, [each["rating"] for each in changed]) == ([], ["C"])


async def test_a_name_is_taken_once(lives: Lives) -> None:
    life = await published(lives)
    name = (await take(life)).json()["name"]
    refused = await take(life, name=name)
    assert (refused.status_code, refused.json()["type"]) == (409, "urn:concordat:problem:rating-snapshot-exists")


async def test_only_stewards_take_snapshots(lives: Lives) -> None:
    life = await published(lives)
    assert [(await take(life, by)).status_code for by in (VENDOR, OPERATOR)] == [403, 403]


async def test_a_snapshot_waits_until_publications_are_numbered(lives: Lives) -> None:
    life = await lives.life()
    await life.publish()
    early = await take(life)
    await number(lives)
    assert (early.status_code, (await take(life)).status_code) == (503, 201)


async def test_a_school_that_closed_during_the_year_is_still_reported(lives: Lives) -> None:
    life = await published(lives)
    closed = text("update directory_school set said = jsonb_set(said, '{facts,0,validTo}', :day) where id = :id")
    async with lives.service.app.state.database.transaction() as session:
        await session.execute(closed, {"day": f'"{NOW.date()}"', "id": TWO})
    schools = {each["schoolId"] for each in (await get(lives, "/v1/ratings", framework=life.name))["items"]}
    assert str(TWO) in schools
