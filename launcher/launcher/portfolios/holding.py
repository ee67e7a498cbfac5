"""Whether an answer shows what it must: compared member by member, told in plain words. Pure."""

from collections.abc import Iterator
from typing import Any


def lacking(wanted: Any, shown: Any, where: str = "") -> Iterator[str]:
    """What of `wanted` the answer does not show.

    Members of an object are wanted one by one; of a list each wanted item must be there, in any order; a number wanted
    of a list is its length.
    """
    if isinstance(wanted, dict):
        members = shown if isinstance(shown, dict) else {}
        for name, each in wanted.items():
            yield from lacking(each, members.get(name), f"{where}.{name}" if where else name)
    elif isinstance(wanted, list):
        items = shown if isinstance(shown, list) else []
        for each in wanted:
            if not any(shows(each, item) for item in items):
                yield f"{where} has no {brief(each)}"
    elif isinstance(shown, list):
        if wanted != len(shown):
            yield f"{where} has {len(shown)} items, not {wanted}"
    elif not _same(wanted, shown):
        yield f"{where} is {brief(shown)}, not {brief(wanted)}"


def shows(wanted: Any, shown: Any) -> bool:
    """True if the answer shows all of `wanted`."""
    return next(lacking(wanted, shown), None) is None


def brief(value: Any) -> str:
    """A value on one line, without quotes and braces."""
    if isinstance(value, dict):
        return ", ".join(f"{name} {brief(each)}" for name, each in value.items())
    if isinstance(value, list):
        return "; ".join(brief(each) for each in value)
    if isinstance(value, bool):
        return "yes" if value else "no"
    return "nothing" if value is None else str(value)


def _same(wanted: Any, shown: Any) -> bool:
    if isinstance(wanted, bool) or isinstance(shown, bool) or wanted is None or shown is None:
        return wanted is shown
    return str(wanted) == str(shown)
