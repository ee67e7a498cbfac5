"""What is expected of a route: who may, for whom a thing is not there, and a request that is right."""

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from tests.registry.journeys import text
from tests.registry.roles import (
    AT_LINCOLN,
    EVERYBODY,
    NOBODY,
    OWN_STEWARDS,
    OWNERS,
    STRANGERS,
)

Things = Mapping[str, str]
Said = Callable[[Things], Any]
PLACES = {
    "agreement_id": "agreement",
    "school_id": "Lincoln",
    "organization_id": "district",
    "building_id": "building",
    "assignment_id": "assignment",
    "event_id": "lineage",
    "waiver_id": "waiver",
    "rule_id": "policy",
    "autonomy_id": "autonomy",
    "window_id": "window",
    "term_id": "term",
    "policy_id": "enrollment",
    "filing_id": "filing",
    "number": "evidence",
    "name": "snapshot",
    "instrument_id": "instrument",
    "version": "instrument version",
    "school_year": "year",
}
"""Which thing of the district stands in which place of a path."""


@dataclass(frozen=True)
class Expected:
    """Who may use a route with a request that is right, and what the others hear.

    For `hidden` roles the thing is not there: they hear, in the same words, what they would hear of a thing that does
    not exist (`hides` says which of the request it is). All others are refused for who they are. Where even those who
    may cannot succeed here, `done` is what the rule then says.
    """

    may: frozenset[str]
    hidden: frozenset[str] = NOBODY
    done: int = 200
    unheard: int = 404
    hides: str | None = None
    places: Mapping[str, str] = field(default_factory=dict)
    query: Said = lambda _: {}
    body: Said | None = None
    csv: str | None = None
    tag: Said | None = None
    sees: tuple[str, frozenset[str]] | None = None


def read(
    may: frozenset[str] = EVERYBODY, *, sees: tuple[str, frozenset[str]] | None = None, query: Said = lambda _: {}
) -> Expected:
    """A list, or something public; `sees` names a thing and who finds it there."""
    return Expected(may, sees=sees, query=query)


def of_the_school(**more: Any) -> Expected:
    """Something of Lincoln or its agreement, for whoever has to do with it today."""
    return Expected(AT_LINCOLN, STRANGERS, **more)


def stewarded(**more: Any) -> Expected:
    """A change of a school: by its district, a state agency, the platform."""
    return Expected(OWN_STEWARDS, frozenset({"far"}), **more)


def owned(**more: Any) -> Expected:
    """A change by the district or the platform, of what only those at the school know of."""
    return Expected(OWNERS, STRANGERS, **more)


def by_the_district(**more: Any) -> Expected:
    """A change by the district or the platform, of what everybody knows of."""
    return Expected(OWNERS, **more)


def since(**said: Any) -> dict[str, Any]:
    """Facts from a day on that is in no locked period."""
    return {"validFrom": "2028-07-01", "source": "board"} | said


def at_school(things: Things) -> str:
    return f"/v1/schools/{things['Lincoln']}"


def at_agreement(things: Things) -> str:
    return f"/v1/agreements/{things['agreement']}"


def entitlements(things: Things) -> str:
    return f"{at_school(things)}/entitlements"


def term_body(_: Things) -> dict[str, Any]:
    term = {"service": "X", "class": "included", "layer": "default", "source": "7", "validFrom": "2028-09-01"}
    return {"terms": [term]}


def zone_exit(things: Things) -> dict[str, Any]:
    outcome = {"schoolId": things["Lincoln"], "outcome": "reverts-to-district"}
    said = {"grounds": "school-choice", "decidedOn": "2028-10-01", "lastDay": "2029-06-30", "source": "vote"}
    return said | {"schools": [outcome]}


def dissolution(things: Things) -> dict[str, Any]:
    said = {name: value for name, value in zone_exit(things).items() if name != "schools"}
    return said | {"members": {"outcome": "reverts-to-district"}}


def waiver_body(things: Things) -> dict[str, Any]:
    return {
        "agreementId": things["agreement"],
        "clause": "5",
        "kind": "enumerated",
        "ruleId": things["policy"],
        "replacementPlan": "rubric",
        "approver": "board",
        "validFrom": "2028-07-01",
    }


def autonomy_body(things: Things) -> dict[str, Any]:
    right = {"decisionRight": "own-board", "level": "full", "schoolId": things["Lincoln"], "holderBody": "board"}
    return right | {"agreementId": things["agreement"], "clause": "4", "validFrom": "2028-07-01"}


def draft_body(things: Things) -> dict[str, Any]:
    roles = {"district": "district", "innovation-network-team": "north"}
    return {
        "instrumentId": things["instrument"],
        "instrumentVersion": things["instrument version"],
        "title": "Next",
        "parties": [{"organizationId": things[name], "role": role} for role, name in roles.items()],
        "text": text("next"),
    }


def window_body(things: Things) -> dict[str, Any]:
    return {
        "name": "Summer",
        "districtId": things["district"],
        "schoolYear": 2031,
        "opensOn": "2029-01-15",
        "closesOn": "2029-03-01",
        "takesEffectOn": "2030-07-01",
        "layer": "district-policy",
        "source": "Policy 7",
        "choices": [{"service": "X", "classes": ["included"]}],
    }


def history_body(things: Things) -> dict[str, Any]:
    return {"reason": "mended"} | json.loads(things["history"])


def instrument_body(things: Things) -> dict[str, Any]:
    return json.loads(things["document"]) | {"version": "2028"}
