"""Doing what a line says: found if an earlier play did it, else done; or tried in vain, as it must be."""

from collections import Counter
from collections.abc import Iterator, Mapping
from functools import partial
from typing import Any

import httpx2

from launcher.api import Api
from launcher.loading import when_heard
from launcher.portfolios.cast import Cast
from launcher.portfolios.document import Deed, Refusal
from launcher.portfolios.holding import shows
from launcher.portfolios.vocabulary import OWN, VERBS, Body, Verb, filled

LAW = ("statute", "regulation")


class NotRefused(Exception):
    """What must be refused was not, or on other grounds; the message says what came instead."""


class Doer:
    """Does one deed after the other. `first` says that nothing of the portfolio was on the platform before."""

    def __init__(self, cast: Cast, versions: Mapping[str, str], first: bool) -> None:
        self._cast, self._versions, self._first = cast, versions, first
        self._steps: Counter[str] = Counter()
        self._tags: dict[str, str] = {}
        self.evidence, self.actor = "", ""

    def do(self, deed: Deed) -> bool:
        """Do a deed; True if it was new. Raises StartRefused if the API refuses it."""
        verb, line, api = VERBS[deed.word], self._line(deed), self._api(deed)
        if verb.step:
            self._steps[line["of"]] += 1
        known = None if self._first and line.get("layer") not in LAW else _found(verb, line, api)
        made = known or api.answered(self._send(verb, line, api))
        if "as" in deed.about:
            self._cast.ids[deed.about["as"]] = made["id"]
        return known is None

    def was_done(self, deed: Deed) -> bool:
        """True if an earlier play did a deed."""
        return not self._first and _found(VERBS[deed.word], self._line(deed), self._api(deed)) is not None

    def try_in_vain(self, deed: Deed, refusal: Refusal) -> str:
        """The words in which the API refuses a deed. Raises NotRefused."""
        answer = self._send(VERBS[deed.word], self._line(deed), self._api(deed))
        if not answer.is_client_error:
            raise NotRefused(f"it was not refused, but answered {answer.status_code}")
        return refused_as(answer, refusal)

    def known_after(self, agreement: str, api: Api) -> str:
        """The instant at which the newest step so far of an agreement was recorded."""
        identifier = self._cast.id(agreement)
        taken = api.get(f"/v1/agreements/{identifier}/history")["transitions"]
        instant: str = taken[self._steps[identifier] - 1]["recordedAt"]
        return instant

    def _api(self, deed: Deed) -> Api:
        return self._cast.as_(deed.about.get("by", self.actor))

    def _line(self, deed: Deed) -> Body:
        """The line with identifiers, and with what the vocabulary adds where nothing is said."""
        line: Body = self._cast.resolved(deed.about)
        if "instrumentId" in line:
            line = {"instrumentVersion": self._versions[line["instrumentId"]]} | line
        if VERBS[deed.word].witnessed:
            line = {"evidence": self.evidence} | line
        return line

    def _send(self, verb: Verb, line: Body, api: Api) -> httpx2.Response:
        body = verb.fill({name: value for name, value in line.items() if name not in (*OWN, *verb.unsent)})
        known = line | body
        if verb.sought is not None:
            known["found"] = _only(verb.sought.among, verb.sought.marks, verb.sought.listed, known, api)["id"]
        post = partial(self._post, verb, known, body, api)
        if verb.confirmed:
            seen = post(params={"dryRun": "true"})
            return seen if seen.is_error else post(params={"confirm": seen.json()["digest"]})
        return when_heard(post) if verb.eventual else post()

    def _post(self, verb: Verb, known: Body, body: Body, api: Api, **more: Any) -> httpx2.Response:
        """Send a body under the newest ETag known; if somebody was faster, once more under the one that is."""
        path, tagged = filled(verb.path, known), filled(verb.tag, known)
        thing = tagged.partition("?")[0]
        if tagged and thing not in self._tags:
            self._tags[thing] = api.good(api.send("GET", tagged)).headers["ETag"]
        headers = {"If-Match": self._tags[thing]} if tagged else {}
        answer = api.send("POST", path, json=body, headers=headers, **more)
        if answer.is_success or answer.status_code == httpx2.codes.PRECONDITION_FAILED:
            self._forget_tags_of(known.get("of"))
        if tagged and "ETag" in answer.headers:
            self._tags[thing] = answer.headers["ETag"]
        elif tagged and answer.status_code == httpx2.codes.PRECONDITION_FAILED:
            return self._post(verb, known, body, api, **more)
        return answer

    def _forget_tags_of(self, identifier: str | None) -> None:
        self._tags = {thing: tag for thing, tag in self._tags.items() if str(identifier) not in thing}


def refused_as(answer: httpx2.Response, refusal: Refusal) -> str:
    """The words of a refusal that is as it must be. Raises NotRefused."""
    problem = answer.json()
    kind, rules = problem["type"].rpartition(":")[2], [error["rule"] for error in problem.get("errors", [])]
    if kind != refusal.type or (refusal.rule is not None and refusal.rule not in rules):
        raise NotRefused(f"it was refused as {kind} by {', '.join(rules) or 'no named rule'}: {problem['detail']}")
    detail: str = problem["detail"]
    return detail


def _found(verb: Verb, line: Body, api: Api) -> Any:
    """What an earlier play did, if it did."""
    known = line | verb.fill({name: value for name, value in line.items() if name not in OWN})
    return next(_matching(verb.among, verb.marks, verb.listed, known, api), None)


def _only(among: str, marks: Mapping[str, str], listed: str, known: Body, api: Api) -> Any:
    found = next(_matching(among, marks, listed, known, api), None)
    if found is None:
        raise NotRefused(f"{filled(listed, known)} shows no {among} of that kind")
    return found


def _matching(among: str, marks: Mapping[str, str], listed: str, known: Body, api: Api) -> Iterator[Any]:
    wanted = {name: known.get(pattern[1:-1]) if pattern[0] == "{" else pattern for name, pattern in marks.items()}
    for page in api.pages(filled(listed, known)):
        yield from (item for item in page[among] if shows(wanted, item))
