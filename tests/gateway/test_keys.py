"""Signing keys: files in a folder."""

import json
import os
import stat
import threading
import time
from pathlib import Path

import pytest
from gateway.keys import SETTLE_SECONDS, SigningKeys
from joserfc.jwk import ECKey
from kit.errors import Unavailable

from tests.gateway.conftest import Gateway


def add_key(folder: Path, name: str, age_seconds: float) -> str:
    """Add a key file as an operator would; its id."""
    key = ECKey.generate_key("P-256", auto_kid=True)
    file = folder / name
    file.write_text(json.dumps(key.as_dict(private=True)))
    os.utime(file, (time.time() - age_seconds,) * 2)
    assert key.kid is not None
    return key.kid


def test_the_first_start_makes_a_key_that_only_its_owner_reads(tmp_path: Path) -> None:
    keys = SigningKeys(tmp_path / "signing")
    keys.ensure_one()
    (file,) = (tmp_path / "signing").iterdir()
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    assert keys.current().kid == json.loads(file.read_text())["kid"]


def test_a_later_start_makes_no_other(tmp_path: Path) -> None:
    SigningKeys(tmp_path).ensure_one()
    SigningKeys(tmp_path).ensure_one()
    assert len(list(tmp_path.iterdir())) == 1


def test_processes_that_start_at_once_agree_on_one_key(tmp_path: Path) -> None:
    everyone = [SigningKeys(tmp_path) for _ in range(8)]
    together = threading.Barrier(len(everyone))

    def start(keys: SigningKeys) -> None:
        together.wait()
        keys.ensure_one()

    threads = [threading.Thread(target=start, args=[keys]) for keys in everyone]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len({keys.current().kid for keys in everyone}) == 1
    assert len(list(tmp_path.iterdir())) == 1


def test_the_newest_key_signs_and_all_are_published(tmp_path: Path) -> None:
    old = add_key(tmp_path, "b.json", 2 * SETTLE_SECONDS)
    keys = SigningKeys(tmp_path)
    assert keys.current().kid == old
    new = add_key(tmp_path, "a.json", SETTLE_SECONDS + 1)
    assert keys.current().kid == new
    assert {key.kid for key in keys.published().keys} == {old, new}


def test_a_new_key_is_published_before_it_signs(tmp_path: Path) -> None:
    old = add_key(tmp_path, "a.json", 2 * SETTLE_SECONDS)
    new = add_key(tmp_path, "b.json", 0)
    keys = SigningKeys(tmp_path)
    assert keys.current().kid == old
    assert new in {key.kid for key in keys.published().keys}


def test_nothing_private_is_published(tmp_path: Path) -> None:
    add_key(tmp_path, "a.json", 0)
    (published,) = SigningKeys(tmp_path).published().keys
    assert not published.is_private
    assert published.as_dict().keys() == {"kty", "crv", "x", "y", "kid", "use", "alg"}


@pytest.mark.parametrize("content", ["", "{", '{"kty": "EC"}', '{"kty": "RSA", "n": "AQAB", "e": "AQAB"}', "[]"])
def test_a_file_that_is_no_key_spoils_nothing(tmp_path: Path, content: str) -> None:
    good = add_key(tmp_path, "a.json", 100)
    (tmp_path / "b.json").write_text(content)
    assert SigningKeys(tmp_path).current().kid == good


def test_a_folder_without_a_key_signs_nothing(tmp_path: Path) -> None:
    with pytest.raises(Unavailable):
        SigningKeys(tmp_path).current()


async def test_a_token_signed_by_the_older_key_stays_valid(gateway: Gateway) -> None:
    before = await gateway.token()
    newest = add_key(gateway.settings.signing_key_folder, "z.json", -1)
    os.utime(gateway.settings.signing_key_folder / "first.json", (0, 0))
    os.utime(gateway.settings.signing_key_folder / "z.json", (100, 100))
    after = await gateway.token()
    assert gateway.app.state.signing_keys.current().kid == newest
    for token in (before, after):
        answer = await gateway.anonymous().get("/v1/clients", headers={"authorization": f"Bearer {token}"})
        assert answer.status_code == 200


async def test_the_published_keys_may_be_kept_for_as_long_as_a_new_one_waits(gateway: Gateway) -> None:
    answer = await gateway.anonymous().get("/.well-known/jwks.json")
    assert answer.headers["cache-control"] == f"public, max-age={SETTLE_SECONDS}"
