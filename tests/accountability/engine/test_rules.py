"""The engine's rules, one by one, on the SQRP document."""

from decimal import ROUND_HALF_UP, Decimal
from typing import Any

import narwhals as nw
import polars as pl
import pytest
import yaml
from accountability.engine import compile_framework
from accountability.engine.columns import rounded_half_up
from accountability.frameworks.document import Framework
from accountability.frameworks.nodes import WeightedNode
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.accountability.conftest import LIBRARY

SQRP = Framework.model_validate(yaml.safe_load((LIBRARY / "frameworks" / "chicago-sqrp-2018-19.yaml").read_text()))
COMPILED = compile_framework(SQRP)
SCHEMA = {
    "subject": pl.String,
    "indicator": pl.String,
    "value": pl.Float64,
    "category": pl.String,
    "n": pl.Float64,
    "participation": pl.Float64,
}

ELEMENTARY: dict[str, Any] = {
    "growth_reading": 60,
    "growth_math": 60,
    "growth_norms": 60,
    "attainment_reading": 60,
    "attainment_math": 60,
    "attainment_reading_grade_2": 60,
    "attainment_math_grade_2": 60,
    "attendance_k8": 95,
    "survey": "Organized",
    "data_quality": 99,
    **{
        f"growth_{subject}_{group}": 60
        for subject in ("reading", "math")
        for group in ("african_american", "hispanic", "english_learner", "diverse_learner")
    },
}
HIGH: dict[str, Any] = {
    "sat_cohort_growth": 60,
    "sat_growth_ebrw": 60,
    "sat_growth_math": 60,
    "psat10_growth_ebrw": 60,
    "psat10_growth_math": 60,
    "psat9_growth": 60,
    "college_readiness": 30,
    "attendance": 91,
    "freshmen_on_track": 85,
    "graduation_4_year": 80,
    "dropout": 3,
    "credentials": 30,
    "college_enrollment": 60,
    "college_persistence": 70,
    "survey": "Organized",
    "data_quality": 99,
    **{
        f"sat_cohort_growth_{group}": 60
        for group in ("african_american", "hispanic", "english_learner", "diverse_learner")
    },
}
OPTION: dict[str, Any] = {
    "star_growth_reading": 55,
    "star_growth_math": 55,
    "star_targets_reading": 60,
    "star_targets_math": 60,
    "graduation_1_year": 85,
    "credit_attainment": 60,
    "stabilization": 85,
    "attendance": 85,
    "attendance_growth": 85,
}
MODELS = {"elementary": ELEMENTARY, "high": HIGH, "option": OPTION}


def rate(model: str, measures: dict[str, Any], **more: Any) -> tuple[dict[str, Any], dict[str, dict[str, Any]]]:
    """Rate one school; `measures` values may be (value, n, participation)."""
    rows = [("s", "model", None, model, None, None)]
    for code, given_value in (measures | more).items():
        value, n, participation = given_value if isinstance(given_value, tuple) else (given_value, None, 100.0)
        if value is None:
            continue
        text, number = (value, None) if isinstance(value, str) else (None, float(value))
        rows.append(("s", code, number, text, n, participation))
    found = COMPILED.rate(pl.DataFrame(rows, schema=SCHEMA, orient="row"))
    return found.ratings.to_dicts()[0], {row["node"]: row for row in found.explanation.to_dicts()}


def weights(model: str, *missing: str) -> dict[str, float]:
    """Effective weights when indicators are missing, by node without its prefix."""
    measures = {code: value for code, value in MODELS[model].items() if code not in missing}
    _, outcomes = rate(model, measures)
    return {
        node[2:]: round(outcome["weight_effective"], 4)
        for node, outcome in outcomes.items()
        if outcome["weight_effective"] is not None
    }


@pytest.mark.parametrize(
    ("indicator", "value", "points"),
    [
        ("growth_reading", 90, 5),
        ("growth_reading", 89.9, 4),
        ("growth_reading", 70, 4),
        ("growth_reading", 9.9, 1),
        ("attendance_k8", 95.9, 4),
        ("data_quality", 85, 2),
        ("survey", "Not Yet Organized", 1),
    ],
)
def test_a_value_equal_to_a_cut_earns_the_higher_points(indicator: str, value: Any, points: float) -> None:
    _, outcomes = rate("elementary", ELEMENTARY, **{indicator: value})
    assert outcomes[f"e_{indicator.replace('_k8', '')}"]["points"] == points


@pytest.mark.parametrize(("rate_", "points"), [(2, 5), (2.1, 4), (8, 2), (8.1, 1)])
def test_a_low_dropout_rate_is_the_better_one(rate_: float, points: float) -> None:
    _, outcomes = rate("high", HIGH, dropout=rate_)
    assert outcomes["h_dropout"]["points"] == points


