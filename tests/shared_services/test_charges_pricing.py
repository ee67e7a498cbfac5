"""Exact money: prices, pro rata, and sums split to the cent."""

from decimal import Decimal
from fractions import Fraction
from random import Random
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st
from shared_services.charges.pricing import price, split
from shared_services.charges.schemas import ProRata, Reckoning

WEIGHTS = st.dictionaries(
    st.uuids(), st.fractions(min_value=Fraction(1, 1000), max_value=1000), min_size=1, max_size=12
).map(lambda weights: list(weights.items()))
TOTALS = st.integers(-(10**12), 10**12)


def reckoned(quantity: str, cents: int, days: int = 1, of_days: int = 1) -> int:
    pro_rata = ProRata(days=days, of_days=of_days)
    return price(Reckoning(quantity=Decimal(quantity), cents_per_unit=cents, pro_rata=pro_rata))


def test_a_pupil_year_is_charged_for_the_days_that_are_left() -> None:
    assert (reckoned("300", 12_000), reckoned("300", 12_000, 84, 180)) == (3_600_000, 1_680_000)


@pytest.mark.parametrize(
    ("quantity", "cents", "amount"), [("0.5", 1, 1), ("0.4999", 1, 0), ("0.5", -1, -1), ("2.675", 100, 268)]
)
def test_half_a_cent_is_rounded_away_from_zero_once(quantity: str, cents: int, amount: int) -> None:
    assert reckoned(quantity, cents) == amount


@given(st.decimals("0.000001", "99999", places=6), st.integers(0, 10**5), st.integers(1, 366), st.integers(1, 366))
def test_a_credit_is_the_price_with_the_other_sign(quantity: Decimal, cents: int, days: int, of_days: int) -> None:
    assert reckoned(str(quantity), -cents, days, of_days) == -reckoned(str(quantity), cents, days, of_days)


def test_a_thousand_in_three_equal_parts_gives_the_odd_cent_to_the_lowest_id() -> None:
    schools = [UUID(int=number) for number in (3, 1, 2)]
    parts = split(100_000, [(school, Fraction(1)) for school in schools])
    assert [parts[UUID(int=number)] for number in (1, 2, 3)] == [33_334, 33_333, 33_333]


@given(TOTALS, WEIGHTS)
def test_the_parts_of_a_sum_add_up_to_it(total: int, weights: list[tuple[UUID, Fraction]]) -> None:
    assert sum(split(total, weights).values()) == total


@given(TOTALS, WEIGHTS)
def test_no_part_is_a_cent_or_more_off_its_exact_share(total: int, weights: list[tuple[UUID, Fraction]]) -> None:
    whole = sum(weight for _, weight in weights)
    parts = split(total, weights)
    assert all(abs(parts[school] - total * weight / whole) < 1 for school, weight in weights)


@given(TOTALS, WEIGHTS, st.randoms())
def test_the_order_in_which_schools_are_named_changes_nothing(
    total: int, weights: list[tuple[UUID, Fraction]], random: Random
) -> None:
    shuffled = random.sample(weights, len(weights))
    assert split(total, shuffled) == split(total, weights)


@given(TOTALS, WEIGHTS)
def test_equal_weights_differ_by_a_cent_at_most(total: int, weights: list[tuple[UUID, Fraction]]) -> None:
    parts = split(total, [(school, Fraction(1)) for school, _ in weights]).values()
    assert max(parts) - min(parts) <= 1
