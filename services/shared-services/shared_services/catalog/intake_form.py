"""The form of an offering, a JSON Schema (2020-12), and what is wrong with the details that a request gives to it."""

import json
from functools import lru_cache
from math import isfinite
from typing import Annotated, Any

import jsonschema_rs
from jsonschema_rs import RegexOptions, ValidationError, ValidationErrorKind
from kit.errors import FieldError
from pydantic import AfterValidator, Field

MAX_BYTES = 20_000
MAX_DEPTH = 20
MAX_ERRORS = 100


def _keepable(document: dict[str, Any]) -> dict[str, Any]:
    """A JSON object that is small, shallow, and of texts and numbers that PostgreSQL keeps."""
    _refuse_unkeepable(document, MAX_DEPTH)
    if len(json.dumps(document)) > MAX_BYTES:
        raise ValueError(f"longer than {MAX_BYTES} bytes as JSON: shorten it")
    return document


def _refuse_unkeepable(value: Any, depth: int) -> None:
    if depth == 0:
        raise ValueError(f"nested deeper than {MAX_DEPTH} levels: flatten it")
    if isinstance(value, str) and any(character == "\0" or "\ud800" <= character <= "\udfff" for character in value):
        raise ValueError("remove NUL characters and halves of characters")
    if isinstance(value, float) and not isfinite(value):
        raise ValueError("NaN and infinity are no JSON")
    if isinstance(value, int) and abs(value) >= 2**63:
        raise ValueError("a number is out of range")
    for inner in [*value, *value.values()] if isinstance(value, dict) else value if isinstance(value, list) else []:
        _refuse_unkeepable(inner, depth - 1)


Document = Annotated[dict[str, Any], AfterValidator(_keepable)]
Details = Annotated[Document, Field(description="What the offering's intake form asks for.")]
IntakeForm = Annotated[Document, Field(description="JSON Schema 2020-12 of a request's `details`; no remote `$ref`.")]


def form_faults(form: dict[str, Any] | None) -> list[FieldError]:
    """Why a form is no usable JSON Schema."""
    if form is None:
        return []
    try:
        _validator(json.dumps(form))
    except ValidationError as wrong:
        return [FieldError(_path("intakeForm", wrong.instance_path), "json-schema", _said(wrong))]
    return []


def detail_errors(form: dict[str, Any] | None, details: dict[str, Any]) -> list[FieldError]:
    """What is wrong with the details of a request, each error at its place in the body."""
    if form is None:
        if not details:
            return []
        return [FieldError("details", "no-form", "this service asks for no details: leave them out")]
    errors = []
    for wrong in _validator(json.dumps(form)).iter_errors(details):
        errors += [FieldError(path, _rule(wrong), _said(wrong)) for path in _places(wrong)]
        if len(errors) >= MAX_ERRORS:
            break
    return errors


@lru_cache(maxsize=256)
def _validator(form: str) -> jsonschema_rs.Validator:
    # Offline: a form never makes the service fetch anything. The regex engine without backtracking: none is slow.
    return jsonschema_rs.Draft202012Validator(
        json.loads(form), offline=True, validate_formats=True, pattern_options=RegexOptions()
    )


def _places(wrong: ValidationError) -> list[str]:
    where, kind = _path("details", wrong.instance_path), wrong.kind
    if isinstance(kind, ValidationErrorKind.Required):
        return [f"{where}.{kind.as_dict()['property']}"]
    if isinstance(kind, ValidationErrorKind.AdditionalProperties):
        return [f"{where}.{name}" for name in kind.as_dict()["unexpected"]]
    return [where]


def _path(root: str, path: list[str | int]) -> str:
    return ".".join([root, *map(str, path)])


def _rule(wrong: ValidationError) -> str:
    return "missing" if isinstance(wrong.kind, ValidationErrorKind.Required) else wrong.kind.name


def _said(wrong: ValidationError) -> str:
    return wrong.message[:200]
