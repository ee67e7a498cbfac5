"""What is true of every roll-up: pooling is of the union, in any order; nothing excluded is everything included."""

from fractions import Fraction
from random import Random
from uuid import UUID

import numpy as np
from accountability.privacy.beside import decided
from accountability.privacy.deciding import Public
from accountability.privacy.facts import Fact, Subject
from accountability.privacy.policy import Policy
from accountability.privacy.sums import Sum
from accountability.rollups.disclosure import POOLED, Behind
from accountability.rollups.figures import PARTS, Figures, Part, part_figures, schools_in
from accountability.rollups.pooling import SchoolFigure, exact, half_up, pool
from accountability.rollups.reconciling import CountedOtherwise, Official, reconcile
from accountability.rollups.standing import Standing
from hypothesis import given
from hypothesis import strategies as st

MINIMUM = 10
POLICY = Policy(MINIMUM, None, None, (), "test")
counts = st.tuples(st.integers(0, 500), st.integers(1, 500)).map(lambda pair: (min(pair), pair[1]))
treatments = st.sampled_from(["included", "excluded", "growth-only", "separate-unit"])
Drawn = list[tuple[tuple[int, int], bool, str]]
districts = st.lists(st.tuples(counts, st.booleans(), treatments), min_size=1, max_size=8)


def figure_of(number: int, top: int, bottom: int) -> SchoolFigure:
    share = Fraction(100 * top, bottom)
    return SchoolFigure(UUID(int=number), share, bottom, Fraction(top), Fraction(bottom))


def told(district: Drawn) -> tuple[Figures, list[Standing]]:
    """The figures and standings of a district that Hypothesis made."""
    of = [figure_of(number, *pair) for number, (pair, _, _) in enumerate(district, 1)]
    stand = [
        Standing(
            school_id=UUID(int=number),
            part="autonomous" if is_free else "district-run",
            treatment=treatment,  # type: ignore[arg-type]
            rule="law:x" if is_free else "district-run",
            citation="c",
        )
        for number, (_, is_free, treatment) in enumerate(district, 1)
    ]
    return Figures("x", "X", False, {each.school_id: each for each in of}, {}, {}), stand


@given(districts)
def test_the_combined_figure_is_the_union_pooled_again(district: Drawn) -> None:
    figures, stand = told(district)
    parts = part_figures(figures, stand, 2)
    own, free, both = (parts[part] for part in ("district-run", "autonomous", "combined"))
    assert both.schools == own.schools + free.schools
    assert both.numerator == ((own.numerator or 0) + (free.numerator or 0) if both.schools else None)
    if both.schools:
        share = Fraction(both.numerator or 0) / Fraction(both.denominator or 0)
        assert both.by_counts == half_up(figures.times * share, 2)


@given(districts, st.randoms(use_true_random=False))
def test_the_order_of_schools_makes_no_difference(district: Drawn, random: Random) -> None:
    figures, stand = told(district)
    shuffled = list(stand)
    random.shuffle(shuffled)
    assert part_figures(figures, shuffled, 4) == part_figures(figures, stand, 4)


@given(districts)
def test_excluding_nothing_equals_including_all(district: Drawn) -> None:
    figures, stand = told([(pair, is_free, "included") for pair, is_free, _ in district])
    everything = pool([figures.of[school] for school in sorted(figures.of)], figures.times)
    assert figures.pooled(schools_in(figures.members(stand), "combined")) == everything
    assert figures.not_counted(stand) == []


@given(districts, st.data())
def test_the_items_and_what_is_unexplained_add_up_to_the_difference(district: Drawn, data: st.DataObject) -> None:
    figures, stand = told([((1, 2), False, "included"), *district])
    others = [
        CountedOtherwise(school_id=each.school_id, counted=data.draw(st.booleans()), source="s") for each in stand[1:]
    ]
    official = Official(value=50, source="s", counts_otherwise=others)
    found = reconcile(figures, stand, official, Fraction(50), 6)
    assert found.difference is not None
    assert found.unexplained is not None
    explained = sum(item.effect for item in found.items)
    assert abs(explained + found.unexplained - found.difference) < 1e-4


