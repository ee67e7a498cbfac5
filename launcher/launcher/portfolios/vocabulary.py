"""The vocabulary of the reference portfolios: what can be done, and what can be asked, each one call of the public API.

A line's members are those of the API's own body or query, with names where the API takes identifiers, and besides
`of` (the thing of the path), `as` (the name of what is made) and `by` (the organization whose client calls).
"""

import hashlib
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import quote

Body = dict[str, Any]

OWN = ("of", "as", "by")
"""Members of a line that are not sent."""

REFERENCES = frozenset(
    {
        "of",
        "organizationId",
        "schoolId",
        "schoolIds",
        "zoneId",
        "agreementId",
        "parentId",
        "resubmitsId",
        "successorId",
        "ruleId",
        "buildingId",
        "windowId",
        "holderId",
        "districtId",
        "ownerId",
        "intoId",
        "intoIds",
        "providerId",
        "responsibleId",
    }
)
"""Members whose values are names of the portfolio."""


@dataclass(frozen=True)
class Sought:
    """Where something without a name stands, and by which marks it is found."""

    listed: str
    among: str
    marks: Mapping[str, str]


@dataclass(frozen=True)
class Verb:
    """A deed: where it is sent, and where and by which marks it is found if it was done on an earlier play.

    Braces name members of the line. `tag` is read for the ETag that the call needs; `sought` finds the id `{found}`;
    `witnessed` deeds have evidence; `confirmed` ones are listed first; an `eventual` one waits until its service has
    heard of the portfolio; a `step` stands in an agreement's history.
    """

    path: str
    listed: str = ""
    among: str = "items"
    marks: Mapping[str, str] = field(default_factory=dict)
    tag: str = ""
    sought: Sought | None = None
    fill: Callable[[Body], Body] = dict
    unsent: tuple[str, ...] = ()
    witnessed: bool = False
    confirmed: bool = False
    eventual: bool = False
    step: bool = False


@dataclass(frozen=True)
class Query:
    """A question: where it is asked, and whether the answer comes by event, so that one may have to wait for it."""

    path: str
    eventual: bool = False
    renamed: Mapping[str, str] = field(default_factory=dict)


def _text(body: Body) -> Body:
    """A text stands by its hash; that of a portfolio's text is made of its words."""
    said = {"title": body.get("title", "Text")} | body.get("text", {})
    return body | {"text": {"sha256": hashlib.sha256(said["title"].encode()).hexdigest()} | said}


def _cast(body: Body) -> Body:
    marked = body["yes"] + body.get("no", 0) + body.get("abstain", 0)
    return {"decision": "establish", "no": 0, "cast": marked} | body


def _decided(body: Body) -> Body:
    return {"decision": "establish", "outcome": "approved"} | body


def _facts(body: Body) -> Body:
    return {"authority": "As the portfolio tells it"} | body


def _proposed(body: Body) -> Body:
    return _text(_facts(body))


def _one_term(body: Body) -> Body:
    return {"terms": [body]}


def filled(path: str, known: Body) -> str:
    """A path with members of a line in its braces; `{subject}` is the school that a lineage event is about."""
    subject = known.get("schoolId") or known.get("intoId")
    return path.format_map({name: quote(str(value), safe="") for name, value in (known | {"subject": subject}).items()})


def _marks(*names: str, **fixed: str) -> dict[str, str]:
    return {name: f"{{{name}}}" for name in names} | fixed


AGREEMENT, SCHOOL, ZONE = "/v1/agreements/{of}", "/v1/schools/{of}", "/v1/zones/{of}"


def _step(path: str, name: str, fill: Callable[[Body], Body] = _facts, **more: Any) -> Verb:
    """A step in an agreement's life; its history holds it."""
    marks = _marks("effectiveOn", name=name) | more.pop("marks", {})
    listed = AGREEMENT + "/history"
    return Verb(AGREEMENT + path, listed, "transitions", marks, AGREEMENT, fill=fill, witnessed=True, step=True, **more)


def _on_text(name: str) -> Verb:
    marks = {"textNumber": "{number}"}
    return _step(f"/amendments/{{number}}/{name}", f"{name}-amendment", marks=marks, unsent=("number",))


def _decision(path: str, fill: Callable[[Body], Body], day: str) -> Verb:
    marks = _marks("decision", "step", "schoolId", day)
    return Verb(f"{AGREEMENT}/{path}", f"{AGREEMENT}/approvals", path, marks, fill=fill, witnessed=True)


def _of_school(path: str, among: str, *marks: str) -> Verb:
    as_of = "?asOf={validFrom}"
    return Verb(f"{SCHOOL}/{path}", f"{SCHOOL}/history{as_of}", among, _marks("validFrom", *marks), f"{SCHOOL}{as_of}")


