"""Comparisons as pure functions on columns: who is followed, what is averaged, and what never changes it."""

import random
from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import Any
from uuid import UUID

import polars as pl
import pytest
from accountability.comparisons.comparing import compare
from accountability.comparisons.inputs import Inputs
from accountability.comparisons.matching import PRIOR
from accountability.comparisons.schemas import Break, Cohort, Matching, NewComparison, Point, Result
from accountability.comparisons.series import FIGURES, interval, t_quantile
from accountability.comparisons.standings import STANDINGS
from hypothesis import given
from hypothesis import strategies as st

YEARS = range(2014, 2021)
FIXED, ROLLING = Cohort(kind="fixed", year=2018), Cohort(kind="rolling")


def name(number: int) -> str:
    """A school's identifier."""
    return str(UUID(int=number))


def asked(cohort: Cohort = FIXED, **changes: Any) -> NewComparison:
    """Scores from 2014 to 2020."""
    body = {
        "title": "Did it help?",
        "district_id": UUID(int=902),
        "framework": "small",
        "from_year": YEARS[0],
        "to_year": YEARS[-1],
        "cohort": cohort,
    }
    return NewComparison(**body | changes)


School = tuple[Sequence[str], Sequence[float | str | None]]
"""A school in each year: its standing, and its figure, or why there is none."""


def inputs(schools: Sequence[School], breaks: Sequence[Break] = (), restarts: dict[int, int] | None = None) -> Inputs:
    """What would be read of these schools."""
    standings, figures = [], []
    for number, (stands, values) in enumerate(schools, start=1):
        for year, standing, value in zip(YEARS, stands, values, strict=True):
            life = int(year >= (restarts or {}).get(number, 9999))
            standings.append((name(number), year, standing, life, "high"))
            is_number = isinstance(value, int | float)
            if value is not None:
                figures.append((name(number), year, value if is_number else None, 100, None if is_number else value))
    figured = pl.DataFrame(figures, schema=FIGURES, orient="row")
    return Inputs(
        standings=pl.DataFrame(standings, schema=STANDINGS, orient="row"),
        figures=figured,
        covariates=figured.select("school_id", "year", pl.col("value").alias(PRIOR)),
        breaks=breaks,
    )


def stands(**until: int) -> list[str]:
    """Standings, each until (excluding) a year, in the order given; the last holds to the end."""
    return [next(word for word, end in until.items() if year < end).replace("_", "-") for year in YEARS]


ALWAYS = 2100
AUTONOMOUS_SINCE_2016 = stands(traditional=2016, autonomous=ALWAYS)
TRADITIONAL = stands(traditional=ALWAYS)


def at(result: Result, group: str, when: int) -> Point:
    """The one point of a group at a time."""
    [found] = [point for point in result.points if (point.group, point.at) == (group, when)]
    return found


def test_a_closed_school_stays_in_the_cohort_and_in_the_mean_of_its_years() -> None:
    closing = stands(traditional=2016, autonomous=2019, closed=ALWAYS)
    result = compare(
        asked(),
        inputs([(AUTONOMOUS_SINCE_2016, [50.0] * 7), (closing, [30.0] * 5 + [None] * 2), (TRADITIONAL, [40.0] * 7)]),
    )
    before, after = at(result, "autonomous", 2018), at(result, "autonomous", 2019)
    assert (before.cohort, before.measured, before.mean, before.left) == (2, 2, 40, {})
    assert (after.cohort, after.measured, after.mean, after.left) == (2, 1, 50, {"closed": 1})


def test_a_fixed_cohort_keeps_whoever_returned_to_the_district_and_a_rolling_one_counts_it_as_left() -> None:
    returned = ["traditional"] * 2 + ["autonomous"] * 3 + ["traditional"] * 2
    read = inputs([(AUTONOMOUS_SINCE_2016, [50.0] * 7), (returned, [30.0] * 7)])
    fixed, rolling = [at(compare(asked(cohort), read), "autonomous", 2020) for cohort in (FIXED, ROLLING)]
    assert (fixed.measured, fixed.mean, fixed.left) == (2, 40, {"autonomy-ended": 1})
    assert (rolling.measured, rolling.mean, rolling.left) == (1, 50, {"autonomy-ended": 1})


