"""The real data sets of other jurisdictions, through the real path: how much of what was published is reached."""

import csv
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from accountability.app import create_app
from accountability.verification.comparison import Report
from accountability.verification.run import verify

from tests.accountability.conftest import ALL, LIBRARY


@pytest.fixture
def verified(service_of: Callable[..., Any]) -> Callable[..., Any]:
    """`await verified(name)`: the report of a fresh service."""

    async def run(name: str, folder: Path | None = None) -> Report:
        async with service_of("accountability", create_app) as service:
            return await verify(service.app, service.client(*ALL), LIBRARY, name, folder)

    return run


def published(name: str, file: str) -> list[dict[str, str]]:
    with (LIBRARY / "data" / name / file).open(encoding="utf-8", newline="") as opened:
        return list(csv.DictReader(opened))


@pytest.fixture
def of_districts(tmp_path: Path) -> Callable[[str, set[str]], Path]:
    """`of_districts(name, districts)`: a folder with the rows of these districts alone."""

    def write(name: str, districts: set[str]) -> Path:
        for file in ("campuses.csv", "districts.csv"):
            rows = [row for row in published(name, file) if row["district_id"] in districts]
            with (tmp_path / file).open("w", encoding="utf-8", newline="") as opened:
                writer = csv.DictWriter(opened, list(rows[0]))
                writer.writeheader()
                writer.writerows(rows)
        return tmp_path

    return write


def misses(report: Report) -> dict[str, int]:
    """How many results of each kind differ, of kinds in which some do."""
    return {
        kind: compared - report.equal[kind]
        for kind, compared in report.compared.items()
        if compared != report.equal[kind]
    }


@pytest.mark.parametrize(("year", "schools", "graded"), [(2023, 2409, 2340), (2024, 2423, 2413)])
async def test_every_total_percent_and_grade_of_florida_is_reached(
    verified: Any, year: int, schools: int, graded: int
) -> None:
    report = await verified(f"florida-grades-{year}")
    assert dict(report.compared) == {
        "rating": schools,
        "percent_of_possible": schools,
        "total_points": graded,
        "components": graded,
    }
    assert misses(report) == {}


@pytest.mark.parametrize(
    ("year", "rows", "expected"),
    [
        (2018, 11951, {"rating": 1, "score": 6, "reading_score": 3, "math_score": 4, "reading_grade": 1}),
        (2019, 12042, {"score": 4, "reading_score": 3, "math_score": 4}),
    ],
)
async def test_north_carolina_is_reached_for_schools_and_their_student_groups_but_for_contradictions_of_the_file(
    verified: Any, year: int, rows: int, expected: dict[str, int]
) -> None:
    report = await verified(f"north-carolina-spg-{year}")
    assert report.unexplained == []
    assert (report.compared["rating"], report.compared["score"]) == (rows, rows)
    assert report.compared["low_performing"] > 1800
    assert report.compared["district rating"] == (81 if year == 2018 else 0)
    assert misses(report) == expected


async def test_every_star_rating_of_nevada_is_reached_at_each_level_of_a_school(verified: Any) -> None:
    report = await verified("nevada-stars-2025")
    assert dict(report.compared) == {"rating": 608, "index_score": 608}
    assert misses(report) == {}


@pytest.mark.parametrize(
    ("year", "campuses", "districts", "expected"),
    [
        (2019, 6509, 824, {"student_achievement_formula": 18}),
        (2022, 6626, 828, {"district overall": 1}),
    ],
)
async def test_every_campus_and_district_of_texas_is_reached_but_for_contradictions_of_the_file(
    verified: Any, year: int, campuses: int, districts: int, expected: dict[str, int]
) -> None:
    report = await verified(f"texas-af-{year}")
    assert report.unexplained == []
    assert {report.compared[kind] for kind in ("rating", "overall", "school_progress_grade")} == {campuses}
    assert {report.compared[kind] for kind in ("district rating", "district overall")} == {districts}
    assert misses(report) == expected


