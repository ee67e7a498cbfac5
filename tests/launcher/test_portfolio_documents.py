"""The reference portfolios as documents: complete, true to the real directories, and clear when they are wrong."""

import csv
from collections.abc import Iterator
from datetime import date
from functools import cache
from pathlib import Path
from typing import Any

import pytest
from launcher.portfolio import library_folder
from launcher.portfolios.document import KINDS, System, read_system, systems, unrolled
from launcher.portfolios.holding import lacking
from launcher.portfolios.vocabulary import REFERENCES
from launcher.processes import StartRefused

LIBRARY = library_folder()
NAMES = systems(LIBRARY)


@cache
def system(name: str) -> System:
    return read_system(LIBRARY / "portfolios" / name)


def rows(path: Path) -> list[dict[str, str]]:
    with path.open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def references(value: Any, member: str = "") -> Iterator[str]:
    """The names to which a line refers."""
    if isinstance(value, dict):
        for name, each in value.items():
            yield from references(each, name)
    elif isinstance(value, list):
        for each in value:
            yield from references(each, member)
    elif member in REFERENCES and isinstance(value, str):
        yield value


def test_there_are_the_nine_systems() -> None:
    assert len(NAMES) == 9


@pytest.mark.parametrize("name", NAMES)
def test_each_has_a_start_a_review_a_renewal_and_an_exit(name: str) -> None:
    assert set(KINDS) <= {chapter.kind for chapter in system(name).chapters}


@pytest.mark.parametrize("name", NAMES)
def test_each_chapter_holds_something_to_be_true(name: str) -> None:
    assert [chapter.title for chapter in system(name).chapters if not chapter.holds] == []


@pytest.mark.parametrize("name", NAMES)
def test_each_refuses_something_and_names_how(name: str) -> None:
    assert any(deed.refused for deed in system(name).deeds)


@pytest.mark.parametrize("name", NAMES)
def test_nobody_is_named_before_being_there(name: str) -> None:
    read = system(name)
    there = {*read.schools, *(each.alias.split("|")[1] for each in read.document.organizations), "platform"}
    unknown = []
    for part in (read.setting, *((*chapter.do, *chapter.holds) for chapter in read.chapters)):
        for line in part:
            said = {member: value for member, value in line.about.items() if member not in ("as", "by")}
            used = [*references(said), line.about.get("by", "district")]
            unknown += [name for name in used if name not in there]
            there.add(line.about.get("as", ""))
    assert unknown == []


@pytest.mark.parametrize("name", NAMES)
def test_each_has_identifiers_of_its_own_only(name: str) -> None:
    read = system(name)
    given = [each.alias.split("|")[0] for each in read.document.organizations]
    given += [row["aliasSystem"] for row in rows(read.folder / read.document.schools)]
    assert set(given) == {read.alias_system}


@pytest.mark.parametrize("name", NAMES)
def test_each_school_says_its_source(name: str) -> None:
    read = system(name)
    silent = [row["aliasValue"] for row in rows(read.folder / read.document.schools) if not row["source"]]
    assert silent == []


def test_every_kind_of_agreement_of_the_library_is_used() -> None:
    used = {instrument for name in NAMES for instrument in system(name).instruments}
    assert used == {path.stem for path in (LIBRARY / "instruments").glob("*.yaml")}


def test_every_school_of_springfield_in_the_states_file_is_there() -> None:
    data = rows(LIBRARY / "data" / "massachusetts-levels-2016" / "schools.csv")
    published = {(row["school_code"], row["school_name"]) for row in data if row["district_code"] == "02810000"}
    held = {(row["otherAliasValue"], row["name"]) for row in rows(LIBRARY / "portfolios/springfield-zone/schools.csv")}
    assert published <= held
    assert [name for code, name in held - published] == ["Chestnut Accelerated Middle School"]


def test_every_school_of_the_network_in_chicagos_ratings_is_there() -> None:
    data = rows(LIBRARY / "data" / "chicago-sqrp-2018-19" / "schools.csv")
    published = {(row["school_id"], row["long_name"]) for row in data if row["network"] == "AUSL"}
    held = {(row["otherAliasValue"], row["name"]) for row in rows(LIBRARY / "portfolios/chicago-ausl/schools.csv")}
    assert held == published
    assert len(held) == 28


def test_every_innovation_school_of_denvers_list_is_there() -> None:
    folder = LIBRARY / "portfolios" / "denver-innovation"
    listed = {row["school_name"].removesuffix(" - Closing end of 24-25") for row in rows(folder / "directory.csv")}
    assert {row["name"] for row in rows(folder / "schools.csv")} == listed
    assert len(listed) == 39


def test_a_line_is_written_out_for_each_name() -> None:
    lines = [{"for": "every school", "except": ["b"], "do": [{"move": {"of": "plan-{each}", "on": ["{each}"]}}]}]
    assert list(unrolled(lines, ["a", "b", "c"])) == [
        {"move": {"of": "plan-a", "on": ["a"]}},
        {"move": {"of": "plan-c", "on": ["c"]}},
    ]


def test_an_unknown_word_is_named_with_the_folder(tmp_path: Path) -> None:
    folder = tmp_path / "tenth"
    folder.mkdir()
    (folder / "schools.csv").write_text("aliasSystem,aliasValue,name\n")
    (folder / "system.yaml").write_text(
        "{name: Tenth, state: OH, validFrom: 2020-07-01, source: s, about: a, facts: [], organizations: [],"
        " schools: schools.csv}\n"
    )
    (folder / "year.yaml").write_text(
        "chapters: [{kind: start, title: t, certainty: guessed, source: G, do: [{decree: {of: x}}]}]\n"
    )
    with pytest.raises(StartRefused, match=r"tenth cannot be read(.|\n)*decree"):
        read_system(folder)


@pytest.mark.parametrize(
    ("wanted", "shown", "lacks"),
    [
        ({"status": "active"}, {"status": "active", "more": 1}, []),
        ({"status": "active"}, {"status": "lapsed"}, ["status is lapsed, not active"]),
        ({"by": {"kind": "blanket"}}, {"by": None}, ["by.kind is nothing, not blanket"]),
        ({"due": date(2024, 4, 22)}, {"due": "2024-04-22"}, []),
        ({"schools": 2}, {"schools": [1, 2, 3]}, ["schools has 3 items, not 2"]),
        ({"held": [{"role": "zone"}]}, {"held": [{"role": "operator"}]}, ["held has no role zone"]),
        ({"held": [{"role": "zone"}]}, {"held": [{"role": "a"}, {"role": "zone", "id": 1}]}, []),
        ({"inForce": True}, {"inForce": 1}, ["inForce is 1, not yes"]),
        ({"until": None}, {}, []),
    ],
)
def test_an_answer_is_compared_member_by_member(wanted: Any, shown: Any, lacks: list[str]) -> None:
    assert list(lacking(wanted, shown)) == lacks