def test_a_fixed_cohort_is_that_of_its_year() -> None:
    later = stands(traditional=2019, autonomous=ALWAYS)
    result = compare(asked(), inputs([(AUTONOMOUS_SINCE_2016, [50.0] * 7), (later, [90.0] * 7)]))
    assert {point.cohort for point in result.points if point.group == "autonomous"} == {1}
    assert at(result, "others", 2020).left == {"became-autonomous": 1}


def test_years_without_a_rating_are_skipped_and_counted() -> None:
    values = [70.0, 70.0, 60.0, "baseline-granted", "suppressed", None, 80.0]
    result = compare(asked(), inputs([(AUTONOMOUS_SINCE_2016, values), (TRADITIONAL, [40.0] * 7)]))
    missing = {year: at(result, "autonomous", year) for year in (2017, 2018, 2019)}
    assert {year: point.not_measured for year, point in missing.items()} == {
        2017: {"baseline-granted": 1},
        2018: {"suppressed": 1},
        2019: {"no-figure": 1},
    }
    assert {point.mean for point in missing.values()} == {None}


def test_a_restart_ends_a_school_s_series() -> None:
    result = compare(asked(), inputs([(AUTONOMOUS_SINCE_2016, [50.0] * 7)], restarts={1: 2019}))
    point = at(result, "autonomous", 2019)
    assert (point.cohort, point.measured, point.left) == (1, 0, {"restarted": 1})
    assert at(result, "autonomous", 2018).mean == 50


def test_by_years_since_the_start_the_others_are_those_of_the_same_years() -> None:
    early, late = stands(traditional=2015, autonomous=ALWAYS), stands(traditional=2017, autonomous=ALWAYS)
    rising = [float(year - 2014) for year in YEARS]
    result = compare(
        asked(align="years-since-start"), inputs([(early, [10.0] * 7), (late, [20.0] * 7), (TRADITIONAL, rising)])
    )
    start, others = at(result, "autonomous", 0), at(result, "others", 0)
    assert (start.cohort, start.mean) == (2, 15)
    assert (others.cohort, others.mean, others.low) == (1, (1 + 3) / 2, None)
    assert at(result, "autonomous", -2).cohort == 1


def test_no_line_goes_over_a_break() -> None:
    broken = [Break(segment=2, from_year=2017, because=["another test"])]
    read = inputs(
        [(AUTONOMOUS_SINCE_2016, [50.0] * 7), (stands(traditional=2018, autonomous=ALWAYS), [30.0] * 7)], broken
    )
    by_year = compare(asked(), read)
    since = compare(asked(align="years-since-start"), read)
    segments = {point.at: point.segment for point in by_year.points if point.group == "autonomous"}
    at_start = [
        (point.segment, point.cohort, point.mean)
        for point in since.points
        if (point.group, point.at) == ("autonomous", 0)
    ]
    assert segments == {year: 1 + (year >= 2017) for year in YEARS}
    assert at_start == [(1, 1, 50), (2, 1, 30)]


def test_peers_are_the_nearest_before_the_start_with_their_distance() -> None:
    schools = [
        (AUTONOMOUS_SINCE_2016, [0.0, 50.0] + [60.0] * 5),
        (TRADITIONAL, [0.0, 52.0] + [10.0] * 5),
        (TRADITIONAL, [0.0, 40.0] + [20.0] * 5),
        (TRADITIONAL, [0.0, 48.0] + [30.0] * 5),
    ]
    matching = Matching(covariates=[{"indicator": None}], neighbors=2)  # type: ignore[list-item]
    result = compare(asked(matching=matching), inputs(schools))
    spread = pl.Series([52.0, 40.0, 48.0]).std()
    assert isinstance(spread, float)
    assert [(str(peer.peer_id), peer.rank, peer.year) for peer in result.peers] == [
        (name(2), 1, 2015),
        (name(4), 2, 2015),
    ]
    assert [peer.distance for peer in result.peers] == pytest.approx([2 / spread] * 2)
    assert at(result, "peers", 2018).mean == 20
    assert any("prior score x 1" in sentence for sentence in result.method)


