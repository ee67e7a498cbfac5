"""How the differences of a data set are explained from its own figures, in exact decimals and without the engine."""

from decimal import Decimal

import pytest
from accountability.verification.causes import Causes
from accountability.verification.comparison import Result
from accountability.verification.dataset import framework_of, read_dataset
from accountability.verification.description import Column
from accountability.verification.formulas import Formula, Unknown, gives
from pydantic import ValidationError

from tests.accountability.conftest import LIBRARY

THREE = Formula(mean={"a": Decimal(40), "b": Decimal(40), "c": Decimal(20)})
ONE = Formula(mean={"a": Decimal(100)})
PARTLY = Formula(mean={"a": Decimal(80)}, unknown=Unknown(weight=Decimal(20), least=Decimal(50), most=Decimal(100)))


@pytest.mark.parametrize(
    ("row", "given"),
    [
        ({"a": "69", "b": "63", "c": "50"}, 63),
        ({"a": "70.5", "b": "", "c": "50"}, 71),
        ({"a": "70.4", "b": "n/a", "c": "50"}, 70),
        ({"b": "70"}, None),
        ({"a": "1e400"}, None),
        ({"a": "7_0"}, None),
        ({"a": "\u0667\u0660"}, None),
    ],
)
def test_the_first_formula_whose_columns_all_have_figures_counts_and_is_rounded_half_up(
    row: dict[str, str], given: int | None
) -> None:
    assert gives([THREE, ONE], row) == (None if given is None else (given, given))


def test_a_formula_with_an_unknown_part_gives_all_that_this_part_allows() -> None:
    assert PARTLY.range({"a": "92.4"}) == (84, 94)
    assert Formula(mean={}, unknown=Unknown(weight=Decimal(1), least=Decimal(0), most=Decimal(5))).range({}) == (0, 5)


def test_a_formula_of_nothing_is_refused() -> None:
    with pytest.raises(ValidationError, match="something unknown"):
        Formula(mean={})


@pytest.mark.parametrize(
    ("column", "read"),
    [
        (Column(column="code"), "057905000"),
        (Column(constant="school"), "school"),
        (Column(column="code", pattern=r"(\d{6}(?!000)\d{3}|\d{6})"), "057905"),
        (Column(column="code", pattern="(x)"), ""),
        (Column(column="flag", values={"Y": "yes"}), "yes"),
        (Column(column="flag", values={"N": "no"}, otherwise="other"), "other"),
        (Column(column="code", only={"flag": ["N"]}), ""),
        (Column(column="code", given="flag"), "057905000"),
        (Column(column="code", given="empty"), ""),
    ],
)
def test_a_column_is_read_as_it_is_described(column: Column, read: str) -> None:
    assert column.read({"code": "057905000", "flag": "Y", "empty": ""}) == read


@pytest.mark.parametrize(
    ("figures", "said", "cause"),
    [
        ({"ach_score": "92.4"}, "92", ""),
        ({"ach_score": "92.4"}, "94", "no growth score is published"),
        ({"ach_score": "92.4"}, "99", "the published ach_score 92.4 give 92 by the rule, not the published 99"),
        ({"ach_score": "90", "eg_score": "50"}, "82", ""),
        ({"ach_score": "90", "eg_score": "50"}, "90", "the published ach_score 90, eg_score 50 give 82"),
    ],
)
def test_a_figure_that_the_rule_gives_excuses_no_result_of_ours(figures: dict[str, str], said: str, cause: str) -> None:
    dataset = read_dataset(LIBRARY, "north-carolina-spg-2018")
    framework, _ = framework_of(LIBRARY, dataset)
    columns, key, published = next(dataset.rows())
    row = published | {"ach_score": "", "eg_score": "", "spg_score": said} | figures
    causes = Causes(dataset, framework, dataset.loading(framework))
    found = causes.of(columns, key, row, [], Result("score", said, "80", False, "score"))
    assert found.startswith(cause)
    assert bool(found) == bool(cause)
