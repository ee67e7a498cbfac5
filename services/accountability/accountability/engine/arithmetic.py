"""What the nodes that calculate give, as columns in stages; see `nodes`.

Factors are whole or decimal, results far from a rounding boundary or on it: see `columns.rounded_half_up`.
"""

import operator
from collections.abc import Iterable
from functools import reduce

import narwhals as nw

from accountability.engine.columns import Stages, column, first_that_holds, of, text
from accountability.frameworks.arithmetic import LinearNode, ProductNode


def linear(name: str, node: LinearNode) -> Stages:
    """The members times their factors, and the constant."""
    multiples = [of(member, "value") * float(factor) for member, factor in node.of.items()]
    said = [f"{float(factor):+g} x {member}" for member, factor in node.of.items()]
    constant = [f"{float(node.plus):+g}"] if node.plus else []
    return (
        {
            column(name, "value"): reduce(operator.add, multiples) + float(node.plus),
            column(name, "reason"): _missing(node.of),
            column(name, "rule"): text(" ".join([*said, *constant])),
        },
    )


def product(name: str, node: ProductNode) -> Stages:
    """The members multiplied, and divided by those under `over`."""
    multiplied = reduce(operator.mul, (of(member, "value") for member in node.of)) * float(node.times)
    by_nothing = [(of(member, "value") == 0.0, text(f"divided-by-0:{member}")) for member in node.over]
    divisors = [nw.when(of(member, "value") != 0.0).then(of(member, "value")) for member in node.over]
    said = [" x ".join([*node.of, *([f"{float(node.times):g}"] if node.times != 1 else [])]), *node.over]
    return (
        {
            column(name, "value"): reduce(operator.truediv, divisors, multiplied),
            column(name, "reason"): first_that_holds(by_nothing, _missing([*node.of, *node.over])),
            column(name, "rule"): text(" / ".join(said)),
        },
    )


def _missing(members: Iterable[str]) -> nw.Expr:
    """Which member is not there, if one is not."""
    return first_that_holds(
        [(of(member, "value").is_null(), text(f"required-missing:{member}")) for member in members], text(None)
    )
