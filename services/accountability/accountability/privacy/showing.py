"""What the public sees of a revision: the same for everybody, in every form, in events as in lists."""

from collections.abc import Mapping
from typing import Any

from sqlalchemy import ColumnElement, case, literal, null

from accountability.ratings.schemas import NodeOutcome, Steps
from accountability.ratings.tables import RatingRevision

Suppression = dict[str, Any]
"""What is hidden of a revision: `nodes` (name -> what is said instead), `indicators` (those whose figures are hidden),
`attributes`, `labels`, the words `rule`."""

HIDDEN = "Suppressed"
"""What stands in the place of a rating that is hidden: neither a band nor the words for not rated."""


def score() -> ColumnElement[Any]:
    """The score, unless it is hidden."""
    return case((_hides("score"), null()), else_=RatingRevision.score)


def rating() -> ColumnElement[Any]:
    """The rating, unless it is hidden."""
    return case((_hides("rating"), literal(HIDDEN)), else_=RatingRevision.rating)


def labels() -> ColumnElement[Any]:
    """The labels; those that are hidden are empty."""
    hidden: ColumnElement[Any] = RatingRevision.suppression["labels"]
    return case(
        (RatingRevision.suppression.is_(None), RatingRevision.labels), else_=RatingRevision.labels.op("||")(hidden)
    )


def suppressed() -> ColumnElement[bool]:
    """True if score or rating is hidden."""
    return RatingRevision.suppression.is_not(None) & (_hides("score") | _hides("rating"))


def rule() -> ColumnElement[Any]:
    """Why anything is hidden of the rating or of its explanation."""
    words: ColumnElement[Any] = RatingRevision.suppression["rule"].astext
    return words


def _hides(what: str) -> ColumnElement[bool]:
    hides: ColumnElement[bool] = RatingRevision.suppression[what].as_boolean()
    return hides


def publicly(row: Mapping[str, Any]) -> dict[str, Any]:
    """A revision as an event tells it."""
    hidden: Suppression | None = row["suppression"]
    if hidden is None:
        return dict(row)
    said = {"score": None if hidden["score"] else row["score"], "rating": HIDDEN if hidden["rating"] else row["rating"]}
    return {**row, **said, "suppressed": hidden["score"] or hidden["rating"]}


def steps_without(steps: Steps, hidden: Suppression) -> Steps:
    """An explanation without what is hidden of it."""
    attributes = {code: value for code, value in steps.attributes.items() if code not in hidden["attributes"]}
    outcomes = [_shown(outcome, hidden) for outcome in steps.outcomes]
    return steps.model_copy(update={"attributes": attributes, "outcomes": outcomes})


def _shown(outcome: NodeOutcome, hidden: Suppression) -> NodeOutcome:
    if outcome.node not in hidden["nodes"]:
        return outcome
    told = {"suppressed": True, "suppression_rule": hidden["rule"], "coded": hidden["nodes"][outcome.node]}
    return outcome.model_copy(update=dict.fromkeys(("value", "label", "points", "rule")) | told)
