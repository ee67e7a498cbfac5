"""`concordat verify`: rate a published data set on a database of its own, and compare with what was published."""

import asyncio
import tempfile
from pathlib import Path

import httpx2
from accountability.app import create_app
from accountability.settings import AccountabilitySettings
from accountability.verification.comparison import Report
from accountability.verification.run import verify
from joserfc.jwk import KeySet
from kit.migrations import migrate
from kit.testing import ISSUER, Issuer

from launcher.embedded import EmbeddedPostgres, free_port
from launcher.portfolio import library_folder

SCOPES = ("frameworks:write", "measures:write", "ratings:run", "ratings:preview")


def verify_dataset(name: str, files: Path | None) -> Report:
    """Load, rate and compare the data set `name`, or files of the same shape in the folder `files`.

    Runs on a PostgreSQL of its own in a temporary folder, so that it neither needs nor touches an installation.
    """
    with tempfile.TemporaryDirectory(prefix="concordat-verify-") as folder:
        Path(folder).chmod(0o755)  # under root, PostgreSQL runs as another user
        postgres = EmbeddedPostgres(Path(folder) / "postgres", free_port(), durable=False)
        postgres.start()
        try:
            postgres.ensure_database("accountability")
            migrate(postgres.url("accountability"), "accountability")
            return asyncio.run(_verify(postgres.url("accountability"), name, files))
        finally:
            postgres.stop()


async def _verify(database_url: str, name: str, files: Path | None) -> Report:
    issuer = Issuer()
    settings = AccountabilitySettings(
        database_url=database_url,
        nats_url="nats://127.0.0.1:1",
        issuer=ISSUER,
        jwks_url="http://127.0.0.1:1/none",
        log_level="ERROR",
    )
    app = create_app(settings)
    app.state.verifier.trust(KeySet(issuer.keys.keys))
    transport = httpx2.ASGITransport(app=app)
    async with httpx2.AsyncClient(transport=transport, base_url=ISSUER, headers=issuer.headers(SCOPES)) as client:
        try:
            return await verify(app, client, library_folder(), name, files)
        finally:
            await app.state.database.dispose()
