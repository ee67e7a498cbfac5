"""What is true of every roll-up: pooling is of the union, in any order; nothing excluded is everything included."""

from fractions import Fraction
from random import Random
from uuid import UUID

from accountability.rollups.disclosure import Version, shown_parts
from accountability.rollups.figures import Figures, Part, part_figures, schools_in
from accountability.rollups.pooling import SchoolFigure, exact, half_up, pool
from accountability.rollups.reconciling import CountedOtherwise, Official, reconcile
from accountability.rollups.standing import Standing
from hypothesis import given
from hypothesis import strategies as st

MINIMUM = 10
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


@given(districts)
def test_no_sum_or_difference_of_shown_parts_is_of_a_few_students(
    district: Drawn,
) -> None:
    figures, stand = told(district)
    members = figures.members(stand)
    students = {school: figures.of[school].students or 0 for school in members}
    shown = shown_parts(members, students, [], MINIMUM)
    sums = {part: sum(students[school] for school in schools_in(members, part)) for part in shown}
    sizes = {part: len(schools_in(members, part)) for part in shown}
    assert all(total >= MINIMUM for part, total in sums.items() if sizes[part])
    pairs: list[tuple[Part, Part]] = [("combined", "district-run"), ("combined", "autonomous")]
    for whole, part in pairs:
        if whole in shown and part in shown and sizes[whole] > sizes[part]:
            assert sums[whole] - sums[part] >= MINIMUM


def test_the_one_small_autonomous_school_leaves_the_combined_figure_alone() -> None:
    members: dict[UUID, Part] = {UUID(int=1): "district-run", UUID(int=2): "autonomous"}
    shown = shown_parts(members, {UUID(int=1): 8000, UUID(int=2): 8}, [], MINIMUM)
    assert shown & {"district-run", "autonomous", "combined"} == {"combined"}


def test_of_three_parts_with_a_small_one_two_are_hidden() -> None:
    members: dict[UUID, Part] = {UUID(int=1): "district-run", UUID(int=2): "district-run", UUID(int=3): "autonomous"}
    students = {UUID(int=1): 45, UUID(int=2): 12, UUID(int=3): 7}
    assert shown_parts(members, students, [], MINIMUM) & {"district-run", "autonomous"} == set()


def test_what_was_shown_once_is_taken_into_account() -> None:
    both: dict[UUID, Part] = {UUID(int=1): "district-run", UUID(int=2): "autonomous"}
    students = {UUID(int=1): 8000, UUID(int=2): 8}
    first = Version(both, shown_parts(both, students, [], MINIMUM))
    alone: dict[UUID, Part] = {UUID(int=1): "district-run"}
    assert shown_parts(alone, students, [first], MINIMUM) & {"district-run", "combined"} == set()


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
