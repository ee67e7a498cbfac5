"""Chicago's 466 schools, through the real path: the test of truth. And other schools of the same file."""

import csv
import random
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from accountability.app import create_app
from accountability.verification.comparison import Mismatch, Report, render
from accountability.verification.dataset import read_dataset
from accountability.verification.run import verify
from kit.errors import Invalid

from tests.accountability.conftest import ALL, LIBRARY

NAME = "chicago-sqrp-2018-19"
HOME = LIBRARY / "data" / NAME
Rows = list[dict[str, str]]


def published(file: str) -> Rows:
    with (HOME / file).open(encoding="utf-8", newline="") as opened:
        return list(csv.DictReader(opened))


def folder_of(folder: Path, schools: Rows, indicators: Rows) -> Path:
    """A folder with files of the same shape."""
    for file, rows in (("schools.csv", schools), ("indicators.csv", indicators)):
        with (folder / file).open("w", encoding="utf-8", newline="") as opened:
            writer = csv.DictWriter(opened, list(rows[0]))
            writer.writeheader()
            writer.writerows(rows)
    return folder


@pytest.fixture
def verified(service_of: Callable[..., Any]) -> Callable[..., Any]:
    """`await verified(folder)`: the report of a fresh service."""

    async def run(folder: Path | None = None) -> Report:
        async with service_of("accountability", create_app) as service:
            return await verify(service.app, service.client(*ALL), LIBRARY, NAME, folder)

    return run


def without_status(report: Report) -> set[tuple[str, str, str]]:
    """The mismatches but those of the accountability status, which needs a school's earlier years."""
    found = {(mismatch.school, mismatch.result, mismatch.detail) for mismatch in report.mismatches}
    return {key for key in found if key[1] != "accountability_status"}


async def test_every_published_result_of_chicago_2018_19_is_reached_or_its_contradiction_named(verified: Any) -> None:
    report = await verified()
    assert report.unexplained == []
    assert dict(report.compared) == {
        "rating": 466,
        "total": 466,
        "elementary_total": 17,
        "high_total": 17,
        "accountability_status": 371,
        "points": 6701,
        "weights": 6687,
    }
    misses = {
        name: report.compared[name] - report.equal[name] for name in report.compared if name != "accountability_status"
    }
    assert misses == {"rating": 1, "total": 1, "elementary_total": 0, "high_total": 0, "points": 0, "weights": 7}


@pytest.mark.parametrize("kind", ["high", "option", "combination"])
async def test_schools_of_one_model_alone_give_the_results_they_give_among_all(
    verified: Any, tmp_path: Path, kind: str
) -> None:
    schools = [row for row in published("schools.csv") if row["kind"] == kind]
    keys = {row["school_id"] for row in schools}
    report = await verified(
        folder_of(tmp_path, schools, [row for row in published("indicators.csv") if row["school_id"] in keys])
    )
    assert report.compared["rating"] == len(schools)
    assert without_status(report) == ({("609748", "rating", "")} if kind == "option" else set())


async def test_other_schools_with_odd_rows_are_compared_and_never_stop_a_verification(
    verified: Any, tmp_path: Path
) -> None:
    random.seed(5)
    schools = random.sample(published("schools.csv"), 20)
    keys = [row["school_id"] for row in schools]
    indicators = [row for row in published("indicators.csv") if row["school_id"] in keys[2:]]
    random.shuffle(indicators)
    indicators = [row | {"note": "another column"} for row in indicators]
    pattern = indicators[0]
    unreadable = pattern | {"school_id": keys[0], "score": "", "participation_rate": "nan"}
    unheard = pattern | {"school_id": keys[3], "indicator": "ACCESS Progress", "points": "3.0", "weight": "5.0"}
    indicators += [unreadable, unheard, pattern, pattern | {"school_id": "999999"}]
    schools[1] = schools[1] | {"kind": "evening", "elementary_share": "half"}
    report = await verified(folder_of(tmp_path, schools, indicators))
    touched = {keys[0], keys[1], keys[3], pattern["school_id"]}
    assert report.compared["rating"] == 20
    assert {school for school, *_ in without_status(report)} <= touched
    said = {mismatch.detail: mismatch.why for mismatch in report.mismatches if mismatch.result == "points"}
    assert said["ACCESS Progress"] == "no indicator of the framework has this title"


async def test_figures_that_contradict_the_policy_are_told_from_them_alone(verified: Any, tmp_path: Path) -> None:
    schools, indicators = published("schools.csv"), published("indicators.csv")
    changed = {"610024": "A1", "609748": "A2"}  # the two that the library explains by hand, under other names
    chosen = [row | {"school_id": changed[row["school_id"]]} for row in schools if row["school_id"] in changed]
    rows = [row | {"school_id": changed[row["school_id"]]} for row in indicators if row["school_id"] in changed]
    report = await verified(folder_of(tmp_path, chosen, rows))
    causes = {(mismatch.school, mismatch.result): mismatch.why for mismatch in report.mismatches}
    assert report.unexplained == []
    assert "of no model in the policy" in causes["A1", "weights"]
    assert "the published total follows from the published weights" in causes["A1", "total"]
    assert causes["A2", "rating"].startswith("the published total 3.1 is Level 2+ by the policy")


async def test_a_result_of_ours_that_nothing_published_contradicts_stays_unexplained(
    verified: Any, tmp_path: Path
) -> None:
    schools = [row for row in published("schools.csv") if row["school_id"] == "400009"]
    rows = [row for row in published("indicators.csv") if row["school_id"] == "400009"]
    rows[0] = rows[0] | {"points": "5.0"}
    report = await verified(folder_of(tmp_path, schools, rows))
    assert [(mismatch.result, mismatch.published, mismatch.ours) for mismatch in report.unexplained] == [
        ("points", "5.0", "4")
    ]


@pytest.mark.parametrize(
    ("files", "words"),
    [
        ({}, "schools.csv"),
        ({"schools.csv": "school_id\n1\n"}, "lacks columns"),
        ({"schools.csv": (HOME / "schools.csv").read_text().splitlines()[0]}, "no schools"),
        ({"schools.csv": "\n".join((HOME / "schools.csv").read_text().splitlines()[i] for i in (0, 1, 1))}, "once"),
    ],
)
def test_a_folder_of_another_shape_is_refused_by_file_and_column(
    tmp_path: Path, files: dict[str, str], words: str
) -> None:
    for name, text in files.items():
        (tmp_path / name).write_text(text)
    with pytest.raises(Invalid, match=words):
        read_dataset(LIBRARY, NAME, tmp_path)


def test_a_report_is_printed_with_rates_and_the_cause_of_every_mismatch() -> None:
    report = Report("data", "policy 1", 2)
    report.compared["rating"], report.equal["rating"] = 3000, 2999
    report.mismatches.append(Mismatch("rating", "01", "", "Good", "Poor", ""))
    lines = list(render(report))
    assert lines[2].split() == ["rating", "3000", "2999", "99.96", "%"]
    assert lines[-2:] == ["- rating of 01: published Good, ours Poor", "  UNEXPLAINED"]
