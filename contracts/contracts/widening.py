"""Events only widen: what a JSON Schema took, its successor must take, and every promised member stays promised."""

from collections.abc import Iterator, Mapping
from typing import Any

Schema = Mapping[str, Any]

LOWER = ("minimum", "exclusiveMinimum", "minLength", "minItems")
UPPER = ("maximum", "exclusiveMaximum", "maxLength", "maxItems")
EXACT = ("format", "pattern")


def narrowings(old: Schema, new: Schema) -> list[str]:
    """Every place where `new` takes or promises less than `old`; empty if it only widens."""
    return list(_Comparison(old, new).of(old, new, "data"))


class _Comparison:
    """Two documents, whose `$ref`s point into themselves."""

    def __init__(self, old: Schema, new: Schema) -> None:
        self._old, self._new = old, new

    def of(self, old: Schema, new: Schema, place: str) -> Iterator[str]:
        successors = _alternatives(new, self._new)
        for taken in _alternatives(old, self._old):
            found = [list(self._of_one(taken, successor, place)) for successor in successors]
            if [] not in found:
                yield from min(found, key=len)

    def _of_one(self, old: Schema, new: Schema, place: str) -> Iterator[str]:
        before, now = old.get("type"), new.get("type")
        if now is not None and before != now and (before, now) != ("integer", "number"):
            yield f"{place}: was {before or 'anything'}, is {now}"
            return
        yield from _values(old, new, place)
        yield from _limits(old, new, place)
        yield from self._members(old, new, place)
        for inside in ("items", "additionalProperties"):
            if isinstance(new.get(inside), Mapping):
                yield from self.of(old.get(inside, {}), new[inside], f"{place}[]")

    def _members(self, old: Schema, new: Schema, place: str) -> Iterator[str]:
        before, now = old.get("properties", {}), new.get("properties", {})
        promised, demanded = set(old.get("required", ())), set(new.get("required", ()))
        for name in before:
            if name not in now:
                yield f"{place}.{name}: removed"
            else:
                yield from self.of(before[name], now[name], f"{place}.{name}")
        for name in sorted(demanded - promised):
            yield f"{place}.{name}: newly required"
        for name in sorted((promised - demanded) & now.keys()):
            yield f"{place}.{name}: no longer promised"


def _alternatives(schema: Schema, document: Schema) -> list[Schema]:
    if "$ref" in schema:
        target: Any = document
        for step in schema["$ref"].removeprefix("#/").split("/"):
            target = target[step]
        return _alternatives(target, document)
    return [one for some in schema.get("anyOf", ()) for one in _alternatives(some, document)] or [schema]


def _values(old: Schema, new: Schema, place: str) -> Iterator[str]:
    before, now = _listed(old), _listed(new)
    if now is not None:
        gone = ["anything"] if before is None else [str(value) for value in before if value not in now]
        if gone:
            yield f"{place}: no longer takes {', '.join(gone)}"


def _listed(schema: Schema) -> list[Any] | None:
    return [schema["const"]] if "const" in schema else schema.get("enum")


def _limits(old: Schema, new: Schema, place: str) -> Iterator[str]:
    for limit in (*LOWER, *UPPER, *EXACT):
        before, now = old.get(limit), new.get(limit)
        if now is None or before == now:
            continue
        widened = before is not None and ((limit in LOWER and now < before) or (limit in UPPER and now > before))
        if not widened:
            yield f"{place}: {limit} was {'none' if before is None else before}, is {now}"
