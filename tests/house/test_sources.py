"""How our files look."""

import ast
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.house.sources import files, modules, name, tree

MAX_LINES = 300
COMMITS = {"kit/kit/db.py", "kit/kit/alembic_environment/env.py"}
CATCHES_EVERYTHING = {"kit/kit/http.py", "kit/kit/reactions.py", "kit/kit/relay.py"}
"""The door, the consumer and the relay."""

MACHINE_PATH = re.compile(r"(?<![\w.])/(root|work|tmp|home/\w+)/")
PACKAGE_HOST = re.compile(r"\b(pypi\.org|pythonhosted\.org|registry\.npmjs|npmjs\.org|proxy\.golang)")
CONTAINER_FILES = {"docker-compose.yml", "deploy/Dockerfile"}
"""Their paths are those of the image."""


def test_the_rules_see_the_sources() -> None:
    seen = {name(path) for path in modules()}
    assert {"kit/kit/db.py", "contracts/contracts/event.py", "services/registry/registry/app.py"} <= seen


def test_no_source_file_is_too_long() -> None:
    lengths = {name(path): len(path.read_text(encoding="utf-8").splitlines()) for path in modules()}
    assert {file: lines for file, lines in lengths.items() if lines > MAX_LINES} == {}


def test_every_module_says_what_it_is_for() -> None:
    silent = [name(path) for path in modules(with_tests=True) if tree(path).body and not ast.get_docstring(tree(path))]
    assert silent == []


def calls(path: Path, method: str) -> Iterator[int]:
    """The lines on which a method of this name is called."""
    for node in ast.walk(tree(path)):
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and node.func.attr == method:
            yield node.lineno


def test_nobody_commits_but_the_session_dependency() -> None:
    found = [
        f"{name(path)}:{line}" for path in modules() if name(path) not in COMMITS for line in calls(path, "commit")
    ]
    assert found == []


def swallows_everything(handler: ast.ExceptHandler) -> bool:
    """True for `except:` and `except Exception:`, unless the exception goes on at the end."""
    caught = (
        {node.id for node in ast.walk(handler.type) if isinstance(node, ast.Name)} if handler.type else {"Exception"}
    )
    last = handler.body[-1]
    goes_on = isinstance(last, ast.Raise) and last.exc is None
    return bool(caught & {"Exception", "BaseException"}) and not goes_on


def test_only_the_door_the_consumer_and_the_relay_catch_everything() -> None:
    found = {
        name(path)
        for path in modules()
        for node in ast.walk(tree(path))
        if isinstance(node, ast.ExceptHandler) and swallows_everything(node)
    }
    assert found == CATCHES_EVERYTHING


def test_middleware_is_plain_asgi() -> None:
    assert [name(path) for path in modules() if "BaseHTTPMiddleware" in path.read_text(encoding="utf-8")] == []


def lines(path: Path) -> list[str]:
    """A text file's lines; none of a file that is not text."""
    try:
        return path.read_text(encoding="utf-8").splitlines()
    except UnicodeDecodeError:
        return []


@pytest.mark.parametrize("pattern", [MACHINE_PATH, PACKAGE_HOST], ids=["machine path", "package host"])
def test_no_file_names_a_place_of_one_machine_or_network(pattern: re.Pattern[str]) -> None:
    found = [
        f"{name(path)}:{number}"
        for path in files()
        if not (pattern is MACHINE_PATH and name(path) in CONTAINER_FILES)
        for number, line in enumerate(lines(path), start=1)
        if pattern.search(line)
    ]
    assert found == []


def test_the_locks_name_no_host() -> None:
    locks = [path for path in files() if path.suffix == ".lock"]
    assert locks
    assert [name(path) for path in locks if "://" in path.read_text(encoding="utf-8")] == []


def test_the_patterns_find_what_they_are_for() -> None:
    assert MACHINE_PATH.search('open("' + "/".join(["", "tmp", "x"]) + '")')
    assert PACKAGE_HOST.search("https://" + ".".join(["pypi", "org"]) + "/simple")
    assert not MACHINE_PATH.search("services/registry/work/x")