def test_a_school_without_a_past_has_no_peers_and_that_is_said() -> None:
    new = stands(not_yet_open=2016, autonomous=ALWAYS)
    matching = Matching(covariates=[{"indicator": None}])  # type: ignore[list-item]
    result = compare(asked(matching=matching), inputs([(new, [None, None] + [60.0] * 5), (TRADITIONAL, [40.0] * 7)]))
    assert (result.peers, result.unmatched) == ([], {name(1): "no figures of 2015, the year before its start"})


@pytest.mark.parametrize(("freedom", "expected"), [(9, 2.262), (10, 2.228), (20, 2.086), (100, 1.984)])
def test_the_quantiles_are_those_of_the_tables(freedom: int, expected: float) -> None:
    assert t_quantile(0.975, freedom) == pytest.approx(expected, abs=0.0006)


def test_an_interval_is_given_of_enough_schools_only() -> None:
    ten = pl.Series([float(value) for value in range(10)])
    low, high = interval(ten, 10)
    assert (low, high) == pytest.approx((4.5 - 2.1659, 4.5 + 2.1659), abs=0.001)
    assert interval(ten.head(9), 10) == (None, None)


STANDING = st.sampled_from(["autonomous", "traditional", "apart", "elsewhere", "closed", "not-yet-open"])
VALUE = st.one_of(st.none(), st.just("suppressed"), st.integers(0, 1000).map(lambda tenths: tenths / 10))
SCHOOL = st.tuples(st.lists(STANDING, min_size=7, max_size=7), st.lists(VALUE, min_size=7, max_size=7))
SCHOOLS = st.lists(SCHOOL, min_size=1, max_size=6)
ASKED = st.builds(
    lambda cohort, align, peers: asked(
        cohort,
        align=align,
        interval_from=10,
        matching=Matching(covariates=[{"indicator": None}], neighbors=2) if peers else None,  # type: ignore[list-item]
    ),
    st.sampled_from([FIXED, ROLLING]),
    st.sampled_from(["school-year", "years-since-start"]),
    st.booleans(),
)


@given(SCHOOLS, ASKED, st.randoms(use_true_random=False))
def test_the_order_of_the_rows_changes_nothing(
    schools: list[School], body: NewComparison, chance: random.Random
) -> None:
    read = inputs(schools)
    shuffle: Callable[[pl.DataFrame], pl.DataFrame] = lambda frame: frame.sample(  # noqa: E731
        fraction=1, shuffle=True, seed=chance.randrange(1000)
    )
    mixed = replace(
        read,
        standings=shuffle(read.standings),
        figures=shuffle(read.figures),
        covariates=shuffle(read.covariates),
    )
    assert compare(body, mixed) == compare(body, read)


@given(SCHOOLS, ASKED, st.lists(st.sampled_from(["apart", "elsewhere", "closed"]), min_size=7, max_size=7))
def test_an_unrelated_school_changes_nothing(schools: list[School], body: NewComparison, unrelated: list[str]) -> None:
    stranger: School = (unrelated, [99.0] * 7)
    assert compare(body, inputs([*schools, stranger])) == compare(body, inputs(schools))


@given(SCHOOLS, st.sampled_from(["autonomous", "others"]))
def test_a_fixed_cohort_has_the_same_size_in_every_year(schools: list[School], group: str) -> None:
    sizes = {point.cohort for point in compare(asked(), inputs(schools)).points if point.group == group}
    assert len(sizes) <= 1


@given(SCHOOLS, st.sampled_from([FIXED, ROLLING]))
def test_every_member_is_measured_or_counted_with_why_not(schools: list[School], cohort: Cohort) -> None:
    for point in compare(asked(cohort), inputs(schools)).points:
        accounted = point.measured + sum(point.not_measured.values()) + sum(point.left.values())
        assert point.measured <= point.cohort <= accounted