@pytest.mark.parametrize(
    ("participation", "points"),
    [(95, 5), (94.1, 5), (94, 4), (93, 4), (92, 3), (91.5, 3), (91, 2), (90, 2), (89, 1), (0, 1)],
)
def test_low_participation_costs_points_its_rate_rounded_up(participation: float, points: float) -> None:
    _, outcomes = rate("elementary", ELEMENTARY, growth_reading=(95, None, participation))
    assert outcomes["e_growth_reading"]["points"] == points


def test_participation_never_lowers_points_below_one() -> None:
    _, outcomes = rate("elementary", ELEMENTARY, growth_reading=(20, None, 50.0))
    assert outcomes["e_growth_reading"]["points"] == 1


@pytest.mark.parametrize(
    ("indicator", "n", "reason"),
    [
        ("attainment_reading_grade_2", 9, "too-few-students"),
        ("attainment_reading_grade_2", 10, None),
        ("growth_math_hispanic", 29, "too-few-students"),
        ("growth_math_hispanic", 30, None),
    ],
)
def test_an_indicator_of_too_few_students_is_missing_with_that_reason(indicator: str, n: int, reason: str) -> None:
    _, outcomes = rate("elementary", ELEMENTARY, **{indicator: (60, n, 100.0)})
    assert outcomes[f"e_{indicator}"]["reason"] == reason


@pytest.mark.parametrize(
    ("model", "missing", "expected"),
    [
        ("elementary", ["growth_math_hispanic"], {"growth_math": 16.25, "growth_reading": 15}),
        ("elementary", ["attainment_reading_grade_2"], {"attainment_reading": 7.5}),
        ("elementary", ["attendance_k8"], {"growth_reading": 25, "growth_math": 25}),
        ("elementary", ["survey"], {"growth_reading": 20, "growth_math": 20}),
        ("elementary", ["data_quality"], {"growth_reading": 17.5, "growth_math": 17.5}),
        ("high", ["sat_cohort_growth_hispanic"], {"sat_cohort": 12.5}),
        ("high", ["college_persistence"], {"enrollment": 10}),
        ("high", ["college_enrollment"], {"graduation": 15}),
        ("high", ["college_enrollment", "college_persistence"], {"graduation": 20}),
        ("high", ["graduation_4_year"], {"on_track": 15, "attendance": 12.5, "dropout": 7.5}),
        ("high", ["freshmen_on_track"], {"attendance": 15, "dropout": 10}),
        ("high", ["survey"], {"sat_cohort": 11.25, "sat_ebrw": 2.2917, "psat10_math": 2.2917, "psat9": 4.5833}),
        ("high", ["psat9_growth"], {"sat_ebrw": 2.5, "sat_math": 2.5, "psat10_ebrw": 2.5, "psat10_math": 2.5}),
        ("high", ["sat_cohort_growth"], {"sat_cohort_hispanic": 3.75, "sat_ebrw": 2.5, "psat9": 5}),
        ("high", ["college_readiness"], {"attendance": 11.6667, "dropout": 5.8333, "survey": 5.8333}),
        (
            "high",
            ["sat_growth_ebrw", "sat_growth_math", "psat10_growth_ebrw", "psat10_growth_math", "psat9_growth"],
            {"sat_cohort": 20},
        ),
        (
            "high",
            ["sat_cohort_growth", "psat9_growth", *(code for code in HIGH if "annual" in code or "growth_" in code)],
            {"attendance": 15, "college_readiness": 10, "dropout": 7.5},
        ),
        ("option", ["graduation_1_year"], {"attendance": 15, "stabilization": 15, "credit_attainment": 10}),
        ("option", ["attendance_growth"], {"attendance": 20}),
        ("option", ["attendance"], {"stabilization": 15, "credit_attainment": 10}),
        ("option", ["credit_attainment"], {"star_growth_reading": 12.5, "star_growth_math": 12.5}),
        ("option", ["stabilization"], {"star_growth_reading": 15, "star_growth_math": 15}),
    ],
)
def test_a_missing_weight_goes_where_the_handbook_says(
    model: str, missing: list[str], expected: dict[str, float]
) -> None:
    found = weights(model, *missing)
    assert {name: found[name] for name in expected} == expected
    assert sum(found.values()) == pytest.approx(100, abs=1e-3)


@pytest.mark.parametrize(
    ("model", "missing"),
    [
        ("elementary", "growth_reading"),
        ("elementary", "growth_norms"),
        ("elementary", "attainment_math"),
        ("option", "star_targets_math"),
    ],
)
def test_without_a_required_indicator_there_is_no_rating_and_the_reason_names_it(model: str, missing: str) -> None:
    rating, _ = rate(model, MODELS[model], **{missing: None})
    assert (rating["status"], rating["rating"], rating["score"]) == ("not-rated", "Inability to Rate", None)
    assert rating["reason"] == f"required-missing:{model[0]}_{missing}"