def _leaving(path: str, kind: str) -> Verb:
    return Verb(f"{ZONE}/{path}", f"{ZONE}/exits", marks=_marks("lastDay", kind=kind), confirmed=True)


VERBS: Mapping[str, Verb] = {
    "draft": Verb("/v1/agreements", "/v1/agreements?instrumentId={instrumentId}", marks=_marks("title"), fill=_text),
    "vote": _decision("votes", _cast, "heldOn"),
    "act": _decision("acts", _decided, "decidedOn"),
    "notice": Verb(AGREEMENT + "/notices", AGREEMENT, "notices", _marks("notice", "givenOn"), witnessed=True),
    "file": Verb(AGREEMENT + "/filings", AGREEMENT + "/filings", marks=_marks("deadline", "outcome"), witnessed=True),
    "move": _step("/transitions", "{name}"),
    "propose": _step("/amendments", "propose-amendment", _proposed),
    "adopt": _on_text("adopt"),
    "reject": _on_text("reject"),
    "join": _step("/schools", "join-school", marks=_marks("schoolId")),
    "exit": _step("/schools/{schoolId}/exit", "exit-school", marks=_marks("schoolId"), unsent=("schoolId",)),
    "assign": _of_school("assignments", "assignments", "organizationId", "role"),
    "release": Verb(
        SCHOOL + "/assignments/{found}/end",
        SCHOOL + "/history?asOf={validTo}",
        "assignments",
        _marks("organizationId", "role", "validTo"),
        SCHOOL + "?asOf={validTo}",
        Sought(SCHOOL + "?asOf={validTo}", "assignments", _marks("organizationId", "role")),
        unsent=("organizationId", "role"),
    ),
    "identify": _of_school("aliases", "aliases", "system", "value"),
    "house": _of_school("buildings", "buildings", "buildingId"),
    "build": Verb("/v1/buildings", "/v1/buildings?ownerId={ownerId}&asOf={validFrom}", marks=_marks("name")),
    "happen": Verb(
        "/v1/lineage-events", "/v1/lineage-events?kind={kind}&schoolId={subject}", marks=_marks("effectiveOn")
    ),
    "dissolve": _leaving("dissolution", "dissolution"),
    "depart": _leaving("departures", "departure"),
    "remove": _leaving("removals", "removal"),
    "rule": Verb("/v1/rules", "/v1/rules?layer={layer}&asOf={validFrom}", marks=_marks("citation", "organizationId")),
    "waive": Verb("/v1/waivers", "/v1/waivers?agreementId={agreementId}", marks=_marks("clause")),
    "grant": Verb(
        "/v1/autonomies",
        "/v1/autonomies?agreementId={agreementId}&asOf={validFrom}",
        marks=_marks("decisionRight", "schoolId", "zoneId", "validFrom"),
    ),
    "serve": Verb(
        SCHOOL + "/service-terms",
        SCHOOL + "/service-terms?asOf={validFrom}",
        marks=_marks("service", "layer", "validFrom"),
        tag=SCHOOL + "/entitlements?asOf={validFrom}",
        fill=_one_term,
    ),
    "window": Verb("/v1/election-windows", "/v1/election-windows?districtId={districtId}", marks=_marks("name")),
    "elect": Verb(
        SCHOOL + "/elections",
        SCHOOL + "/elections?asOf={electedOn}",
        marks=_marks("windowId", "electedOn"),
        tag=SCHOOL + "/entitlements?asOf={electedOn}",
        witnessed=True,
    ),
    "offer": Verb("/v1/offerings", "/v1/offerings?districtId={districtId}", marks=_marks("code"), eventual=True),
    "enroll": Verb(
        SCHOOL + "/enrollment-policies",
        SCHOOL + "/enrollment-policies?asOf={validFrom}",
        marks=_marks("policyType", "validFrom"),
    ),
}

QUESTIONS: Mapping[str, Query] = {
    "agreement": Query(AGREEMENT),
    "agreements": Query("/v1/agreements"),
    "text": Query(AGREEMENT + "/in-force"),
    "approvals": Query(AGREEMENT + "/approvals"),
    "requirements": Query(AGREEMENT + "/requirements"),
    "school": Query(SCHOOL),
    "entitlements": Query(SCHOOL + "/entitlements"),
    "enrollment": Query(SCHOOL + "/enrollment-policies/in-force"),
    "autonomies": Query(SCHOOL + "/autonomies"),
    "lineage": Query(SCHOOL + "/lineage"),
    "exits": Query(ZONE + "/exits"),
    "waiver": Query("/v1/waivers/check", renamed={"ruleId": "rule"}),
    "deadlines": Query("/v1/deadlines"),
    "impact": Query("/v1/waivers/impact"),
    "service": Query("/v1/entitlements", eventual=True),
}
