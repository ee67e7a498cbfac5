"""Work on the data of an installation: migrate, verify the audit trail, rebuild copies, replay parked events."""

import asyncio
import importlib
import json
import os
from importlib.util import find_spec
from pathlib import Path
from typing import Any

from kit.audit import Head, Verdict, verify_chain
from kit.db import Database
from kit.migrations import migrate
from kit.reactions import Reactions, listeners
from kit.settings import ServiceSettings
from kit.stream import Stream
from sqlalchemy import delete

from launcher.embedded import StartRefused
from launcher.parts import PARTS, SERVICES, Part, Plan

DATABASE_URL = "CONCORDAT_DATABASE_URL"


def part_named(name: str, parts: tuple[Part, ...] = PARTS) -> Part:
    """The part with this name or package. Raises StartRefused naming those there are."""
    for part in parts:
        if name in (part.name, part.package):
            return part
    raise StartRefused(f"There is no service {name}; there are: {', '.join(part.name for part in parts)}.")


def migrate_database(name: str, plan: Plan) -> None:
    """Bring a part's database to the newest revision."""
    part = part_named(name)
    migrate(settings_of(part, plan).database_url.get_secret_value(), part.package)


def settings_of(part: Part, plan: Plan) -> ServiceSettings:
    """A part's settings: from the environment (in a container), else as `concordat up` last started it."""
    if DATABASE_URL not in os.environ and not Path("/run/secrets", DATABASE_URL).exists():
        file = plan.settings_file(part)
        if not file.exists():
            raise StartRefused(f"{plan.data} has no {part.name} yet: run `concordat up` first, or name it with --data.")
        os.environ |= json.loads(file.read_text(encoding="utf-8"))
    return ServiceSettings()


def verify_audit(name: str, head: str | None, plan: Plan) -> Verdict:
    """Walk a part's audit trail, up to the `head` that was given away before, if one is said. Raises BadRequest."""
    anchor = Head.parse(head) if head is not None else None
    return asyncio.run(_verify(settings_of(part_named(name), plan), anchor))


async def _verify(settings: ServiceSettings, anchor: Head | None) -> Verdict:
    database = Database(settings.database_url.get_secret_value())
    try:
        async with database.snapshot() as session:
            return await verify_chain(session, anchor)
    finally:
        await database.dispose()


def rebuild_copy(name: str, plan: Plan) -> list[str]:
    """Empty a service's copy of what others own, so that it is filled again from the streams alone; the tables.

    The service may run: it notices that its consumer is gone and starts from the newest message of each subject.
    """
    part = _listening_part(name)
    tables = [row.__table__ for row in importlib.import_module(f"{part.package}.reactions").PROJECTION]
    asyncio.run(_forget(part, settings_of(part, plan), tables))
    return [table.name for table in tables]


async def _forget(part: Part, settings: ServiceSettings, tables: list[Any]) -> None:
    database, stream = Database(settings.database_url.get_secret_value()), Stream(settings.nats_url, "rebuild")
    try:
        async with database.transaction() as session:
            for table in tables:
                await session.execute(delete(table))
        for speaker in sorted({event.service for event in _reactions(part)}):
            await stream.forget(speaker, part.name)
    finally:
        await stream.close()
        await database.dispose()


def replay_parked(name: str, plan: Plan) -> int:
    """Try a service's parked events once more; how many of them now succeeded."""
    part = _listening_part(name)
    return asyncio.run(_replay(part, settings_of(part, plan)))


async def _replay(part: Part, settings: ServiceSettings) -> int:
    database, stream = Database(settings.database_url.get_secret_value()), Stream(settings.nats_url, "replay")
    try:
        return sum([await each.replay_parked() for each in listeners(database, stream, part.name, _reactions(part))])
    finally:
        await database.dispose()


def _listening_part(name: str) -> Part:
    return part_named(name, tuple(part for part in SERVICES if find_spec(f"{part.package}.reactions")))


def _reactions(part: Part) -> Reactions:
    reactions: Reactions = importlib.import_module(f"{part.package}.reactions").REACTIONS
    return reactions
