"""Playing a reference portfolio on a platform: its setting, then chapter by chapter what is done and what must hold."""

import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import quote

import httpx2
import yaml

from launcher.api import Api
from launcher.loading import import_schools, register_organizations
from launcher.portfolio import alias_of
from launcher.portfolios.cast import PLATFORM, Cast
from launcher.portfolios.deeds import Doer, NotRefused, refused_as
from launcher.portfolios.document import Chapter, Deed, Question, Refusal, System
from launcher.portfolios.holding import brief, lacking
from launcher.portfolios.vocabulary import OWN, QUESTIONS, filled
from launcher.processes import StartRefused

HEARD_SECONDS = 30
DISTRICT = "district"
"""The organization that acts where a line does not say who does; every portfolio has one of this name."""


@dataclass(frozen=True)
class Outcome:
    """What came of a line, in plain words; `trouble` says what did not hold, and is empty if all did.

    `recorded` counts what was new on the platform.
    """

    chapter: str
    words: str
    trouble: str = ""
    recorded: int = 0


class Play:
    """One portfolio on one platform. Played again, it does nothing twice and asks everything anew."""

    def __init__(self, system: System, library: Path, platform: Api) -> None:
        self._system, self._library, self._platform = system, library, platform
        self._cast = Cast(system, platform)

    def outcomes(self) -> Iterator[Outcome]:
        """What came of each line. Ends at the first deed that is refused although it must not be."""
        try:
            doer = Doer(self._cast, self._register_instruments(), self._is_first())
            self._gather()
            doer.actor, doer.evidence = PLATFORM, self._system.document.source
            yield from self._done(doer, "setting", self._system.setting)
            for chapter in self._system.chapters:
                doer.actor, doer.evidence = DISTRICT, f"{chapter.title} ({chapter.certainty}, {chapter.source})"
                yield from self._chapter(doer, chapter)
        except StartRefused as broken:
            yield Outcome("", "The play ends here.", self._cast.in_words(str(broken)))
        finally:
            self._cast.close()

    def _chapter(self, doer: Doer, chapter: Chapter) -> Iterator[Outcome]:
        heading = f"{chapter.kind}: {chapter.title}"
        yield from self._done(doer, heading, chapter.do)
        for question in chapter.holds:
            yield Outcome(heading, self._words(question), "; ".join(self._asked(doer, question)))

    def _done(self, doer: Doer, heading: str, deeds: Sequence[Deed]) -> Iterator[Outcome]:
        new = there = 0
        for deed in deeds:
            if deed.refused is not None:
                yield self._refusal(doer, heading, deed, deed.refused)
            elif self._did(doer, deed):
                new += 1
            else:
                there += 1
        if new or there:
            yield Outcome(heading, f"{new} recorded" + (f", {there} there already" if there else ""), recorded=new)

    def _did(self, doer: Doer, deed: Deed) -> bool:
        try:
            return doer.do(deed)
        except (StartRefused, NotRefused) as broken:
            raise StartRefused(f"{deed.word} {brief(deed.about)}: {broken}") from broken

    def _refusal(self, doer: Doer, heading: str, deed: Deed, refusal: Refusal) -> Outcome:
        """Try in vain, unless an earlier play has gone on from here: what was refused then may be possible now."""
        tried = f"Refused: {deed.says or f'{deed.word} {brief(deed.about)}'}"
        after = self._system.next_done(deed)
        if after is not None and doer.was_done(after):
            return Outcome(heading, f"{tried} - on an earlier play")
        try:
            return Outcome(heading, f"{tried} - {self._cast.in_words(doer.try_in_vain(deed, refusal))}")
        except NotRefused as not_refused:
            return Outcome(heading, tried, self._cast.in_words(str(not_refused)))

    def _asked(self, doer: Doer, question: Question) -> list[str]:
        """What the answer lacks; of a question whose answer comes by event, after some waiting."""
        deadline = time.monotonic() + (HEARD_SECONDS if QUESTIONS[question.word].eventual else 0)
        while True:
            found = [self._cast.in_words(words) for words in self._compared(doer, question)]
            if not found or time.monotonic() > deadline:
                return found
            time.sleep(0.1)

    def _compared(self, doer: Doer, question: Question) -> Iterator[str]:
        query = QUESTIONS[question.word]
        line = self._cast.resolved(question.about)
        api = self._cast.as_(question.about.get("by", DISTRICT))
        asked = {query.renamed.get(name, name): value for name, value in line.items() if name not in OWN}
        if question.known_after is not None:
            asked["knownAt"] = doer.known_after(question.known_after, api)
        answer = api.send("GET", filled(query.path, line), params=asked)
        if question.refused is not None:
            try:
                refused_as(answer, question.refused)
            except NotRefused as not_refused:
                yield str(not_refused)
        elif not answer.is_success:
            yield f"it was refused: {answer.text[:1000]}"
        else:
            yield from self._differences(question, answer)

    def _differences(self, question: Question, answer: httpx2.Response) -> Iterator[str]:
        shown = answer.json()
        yield from lacking(self._cast.resolved(question.shows), shown)
        for name, value in self._cast.resolved(question.hides).items():
            if next(lacking({name: value}, shown), None) is None:
                yield f"{name} still shows {brief(value)}"

    def _words(self, question: Question) -> str:
        if question.says:
            return question.says
        about = f"{question.word} {brief(question.about)}"
        hidden = f", not {brief(question.hides)}" if question.hides else ""
        shown = question.refused.type if question.refused else brief(question.shows)
        return f"{about}: {shown}{hidden}"

    def _is_first(self) -> bool:
        alias = {"aliasSystem": self._system.alias_system, "aliasValue": DISTRICT}
        return not self._platform.get("/v1/organizations", **alias)["items"]

    def _gather(self) -> None:
        """Register organizations and schools, and learn their identifiers."""
        document = self._system.document
        for reference, identifier in register_organizations(self._platform, document).items():
            self._cast.ids[alias_of(reference, document.valid_from).value] = identifier
        import_schools(self._platform, document, self._system.folder)
        held = f"/v1/schools?aliasSystem={quote(self._system.alias_system)}&limit=500"
        schools = (school for page in self._platform.pages(held) for school in page["items"])
        for school in schools:
            for alias in school["aliases"]:
                if alias["system"] == self._system.alias_system:
                    self._cast.ids[alias["value"]] = school["id"]

    def _register_instruments(self) -> dict[str, str]:
        versions = {}
        for name in self._system.instruments:
            content = (self._library / "instruments" / f"{name}.yaml").read_bytes()
            headers = {"content-type": "application/yaml"}
            self._platform.post("/v1/instruments", content=content, headers=headers)
            versions[name] = str(yaml.safe_load(content)["version"])
        return versions
