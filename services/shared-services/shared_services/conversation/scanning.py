"""The malware hook: a command looks a file through before anybody can download it."""

import asyncio
from collections.abc import Sequence
from pathlib import Path

from kit.errors import Invalid, Unavailable
from kit.telemetry import log


class Malware(Invalid):
    """The file carries malware"""

    type = "malware"


async def scan(command: Sequence[str] | None, file: Path, seconds: float) -> str:
    """`clean`, or `unscanned` if there is no command. Raises Malware; Unavailable if the command gives no verdict."""
    if not command:
        return "unscanned"
    try:
        process = await asyncio.create_subprocess_exec(
            *command,
            str(file),
            stdin=asyncio.subprocess.DEVNULL,
            stdout=asyncio.subprocess.DEVNULL,
            stderr=asyncio.subprocess.DEVNULL,
        )
    except OSError as error:
        raise _no_verdict(error.strerror or "") from error
    try:
        async with asyncio.timeout(seconds):
            verdict = await process.wait()
    except TimeoutError as error:
        process.kill()
        await process.wait()
        raise _no_verdict("timeout") from error
    if verdict == 1:
        raise Malware("The file was not kept: malware was found in it.")
    if verdict != 0:
        raise _no_verdict(f"exit {verdict}")
    return "clean"


def _no_verdict(reason: str) -> Unavailable:
    log.error("scan.no_verdict", reason=reason)
    return Unavailable("Files cannot be looked through for malware for the moment; try again.")