def parts_shown(
    figures: Figures, stand: list[Standing], *before: Sum, policy: Policy = POLICY
) -> tuple[set[str], list[Sum]]:
    """The parts that everybody sees of schools of which nothing else is public, and all means that are told then."""
    behind = Behind.of(figures, stand)
    offers = dict(behind.offers("x"))
    facts = [
        Fact(Subject(key, "ALL"), "x", 0, None, float(of.value), None, of.students, True, 0, 100)
        for key, of in figures.of.items()
    ]
    decision = decided(Public(policy, facts, [], {}, {}, {}, {}, before), offers)
    shown = {part for _, part, how in decision.shown if how == POOLED}
    return shown, [*before, *(mean for name in decision.shown for mean in offers[name].means)]


@given(districts)
def test_no_sum_or_difference_of_shown_parts_is_of_a_few_students(
    district: Drawn,
) -> None:
    figures, stand = told(district)
    members = figures.members(stand)
    students = {school: figures.of[school].students or 0 for school in members}
    shown, _ = parts_shown(figures, stand)
    sums = {part: sum(students[school] for school in schools_in(members, part)) for part in PARTS if part in shown}
    assert all(total >= MINIMUM for total in sums.values())
    pairs: list[tuple[Part, Part]] = [("combined", "district-run"), ("combined", "autonomous")]
    for whole, part in pairs:
        if whole in sums and part in sums and sums[whole] > sums[part]:
            assert sums[whole] - sums[part] >= MINIMUM


@given(districts)
def test_all_means_that_are_told_together_determine_no_school_of_a_few_students(district: Drawn) -> None:
    figures, stand = told(district)
    _, means = parts_shown(figures, stand)
    schools = sorted(figures.of)
    rows = np.array([[mean.weights.get(school, 0) for school in schools] for mean in means] or [[0.0] * len(schools)])
    rank = np.linalg.matrix_rank(rows)
    for place, school in enumerate(schools):
        if (figures.of[school].students or 0) < MINIMUM:
            assert np.linalg.matrix_rank(np.vstack([rows, np.eye(len(schools))[place]])) > rank


def test_the_one_small_autonomous_school_leaves_the_combined_figure_alone() -> None:
    figures, stand = told([((4000, 8000), False, "included"), ((3, 8), True, "included")])
    assert parts_shown(figures, stand)[0] == {"combined"}


def test_of_three_parts_with_a_small_one_two_are_hidden() -> None:
    schools: Drawn = [((30, 45), False, "included"), ((6, 12), False, "included"), ((3, 7), True, "included")]
    assert parts_shown(*told(schools))[0] & {"district-run", "autonomous"} == set()


def test_what_was_shown_once_is_taken_into_account() -> None:
    own, free = ((4000, 8000), False, "included"), ((3, 8), True, "included")
    _, first = parts_shown(*told([own, free]))
    figures, stand = told([own, ((3, 8), True, "excluded")])
    assert parts_shown(figures, stand, *first)[0] & {"district-run", "combined"} == set()


def test_that_a_rate_is_said_to_be_near_its_end_narrows_what_a_small_school_beside_it_can_be() -> None:
    schools: Drawn = [((5, 9), True, "included"), ((10, 10), True, "included")]
    coded = Policy(MINIMUM, 95, 5, (), "test")
    assert "autonomous" in parts_shown(*told(schools))[0]
    assert "autonomous" not in parts_shown(*told(schools), policy=coded)[0]


@given(st.integers(-(10**6), 10**6), st.integers(0, 4))
def test_halves_are_rounded_away_from_zero(number: int, digits: int) -> None:
    half = Fraction(2 * number + 1, 2 * 10**digits)
    rounded = half_up(half, digits)
    assert rounded is not None
    away = number + 1 if number >= 0 else number
    assert rounded == float(Fraction(away, 10**digits))


def test_a_figure_is_what_was_written() -> None:
    assert exact(0.1) == Fraction(1, 10)
    assert half_up(exact(74.95), 1) == 75.0


def test_counts_of_some_schools_only_do_not_pass_for_all() -> None:
    figures = [figure_of(1, 5, 10), SchoolFigure(UUID(int=2), Fraction(80), 30)]
    pooled = pool(figures, 100)
    assert (pooled.by_counts, pooled.by_students, pooled.simple) == (None, Fraction(145, 2), Fraction(65))
