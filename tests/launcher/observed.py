"""What can be seen of a process from outside, and scripts that stand for a launcher of their own."""

import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path


def runs(process_id: int) -> bool:
    """True unless the process is gone, or is dead and waits for its parent to notice."""
    try:
        return Path(f"/proc/{process_id}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
    except (FileNotFoundError, ProcessLookupError):
        return False


def children(process_id: int) -> list[int]:
    """The ids of the direct children that run."""
    found = []
    for entry in Path("/proc").iterdir():
        if entry.name.isdigit() and runs(int(entry.name)):
            try:
                parent = (entry / "stat").read_text().rpartition(")")[2].split()[1]
            except (FileNotFoundError, ProcessLookupError):
                continue
            if int(parent) == process_id:
                found.append(int(entry.name))
    return found


def soon(holds: Callable[[], bool], seconds: float = 5) -> bool:
    """True as soon as `holds`, False after `seconds`."""
    end = time.monotonic() + seconds
    while not holds():
        if time.monotonic() > end:
            return False
        time.sleep(0.02)
    return True


def listening_addresses(process_id: int) -> set[str]:
    """The addresses, as the kernel writes them, on which a process listens for TCP."""
    sockets = set()
    for descriptor in Path(f"/proc/{process_id}/fd").iterdir():
        try:
            sockets.add(str(descriptor.readlink()).removeprefix("socket:[").removesuffix("]"))
        except FileNotFoundError:
            continue
    rows = [
        line.split()
        for table in ("tcp", "tcp6")
        for line in Path(f"/proc/{process_id}/net/{table}").read_text().splitlines()[1:]
    ]
    return {row[1].split(":")[0] for row in rows if row[3] == "0A" and row[9] in sockets}


def script(text: str, *arguments: object) -> subprocess.Popen[str]:
    """Run Python `text` in a process group of its own; its output is readable."""
    return subprocess.Popen(
        [sys.executable, "-c", text, *map(str, arguments)],
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        start_new_session=True,
    )
