"""A reference portfolio as it is written: who there is (`system.yaml`), and what happens in its year (`year.yaml`)."""

import csv
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import dropwhile
from pathlib import Path
from typing import Any, Literal, TypeVar

from contracts.vocabulary import Wire
from pydantic import Field, ValidationError, model_validator

from launcher.portfolio import Roster, read_part
from launcher.portfolios.vocabulary import QUESTIONS, VERBS
from launcher.processes import StartRefused

KINDS = ("start", "review", "renewal", "exit")
"""What every typical year has."""
EVERY_SCHOOL = "every school"
T = TypeVar("T")


class Marked(Wire):
    """Something told, how sure it is, and by which source of the domain notes (`S:n`, `V:..`, `G`, `I`)."""

    certainty: Literal["verified", "stated", "guessed"]
    source: str = Field(min_length=1)


class Fact(Marked):
    """Something that is said of the system, in words."""

    says: str


class Refusal(Wire):
    """A refusal that must come: the problem's type, and the rule that one of its errors names."""

    type: str
    rule: str | None = None


class _Line(Wire):
    """A word of the vocabulary with what it is about; `says` is the line in plain words."""

    word: str
    about: dict[str, Any]
    says: str | None = None
    refused: Refusal | None = None

    @classmethod
    def opened(cls, line: Any, words: Sequence[str]) -> Any:
        """`{move: {...}, says: ...}` as members of this class. Raises ValueError."""
        found = [word for word in line if word in words]
        if len(found) != 1:
            raise ValueError(f"one of {', '.join(words)} is needed in each line, not {', '.join(line)}")
        about = line[found[0]]
        return {name: value for name, value in line.items() if name != found[0]} | {"word": found[0], "about": about}


class Deed(_Line):
    """Something that someone does, or, with `refused`, tries in vain."""

    @model_validator(mode="before")
    @classmethod
    def _open(cls, line: Any) -> Any:
        return cls.opened(line, list(VERBS))


class Question(_Line):
    """Something that must hold: what an answer shows, and what it must not show.

    `known_after` asks as it was known when that agreement's newest step so far had been recorded.
    """

    shows: dict[str, Any] = Field(default_factory=dict)
    hides: dict[str, Any] = Field(default_factory=dict)
    known_after: str | None = None

    @model_validator(mode="before")
    @classmethod
    def _open(cls, line: Any) -> Any:
        return cls.opened(line, list(QUESTIONS))


class Chapter(Marked):
    """A part of the year: what is done in it, and what must hold then."""

    kind: Literal["start", "review", "change", "renewal", "exit"]
    title: str
    do: list[Deed] = Field(default_factory=list)
    holds: list[Question] = Field(default_factory=list)


class SystemDocument(Roster):
    """What `system.yaml` says: the roster, what is known of the system, and what is there before the year begins."""

    state: str = Field(pattern=r"^[A-Z]{2}$")
    about: str
    facts: list[Fact]
    setting: list[Any] = Field(default_factory=list)


class YearDocument(Wire):
    """What `year.yaml` says."""

    chapters: list[dict[str, Any]]


@dataclass(frozen=True)
class System:
    """A reference portfolio, read whole."""

    folder: Path
    document: SystemDocument
    setting: Sequence[Deed]
    chapters: Sequence[Chapter]
    schools: Sequence[str]

    @property
    def name(self) -> str:
        """The folder's name, which its identifiers carry."""
        return self.folder.name

    @property
    def alias_system(self) -> str:
        """Identifiers of its own: whoever plays it touches no district that is registered by real ones."""
        return f"portfolio:{self.name}"

    @property
    def deeds(self) -> Iterator[Deed]:
        """Everything that is done, in its order."""
        yield from self.setting
        for chapter in self.chapters:
            yield from chapter.do

    def next_done(self, deed: Deed) -> Deed | None:
        """The first deed after this one that is not tried in vain."""
        after = dropwhile(lambda each: each is not deed, self.deeds)
        return next((each for each in after if each.refused is None), None)

    @property
    def instruments(self) -> list[str]:
        """The kinds of agreements that are drafted in it."""
        return sorted({deed.about["instrumentId"] for deed in self.deeds if deed.word == "draft"})


def systems(library: Path) -> list[str]:
    """The names of all reference portfolios."""
    return sorted(file.parent.name for file in (library / "portfolios").glob("*/system.yaml"))


def read_system(folder: Path) -> System:
    """The reference portfolio in `folder`. Raises StartRefused naming what is wrong with it."""
    document = read_part(folder / "system.yaml", SystemDocument)
    with (folder / document.schools).open(encoding="utf-8", newline="") as file:
        schools = [row["aliasValue"] for row in csv.DictReader(file)]
    year = read_part(folder / "year.yaml", YearDocument)
    try:
        setting = [Deed.model_validate(line) for line in unrolled(document.setting, schools)]
        chapters = [Chapter.model_validate(_whole(chapter, schools)) for chapter in year.chapters]
    except ValidationError as error:
        raise StartRefused(f"{folder} cannot be read: {error}") from error
    return System(folder, document, setting, chapters, schools)


def _whole(chapter: dict[str, Any], schools: Sequence[str]) -> dict[str, Any]:
    return chapter | {part: list(unrolled(chapter.get(part, []), schools)) for part in ("do", "holds")}


def unrolled(lines: Sequence[Any], everybody: Sequence[str]) -> Iterator[Any]:
    """Lines with each `{for: [...], do: [...]}` written out: `{each}` in it becomes one name after the other.

    `for: every school` goes through the portfolio's schools, without those named as `except`.
    """
    for line in lines:
        if not isinstance(line, dict) or "for" not in line:
            yield line
            continue
        names = everybody if line["for"] == EVERY_SCHOOL else line["for"]
        for name in names:
            if name not in line.get("except", ()):
                yield from unrolled(_with(line["do"], name), everybody)


def _with(value: T, named: str) -> T:
    said: Any = value
    if isinstance(said, str):
        said = said.replace("{each}", named)
    elif isinstance(said, dict):
        said = {name: _with(each, named) for name, each in said.items()}
    elif isinstance(said, list):
        said = [_with(each, named) for each in said]
    return said  # type: ignore[no-any-return]
