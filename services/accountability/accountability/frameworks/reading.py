"""A framework document read from YAML or JSON: bounded, without aliases that grow, and with texts that can be kept."""

import unicodedata
from typing import Any

import yaml
from kit.errors import BadRequest, FieldError, Invalid
from pydantic import ValidationError

from accountability.frameworks.document import Framework
from accountability.frameworks.pointers import errors_of, with_pointer
from accountability.frameworks.rules import faults

LOADER = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
MAX_DEPTH = 50
MAX_VALUES = 50_000
"""Values in a document, aliases counted as often as they are used. Chicago's has 2,000."""


def read(body: bytes) -> Framework:
    """The framework in `body`. Raises BadRequest if it is no YAML or JSON, and Invalid with the place of each fault."""
    try:
        _check_depth(body)
        document = yaml.load(body, Loader=LOADER)  # noqa: S506  # it makes plain values only; JSON is YAML
    except (yaml.YAMLError, ValueError) as error:
        raise BadRequest(f"Not readable as YAML or JSON: {str(error).splitlines()[0][:200]}") from error
    _check_size_and_texts(document)
    try:
        framework = Framework.model_validate(document)
    except ValidationError as wrong:
        found = [*errors_of(document, wrong), *_faults_beside(document, wrong)]
        raise Invalid("The framework breaks rules; see `errors`.", errors=found) from wrong
    if faulty := [with_pointer(fault) for fault in faults(framework)]:
        raise Invalid("The parts of the framework do not fit together; see `errors`.", errors=faulty)
    return framework


def _faults_beside(document: Any, wrong: ValidationError) -> list[FieldError]:
    """What does not fit together in the rest of a document whose shape is wrong, so that all is told at once."""
    broken = {(error["loc"][0], error["loc"][1]) for error in wrong.errors() if len(error["loc"]) > 1}
    if len(broken) < len({error["loc"][:2] for error in wrong.errors()}):
        return []
    rest = {
        part: {name: value for name, value in held.items() if (part, name) not in broken}
        if isinstance(held, dict)
        else held
        for part, held in document.items()
    }
    try:
        found = faults(Framework.model_validate(rest))
    except ValidationError:
        return []
    # What is left out here is there, only wrong: nobody is told that it is missing.
    return [with_pointer(fault) for fault in found if not any(f"`{name}`" in fault.message for _, name in broken)]


def _check_depth(body: bytes) -> None:
    """Raise Invalid for a document that is nested too deeply: building it would overflow the stack of the process."""
    depth = 0
    for event in yaml.parse(body, Loader=LOADER):
        depth += isinstance(event, yaml.CollectionStartEvent) - isinstance(event, yaml.CollectionEndEvent)
        if depth > MAX_DEPTH:
            raise Invalid(f"The document is nested more than {MAX_DEPTH} levels deep.")


def _check_size_and_texts(document: Any) -> None:
    """Raise Invalid for a document that grows by aliases, or with texts that PostgreSQL cannot keep."""
    left, seen = [document], 0
    while left:
        value = left.pop()
        seen += 1
        if seen > MAX_VALUES:
            raise Invalid(f"The document has more than {MAX_VALUES:,} values, aliases counted where they are used.")
        if isinstance(value, dict):
            left += [*value.keys(), *value.values()]
        elif isinstance(value, list):
            left += value
        elif isinstance(value, str) and any(unicodedata.category(one) in ("Cc", "Cs") and one != "\n" for one in value):
            raise Invalid(f"Remove the control characters from {value[:40]!r}.")
