"""Documents in: YAML or JSON read into a model, with every error at once, and the fingerprint of what it says."""

import hashlib
import json
from typing import Any, TypeVar

import yaml
from fastapi import Request
from pydantic import BaseModel, ValidationError

from kit.bulk import check_content_type
from kit.errors import BadRequest, FieldError, Invalid

M = TypeVar("M", bound=BaseModel)
MEDIA_TYPES = {"application/yaml", "application/json"}
DOCUMENT_BODY: dict[str, Any] = {
    "requestBody": {
        "required": True,
        "content": {
            "application/yaml": {"schema": {"type": "string"}},
            "application/json": {"schema": {"type": "object"}},
        },
    }
}
"""OpenAPI: the body is a document."""

_LOADER = getattr(yaml, "CSafeLoader", yaml.SafeLoader)


async def read_document(request: Request, model: type[M]) -> M:
    """The request's body as a `model`. Raises UnsupportedMediaType, BadRequest, or Invalid with every error."""
    check_content_type(request, MEDIA_TYPES)
    return parse_document(await request.body(), model)


def parse_document(text: bytes, model: type[M]) -> M:
    """A YAML or JSON text (JSON is YAML) as a `model`. Raises BadRequest, Invalid."""
    try:
        # A few lines of nested aliases unfold to gigabytes.
        if any(isinstance(event, yaml.AliasEvent) for event in yaml.parse(text, Loader=_LOADER)):
            raise BadRequest("Write values out: YAML aliases (`*name`) are not read here.")
        content = yaml.load(text, Loader=_LOADER)  # noqa: S506 - the safe loader makes plain values only
    except (yaml.YAMLError, RecursionError, ValueError) as error:
        raise BadRequest(f"Not readable as YAML or JSON: {str(error).splitlines()[0][:200]}") from error
    try:
        return model.model_validate(content)
    except ValidationError as wrong:
        errors = [
            FieldError(".".join(str(part) for part in error["loc"]) or "document", error["type"], error["msg"])
            for error in wrong.errors()
        ]
        raise Invalid("The document breaks rules; see `errors`.", errors=errors) from wrong


def fingerprint(document: dict[str, Any]) -> str:
    """The SHA-256 of a document's content, whatever its layout was."""
    return hashlib.sha256(json.dumps(document, sort_keys=True).encode()).hexdigest()
