"""Texts that PostgreSQL can keep: no NUL, no other control characters, bounded."""

import unicodedata
from typing import Annotated

from pydantic import AfterValidator, StringConstraints

_KEPT_CONTROLS = {"\n", "\r", "\t"}


def _printable(text: str) -> str:
    if any(unicodedata.category(character) in {"Cc", "Cs"} and character not in _KEPT_CONTROLS for character in text):
        raise ValueError("remove control characters (NUL and the like)")
    return unicodedata.normalize("NFC", text)


Text = Annotated[str, StringConstraints(max_length=4000), AfterValidator(_printable)]
"""Free text of at most 4,000 characters, NFC, without control characters."""

Name = Annotated[
    str, StringConstraints(min_length=1, max_length=200, strip_whitespace=True), AfterValidator(_printable)
]
"""A name of 1 to 200 characters."""

Code = Annotated[str, StringConstraints(min_length=1, max_length=80, pattern=r"^[A-Za-z0-9][A-Za-z0-9._:-]*$")]
"""A code: letters, digits, dot, underscore, colon and hyphen."""
