"""What delivery looks like on the wire."""

from datetime import datetime
from uuid import UUID

from contracts.vocabulary import SchoolYear, Wire
from kit.text import Code, Name, Text
from pydantic import Field

from accountability.ratings.schemas import RatingView


class ChangeVersions(Wire):
    """From where to where changes can be pulled: up to the newest, none is missing."""

    oldest_change_version: int
    newest_change_version: int


class RatingKey(Wire):
    """What a rating is of."""

    school_id: UUID
    student_group: str
    framework: str
    school_year: SchoolYear


class NewWithdrawal(Wire):
    """Why a rating should never have been public."""

    reason: Text = Field(min_length=1)


class Tombstone(Wire):
    """A rating that was public and is not any more."""

    id: UUID
    change_version: int
    key_values: RatingKey
    withdrawn_at: datetime
    reason: str


class Correction(Wire):
    """A published rating that says something else than before: what was published, and what is since."""

    rating_id: UUID
    change_version: int | None
    reason: str
    before: RatingView | None = Field(description="None: it was withdrawn in between.")
    after: RatingView


class NewRatingSnapshot(Wire):
    """A snapshot of what is published now to take."""

    name: Name = Field(examples=["2026 accountability, official"], pattern="^[^/]+$")
    label: Name | None = Field(default=None, examples=["Fall release"])
    framework: Code | None = Field(default=None, description="None: all.")
    school_year: SchoolYear | None = Field(default=None, description="None: all.")


class ManifestFile(Wire):
    """A file of a snapshot."""

    media_type: str
    rows: int
    bytes: int
    sha256: str


class FrameworkVersion(Wire):
    """By which version of a framework ratings of a snapshot came about."""

    framework: str
    version: str
    sha256: str


class Manifest(Wire):
    """What a snapshot consists of."""

    name: str
    label: str | None
    framework: str | None
    school_year: SchoolYear | None
    taken_at: datetime
    change_version: int = Field(description="Whoever has the files goes on from the next.")
    files: list[ManifestFile]
    frameworks: list[FrameworkVersion]


class SignedManifest(Wire):
    """A manifest, and the same signed: a compact JWS by a key of `/v1/manifest-keys`, whose payload counts."""

    manifest: Manifest
    jws: str


class LateChange(Wire):
    """A rating that is not as the snapshot has it."""

    rating_id: UUID
    snapshot: RatingView | None = Field(description="As the snapshot has it; none: it was not public yet.")
    now: RatingView | None = Field(description="As it is published now; none: it was withdrawn.")
