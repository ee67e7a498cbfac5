"""The files of this repository, as git would hold them."""

import ast
import subprocess
from functools import cache
from pathlib import Path

from tests.conftest import ROOT

FLOORS = ("contracts", "kit", "services", "gateway", "launcher")


@cache
def files() -> tuple[Path, ...]:
    """Every file that is tracked or about to be."""
    listed = subprocess.run(
        ["git", "ls-files", "--cached", "--others", "--exclude-standard"],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=True,
    )
    return tuple(path for line in listed.stdout.splitlines() if (path := ROOT / line).is_file())


def name(path: Path) -> str:
    """A file's name from the root on."""
    return path.relative_to(ROOT).as_posix()


def modules(*, with_tests: bool = False) -> list[Path]:
    """Our Python modules; migrations are no modules but a history."""
    floors = (*FLOORS, "tests") if with_tests else FLOORS
    return [
        path
        for path in files()
        if path.suffix == ".py" and name(path).split("/")[0] in floors and "versions" not in path.parts
    ]


@cache
def tree(path: Path) -> ast.Module:
    """A module's syntax."""
    return ast.parse(path.read_text(encoding="utf-8"))
