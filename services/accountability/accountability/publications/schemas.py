"""What publications look like on the wire."""

from typing import Literal

from contracts.vocabulary import Wire
from kit.text import Text
from pydantic import Field


class NewPublication(Wire):
    """Publish a run's ratings."""

    state: Literal["provisional", "official"] = "official"
    reason: Text | None = Field(
        default=None, min_length=1, description="Needed where a rating already published changes."
    )


class PublicationView(Wire):
    """What a publication did."""

    published: int = Field(description="Ratings that were not public, or only provisional, and say the same.")
    revised: int = Field(description="Ratings that say something else than before.")
    unchanged: int
