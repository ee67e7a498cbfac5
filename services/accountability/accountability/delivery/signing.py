"""The key that signs manifests: Ed25519, in a file of the service. Whoever has the public half can check them."""

import json
import os
from pathlib import Path
from tempfile import NamedTemporaryFile
from typing import Any

from joserfc import jws
from joserfc.jwk import KeySet, OKPKey
from kit.errors import Unavailable
from kit.telemetry import log

ALGORITHM = "Ed25519"


class ManifestKey:
    """The key in a file, which is made when it is first needed."""

    def __init__(self, path: Path | None) -> None:
        self._path = path
        self._key: OKPKey | None = None

    def sign(self, payload: bytes) -> str:
        """The payload as a compact JWS (RFC 7515). Raises Unavailable."""
        key = self._held()
        header = {"alg": ALGORITHM, "kid": key.kid}
        return jws.serialize_compact(header, payload, key, algorithms=[ALGORITHM])

    def published(self) -> dict[str, Any]:
        """The public half as a key set (RFC 7517). Raises Unavailable."""
        public = OKPKey.import_key(self._held().as_dict(private=False))
        return dict(KeySet([public]).as_dict(private=False))

    def _held(self) -> OKPKey:
        if self._path is None:
            raise Unavailable("No key to sign with is set (CONCORDAT_MANIFEST_KEY); ask who runs the service.")
        if self._key is None:
            if not self._path.exists():
                _make(self._path)
            self._key = OKPKey.import_key(json.loads(self._path.read_text()))
            self._key.ensure_kid()
        return self._key


def _make(path: Path) -> None:
    """Write a new key. Of several processes at once, one makes it and all use it."""
    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    key = OKPKey.generate_key("Ed25519", {"use": "sig", "alg": ALGORITHM}, auto_kid=True)
    with NamedTemporaryFile("w", dir=path.parent, prefix=".new-") as file:  # made with mode 0600
        json.dump(key.as_dict(private=True), file)
        file.flush()
        os.fsync(file.fileno())
        try:
            os.link(file.name, path)
        except FileExistsError:
            return
    log.info("manifest_key.made", kid=key.kid)


def payload_of(signed: str) -> dict[str, Any]:
    """What a manifest of our own says; it was checked when it was signed."""
    return dict(json.loads(jws.extract_compact(signed.encode()).payload))
