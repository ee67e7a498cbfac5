"""The life of a rating as one table: which stage follows which by which step.

    staged -> school-review -> provisional -> official -> under-appeal -> revised -> (superseded by the next revision)

Staged and in review are stages of a run, the others of what was published of it. Each published stage is a revision.
Who answers for the school files an appeal; the steward of the run takes every other step (`visibility`).
"""

from collections.abc import Mapping
from typing import Literal

from contracts.accountability import PublishedState
from kit.errors import Conflict

Step = Literal["publish-provisional", "publish-official", "file-appeal", "deny-appeal", "uphold-appeal"]
Stage = Literal["staged", "school-review"] | PublishedState

LIFE: Mapping[Step, Mapping[Stage, PublishedState]] = {
    "publish-provisional": {"staged": "provisional", "provisional": "provisional"},
    "publish-official": {
        "staged": "official",
        "provisional": "official",
        "official": "revised",
        "revised": "revised",
        "under-appeal": "under-appeal",
    },
    "file-appeal": {"official": "under-appeal", "revised": "under-appeal"},
    "deny-appeal": {"under-appeal": "official"},
    "uphold-appeal": {"under-appeal": "revised"},
}
"""Step -> stage before -> stage after. What is already so is not said again."""

MENDING: Mapping[Step, str] = {
    "publish-provisional": "publish it as official, or wait until the review is over",
    "publish-official": "wait until the review is over",
    "file-appeal": "only an official rating is appealed; ask for a correction during the review",
    "deny-appeal": "it is decided already",
    "uphold-appeal": "it is decided already",
}


class NotInLife(Conflict):
    """The rating cannot take this step"""

    type = "not-in-life-of-a-rating"


def stage_after(step: Step, stage: Stage) -> PublishedState:
    """The stage that follows. Raises NotInLife, saying what to do instead."""
    after = LIFE[step].get(stage)
    if after is None:
        raise NotInLife(f"The rating is `{stage}`: {MENDING[step]}.", presentStage=stage, allowedFrom=list(LIFE[step]))
    return after
