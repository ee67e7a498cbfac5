"""The engine on many schools at once, beside the same policy written by hand, and its promises for any school."""

import random

import polars as pl
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.accountability.engine import by_hand, synthetic
from tests.accountability.engine.test_rules import COMPILED

SEEDS = st.integers(0, 2**32 - 1)
SHARES_MISSING = st.sampled_from([0.0, 0.05, 0.3, 0.7])


@given(SEEDS, SHARES_MISSING)
@settings(max_examples=8)
def test_the_engine_gives_the_totals_and_ratings_of_the_policy_written_by_hand(seed: int, missing: float) -> None:
    measures = synthetic.schools(400, seed, missing)
    ours, by = COMPILED.rate(measures).ratings, by_hand.rate(measures)
    assert ours["subject"].equals(by["subject"])
    assert ours["score"].equals(by["total"])
    assert ours["rating"].equals(by["rating"].fill_null("Inability to Rate"))


@given(SEEDS, SHARES_MISSING)
@settings(max_examples=8)
def test_weights_add_up_to_100_and_rest_on_what_is_there_or_a_reason_is_given(seed: int, missing: float) -> None:
    explained = COMPILED.rate(synthetic.schools(400, seed, missing)).explanation
    model = pl.col("node").str.slice(0, 2)
    weighed = (
        explained.filter(pl.col("weight_effective").is_not_null())
        .group_by("subject", model.alias("model"))
        .agg(
            every=pl.col("weight_effective").sum(),
            there=pl.col("weight_effective").filter(pl.col("points").is_not_null()).sum(),
            least=pl.col("weight_effective").min(),
        )
    )
    scores = explained.filter(pl.col("node").str.ends_with("_score") & ~pl.col("node").str.starts_with("comb"))
    scores = scores.with_columns(model=pl.col("node").str.slice(0, 1) + "_")
    judged = weighed.join(scores, on=["subject", "model"], validate="1:1")
    assert len(judged) == len(weighed)
    assert judged.filter((pl.col("every") - 100).abs() > 1e-9).is_empty()
    assert judged.filter(pl.col("least") < 0).is_empty()
    assert judged.filter(((pl.col("there") - 100).abs() > 1e-9) & pl.col("reason").is_null()).is_empty()
    assert judged.filter(pl.col("value").is_null() != pl.col("reason").is_not_null()).is_empty()


def test_the_order_of_rows_changes_nothing_to_the_byte() -> None:
    measures = synthetic.schools(300, missing=0.2)
    places = list(range(len(measures)))
    random.Random(3).shuffle(places)
    first, second = COMPILED.rate(measures), COMPILED.rate(measures[places])
    assert first.explanation.write_csv() == second.explanation.write_csv()
    assert first.ratings.write_csv() == second.ratings.write_csv()


def test_rating_a_school_alone_or_among_others_is_the_same() -> None:
    measures = synthetic.schools(50, seed=9)
    together = COMPILED.rate(measures).ratings
    alone = [COMPILED.rate(measures.filter(pl.col("subject") == one)).ratings for one in together["subject"][:5]]
    assert pl.concat(alone).equals(together[:5])
