"""What a rating says from now on: a change that was made, or is about to be."""

from dataclasses import dataclass
from typing import Any

from contracts.accountability import PublishedState, RatingPublished

from accountability.ratings.tables import Rating, RatingRevision
from accountability.runs.said import Said
from accountability.runs.tables import Run


@dataclass(frozen=True)
class Change:
    """The next revision of a rating: by which run, what it says in which state, and why it is revised."""

    rating: Rating
    before: RatingRevision | None
    run: Run
    title: str
    said: Said
    state: PublishedState
    reason: str | None = None

    @property
    def revision(self) -> int:
        """The number of the revision."""
        return self.rating.revision + 1

    @property
    def revises(self) -> bool:
        """True if something else was published before."""
        return self.before is not None and Said.of(self.before) != self.said

    def event(self, row: dict[str, Any]) -> RatingPublished:
        """What is said of the change, `row` being the revision."""
        rating = self.rating
        return RatingPublished.model_validate(
            {
                **row,
                "id": rating.id,
                "version": self.revision,
                "school_id": rating.school_id,
                "student_group": rating.student_group,
                "framework": rating.framework_id,
                "school_year": rating.school_year,
            }
        )

    def previous(self) -> dict[str, Any] | None:
        """What was published before, for the journal alone."""
        if self.before is None:
            return None
        names = ("revision", "state", "status", "rating", "score", "reason", "reason_code", "labels", "legal_source")
        return {name: getattr(self.before, name) for name in names}