async def test_a_figure_that_a_member_rules_out_is_told_with_that_member(verified: Any, of_districts: Any) -> None:
    report = await verified("texas-af-2022", of_districts("texas-af-2022", {"072801"}))
    assert [mismatch.why for mismatch in report.mismatches] == [
        "with a campus below 70 the rules give a district at most 89: "
        "072801150 is published with overall_scaled 68, 072801 with 95"
    ]


async def test_every_level_of_massachusetts_is_reached_for_schools_and_districts(verified: Any) -> None:
    report = await verified("massachusetts-levels-2016")
    assert dict(report.compared) == {"rating": 1203, "school_percentile": 1218, "district rating": 289}
    assert misses(report) == {}


async def test_other_rows_of_the_same_files_give_what_they_give_among_all(verified: Any, of_districts: Any) -> None:
    districts = {row["district_id"] for row in published("texas-af-2019", "districts.csv")[::40]}
    report = await verified("texas-af-2019", of_districts("texas-af-2019", districts))
    assert report.compared["district rating"] == len(districts)
    assert report.unexplained == []
    assert set(misses(report)) <= {"student_achievement_formula"}


async def test_a_published_result_that_its_own_inputs_do_not_contradict_stays_unexplained(
    verified: Any, of_districts: Any
) -> None:
    folder = of_districts("texas-af-2019", {"001903"})
    text = (folder / "districts.csv").read_text(encoding="utf-8").replace(",90,A,", ",88,B,")
    (folder / "districts.csv").write_text(text, encoding="utf-8")
    report = await verified("texas-af-2019", folder)
    assert {(mismatch.result, mismatch.published, mismatch.ours) for mismatch in report.unexplained} == {
        ("district overall", "88", "90"),
        ("district rating", "B", "A"),
    }


async def test_a_partner_that_is_in_no_file_is_named_as_the_cause(verified: Any, of_districts: Any) -> None:
    folder = of_districts("texas-af-2019", {"001903"})
    text = (folder / "campuses.csv").read_text(encoding="utf-8").replace(",001903102\n", ",999999001\n")
    (folder / "campuses.csv").write_text(text, encoding="utf-8")
    report = await verified("texas-af-2019", folder)
    assert {mismatch.why for mismatch in report.mismatches} == {
        "paired with is left out: `999999001` is not among the subjects"
    }


async def test_a_district_that_differs_from_its_schools_is_not_excused_by_having_no_figures_of_its_own(
    verified: Any, tmp_path: Path
) -> None:
    rows = [row for row in published("massachusetts-levels-2016", "schools.csv") if row["district_code"] == "00030000"]
    with (tmp_path / "schools.csv").open("w", encoding="utf-8", newline="") as opened:
        writer = csv.DictWriter(opened, list(rows[0]))
        writer.writeheader()
        writer.writerows(row | {"district_level": "Level 1"} for row in rows)
    report = await verified("massachusetts-levels-2016", tmp_path)
    assert [(mismatch.result, mismatch.published, mismatch.ours) for mismatch in report.unexplained] == [
        ("district rating", "Level 1", "Level 2")
    ]


async def test_signs_in_place_of_figures_levels_and_labels_are_named_as_the_causes(
    verified: Any, tmp_path: Path
) -> None:
    rows = published("nevada-stars-2025", "schools.csv")[:5]
    rows[0] |= {"total_index_score": "1e400", "star_rating": "5"}
    rows[1] |= {"level_code": "combined", "star_rating": "5"}
    rows[2] |= {"star_rating": "Pending"}
    rows[3] |= {"total_index_score": "4_0", "school_name": 'The "O\'Brien", School'}
    with (tmp_path / "schools.csv").open("w", encoding="utf-8-sig", newline="") as opened:
        writer = csv.DictWriter(opened, list(rows[0]), lineterminator="\r\n")
        writer.writeheader()
        writer.writerows(rows)
    report = await verified("nevada-stars-2025", tmp_path)
    assert report.unexplained == []
    why = [mismatch.why for mismatch in report.mismatches]
    assert "the file publishes none of its inputs: index" in why
    assert "the framework rates no student group or level `combined`" in why
    assert "`Pending` is no label of the framework" in why
