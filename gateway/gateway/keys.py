"""The keys that sign tokens: JWK files in a folder. Adding a file rotates; removing one ends its tokens."""

import json
import os
import time
from pathlib import Path
from tempfile import NamedTemporaryFile

from joserfc.errors import JoseError
from joserfc.jwk import ECKey, KeySet
from kit.errors import Unavailable
from kit.telemetry import log

SETTLE_SECONDS = 60
"""How long a new key is only published before it signs: longer than any service waits before it looks for new keys."""


class SigningKeys:
    """The keys of a folder, oldest first. Looks at the folder again whenever it has changed."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._seen: int | None = None
        self._keys: list[tuple[float, ECKey]] = []
        self._published = KeySet([])

    def ensure_one(self) -> None:
        """Make the first key if there is none. Of several processes at once, one makes it and all use it."""
        self._folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        if any(self._folder.glob("*.json")):
            return
        key = ECKey.generate_key("P-256", {"use": "sig", "alg": "ES256"}, auto_kid=True)
        with NamedTemporaryFile("w", dir=self._folder, prefix=".new-") as file:  # made with mode 0600
            json.dump(key.as_dict(private=True), file)
            file.flush()
            os.fsync(file.fileno())
            try:
                os.link(file.name, self._folder / "first.json")
            except FileExistsError:
                return
        log.info("key.made", kid=key.kid)

    def current(self) -> ECKey:
        """The key that signs: the newest that every service can know by now. Raises Unavailable if there is none."""
        self._look()
        if not self._keys:
            raise Unavailable("There is no signing key at the moment; try again.")
        settled = [key for since, key in self._keys if since + SETTLE_SECONDS <= time.time()]
        return settled[-1] if settled else self._keys[0][1]

    def published(self) -> KeySet:
        """The public half of every key."""
        self._look()
        return self._published

    def _look(self) -> None:
        changed = self._folder.stat().st_mtime_ns
        if changed == self._seen:
            return
        files = sorted(self._folder.glob("*.json"), key=lambda file: (file.stat().st_mtime, file.name))
        read = [(file.stat().st_mtime, _read(file)) for file in files]
        self._keys = [(since, key) for since, key in read if key is not None]
        self._published = KeySet([ECKey.import_key(key.as_dict(private=False)) for _, key in self._keys])
        # A file that cannot be read may be half-written: look again next time.
        self._seen = changed if len(self._keys) == len(read) else None


def _read(file: Path) -> ECKey | None:
    try:
        key = ECKey.import_key(dict(json.loads(file.read_text())) | {"use": "sig", "alg": "ES256"})
        if key.curve_name != "P-256":
            raise ValueError("ES256 needs a key on the curve P-256")
        key.ensure_kid()
        return key
    except (ValueError, TypeError, JoseError) as error:
        log.error("key.unreadable", file=file.name, error=type(error).__name__)
        return None
