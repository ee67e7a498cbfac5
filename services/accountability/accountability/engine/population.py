"""Where subjects stand among others: counted at each value of the population, then found by value.

Values are compared as whole millionths. `every` is a key that all rows share, for populations alike in nothing else.
"""

from typing import Any

import narwhals as nw

from accountability.engine.columns import Stages, column, of, text
from accountability.engine.referring import millionths
from accountability.frameworks.referring import PercentileNode

Frame = nw.DataFrame[Any]


def with_population(frame: Frame, name: str, node: PercentileNode) -> Frame:
    """With the population's size, and how many of it stand below and at or below the subject."""
    alike = [f"category_{attribute}" for attribute in node.within]
    counted = _counted(frame, name, node, alike)
    asked = frame.select("place", *alike, at=millionths(of(node.of, "value")), every=nw.lit(1)).drop_nulls()
    found = asked.sort("at").join_asof(counted.sort("at"), on="at", by=[*alike, "every"], strategy="backward")
    same = nw.col("at") == nw.col("reached")
    below = nw.when(same).then(nw.col("until") - nw.col("with_it")).otherwise(nw.col("until")).fill_null(0)
    counts = {column(name, "below"): below, column(name, "up_to"): nw.col("until").fill_null(0)}
    sizes = counted.group_by(*alike, "every").agg(nw.col("with_it").sum().alias(column(name, "size")))
    stands = found.join(sizes, on=[*alike, "every"], how="left").select("place", column(name, "size"), **counts)
    return frame.join(stands, on="place", how="left")


def _counted(frame: Frame, name: str, node: PercentileNode, alike: list[str]) -> Frame:
    """How many of the population have each value, and how many a value up to it."""
    values = frame.select(*alike, at=millionths(of(node.population, "value")), every=nw.lit(1)).drop_nulls()
    each = values.group_by(*alike, "every", "at").agg(nw.len().cast(nw.Int64).alias("with_it")).sort("at")
    until = nw.col("with_it").cum_sum().over(*alike, "every", order_by="at")
    return each.with_columns(until=until, reached=nw.col("at"))


def percentile(name: str, node: PercentileNode) -> Stages:
    """The percent of the population that is reached, counted as the node says."""
    size, below, up_to = (of(name, part) for part in ("size", "below", "up_to"))
    counted = {"below": below, "at_or_below": up_to, "middle": (below + up_to) * 0.5}[node.counting]
    words = {"below": "below", "at_or_below": "at or below", "middle": "below, half of those at the same value counted"}
    missing = nw.when(of(node.of, "reason").is_null()).then(text("no-population")).otherwise(of(node.of, "reason"))
    said = [of(name, "counted").cast(nw.String), text(" of "), size.cast(nw.String), text(f" {words[node.counting]}")]
    return (
        {column(name, "counted"): counted},
        {
            column(name, "value"): of(name, "counted") * 100.0 / size,
            column(name, "reason"): nw.when(size.is_null()).then(missing),
            column(name, "rule"): nw.concat_str(*said),
        },
    )