def test_a_high_school_without_any_assessment_has_points_but_no_rating() -> None:
    assessed = [code for code in HIGH if "growth" in code or code == "college_readiness"]
    rating, _ = rate("high", HIGH, **dict.fromkeys(assessed))
    assert rating["status"] == "not-rated"
    assert rating["reason"] == "nothing-assessed"
    assert rating["score"] is not None


@pytest.mark.parametrize(("participation", "label"), [(95.0, "Level 1+"), (94.0, "Level 1")])
def test_attainment_lifts_the_rating_only_with_95_percent_participation(participation: float, label: str) -> None:
    attained = {"attainment_reading": (92, None, participation), "attainment_math": (91, None, 100.0)}
    rating, _ = rate("elementary", ELEMENTARY, growth_norms=45, **attained)
    assert rating["rating"] == label


def test_attainment_counts_by_the_lower_of_both_subjects() -> None:
    _, outcomes = rate("elementary", ELEMENTARY, attainment_reading=99, attainment_math=69)
    assert outcomes["elementary_by_attainment"]["label"] == "Level 2+"


def test_a_figure_of_too_few_students_is_told_to_nobody_and_opens_no_route() -> None:
    _, outcomes = rate("elementary", ELEMENTARY, attainment_math=(95, 9, 100.0), attainment_reading=95)
    assert outcomes["e_attainment_math"]["value"] is None
    assert outcomes["elementary_by_attainment"]["reason"] == "missing"


def test_a_school_without_a_model_is_not_rated_and_the_reason_names_the_attribute() -> None:
    found = COMPILED.rate(pl.DataFrame([("s", "survey", None, "Organized", None, None)], schema=SCHEMA, orient="row"))
    rating = found.ratings.to_dicts()[0]
    assert (rating["status"], rating["reason"]) == ("not-rated", "missing:model")


def test_a_combination_school_is_weighted_by_its_programmes_shares() -> None:
    shares = {"elementary_share": 0.25, "high_share": 0.75}
    rating, outcomes = rate("combination", ELEMENTARY | HIGH | shares)
    parts = outcomes["elementary_total"]["value"] * 0.25 + outcomes["high_total"]["value"] * 0.75
    assert outcomes["combination_score"]["value"] == pytest.approx(parts)
    assert rating["score"] == float(Decimal(str(round(parts, 6))).quantize(Decimal("0.1"), ROUND_HALF_UP))


def test_a_programme_rated_by_attainment_enters_with_the_lowest_score_of_that_rating() -> None:
    shares = {"elementary_share": 0.5, "high_share": 0.5}
    attained = {"college_readiness": 85}
    _, outcomes = rate("combination", ELEMENTARY | HIGH | shares, **attained, attendance=70, credentials=5, dropout=20)
    assert outcomes["high_total"]["value"] < 4
    assert outcomes["high_entry"]["value"] == 4


@given(st.integers(0, 100_000), st.integers(1, 3))
@settings(max_examples=300, deadline=None)
def test_rounding_is_half_up_in_decimals(hundredths: int, digits: int) -> None:
    exact = Decimal(hundredths) / Decimal(10 ** (digits + 1))
    frame = nw.from_native(pl.DataFrame({"x": [float(exact)]}))
    ours = frame.select(rounded_half_up(nw.col("x"), digits)).item()
    assert Decimal(str(ours)) == exact.quantize(Decimal(1).scaleb(-digits), ROUND_HALF_UP)


@pytest.mark.parametrize(
    ("model", "indicator", "node", "best_first"),
    [
        ("elementary", "growth_reading", "e_growth_reading", False),
        ("high", "dropout", "h_dropout", True),
        ("option", "stabilization", "o_stabilization", False),
    ],
)
def test_a_better_value_never_earns_fewer_points(model: str, indicator: str, node: str, best_first: bool) -> None:
    values = [tenths / 10 for tenths in range(1001)]
    schools = [(f"{place:04}", "model", None, model, None, None) for place in range(len(values))]
    schools += [(f"{place:04}", indicator, value, None, None, 100.0) for place, value in enumerate(values)]
    explained = COMPILED.rate(pl.DataFrame(schools, schema=SCHEMA, orient="row")).explanation
    points = explained.filter(pl.col("node") == node)["points"].to_list()
    assert points == sorted(points, reverse=best_first)
    assert set(points) == {1, 2, 3, 4, 5}


def test_every_weighted_node_of_the_document_names_its_source() -> None:
    assert all(node.source for node in SQRP.nodes.values() if isinstance(node, WeightedNode))
