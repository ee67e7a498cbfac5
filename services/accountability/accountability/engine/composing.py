"""What the nodes that compose give, as columns in stages; see `nodes`."""

from functools import reduce

import narwhals as nw

from accountability.engine.columns import Stages, added, column, first_that_holds, number, of, text
from accountability.engine.conditions import holds
from accountability.frameworks.composing import (
    AggregateNode,
    Case,
    DecideNode,
    FirstNode,
    LimitNode,
    MeanNode,
    MeasureNode,
)
from accountability.frameworks.conditions import said


def measured(name: str, node: MeasureNode) -> Stages:
    """The measure itself, unless it is of too few students; see `measured` for the columns it comes in."""
    value, category = of(name, "measured"), of(name, "category")
    few = of(name, "few").fill_null(False)
    absent = value.is_null() & category.is_null()
    return (
        {
            column(name, "value"): nw.when(~few).then(value),
            column(name, "label"): nw.when(~few).then(category),
            column(name, "reason"): first_that_holds(
                [(few, text("too-few-students")), (absent, text("missing"))], text(None)
            ),
            column(name, "rule"): text(f"{node.indicator} as measured"),
        },
    )


def mean(name: str, node: MeanNode) -> Stages:
    """Weighted over the members that are there. Weights are whole or exact fractions; one member alone is itself."""
    there = {member: (~of(member, "value").is_null()).cast(nw.Float64) for member in node.weights}
    weights = {member: float(weight) for member, weight in node.weights.items()}
    products = [of(member, "value").fill_null(0.0) * weight for member, weight in weights.items()]
    held = [there[member] * weight for member, weight in weights.items()]
    return (
        _lacking(name, list(node.weights), node.required)
        | {column(name, "sum"): added(products), column(name, "held"): added(held)},
        {
            column(name, "value"): nw.when(of(name, "reason").is_null()).then(of(name, "sum") / of(name, "held")),
            column(name, "rule"): nw.concat_str(
                text("mean of "),
                of(name, "there").cast(nw.String),
                text(f" of {len(node.weights)}, {_by_weight(weights)}"),
            ),
        },
    )


def _by_weight(weights: dict[str, float]) -> str:
    if len(set(weights.values())) == 1:
        return "all of one weight"
    return "by weight: " + ", ".join(f"{member} {weight:g}" for member, weight in weights.items())


def aggregate(name: str, node: AggregateNode) -> Stages:
    """Sum, number, highest or lowest of the members that are there."""
    values = [of(member, "value") for member in node.of]
    given = {
        "sum": added(value.fill_null(0.0) for value in values),
        "count": of(name, "there").cast(nw.Float64),
        "highest": nw.max_horizontal(*values),
        "lowest": nw.min_horizontal(*values),
    }
    said_how = text(f"{node.how} of ")
    return (
        _lacking(name, node.of, node.required),
        {
            column(name, "value"): nw.when(of(name, "reason").is_null()).then(given[node.how]),
            column(name, "rule"): nw.concat_str(
                said_how, of(name, "there").cast(nw.String), text(f" of {len(node.of)} that are there")
            ),
        },
    )


def _lacking(name: str, members: list[str], required: list[str]) -> dict[str, nw.Expr]:
    """How many members are there, and the reason if that is none, or not a required one."""
    there = nw.sum_horizontal(*((~of(member, "value").is_null()).cast(nw.Int64) for member in members))
    lacking = [(of(member, "value").is_null(), text(f"required-missing:{member}")) for member in required]
    return {
        column(name, "there"): there,
        column(name, "reason"): first_that_holds([*lacking, (there == 0, text("missing"))], text(None)),
    }


def first(name: str, node: FirstNode) -> Stages:
    """The first that is there; the reason of the first if none is."""
    given = [(~of(other, node.give).is_null() & holds(node.where.get(other, [])), other) for other in node.of]
    empty = number(None) if node.give == "value" else text(None)
    some = reduce(lambda one, other: one | other, (there for there, _ in given))
    return (
        {
            column(name, node.give): first_that_holds([(there, of(other, node.give)) for there, other in given], empty),
            column(name, "reason"): nw.when(~some).then(of(node.of[0], "reason")),
            column(name, "rule"): first_that_holds(
                [(there, text(_by(other, node))) for there, other in given], text("none of them is there")
            ),
        },
    )


def _by(other: str, node: FirstNode) -> str:
    return f"by {other}, as {said(node.where[other])}" if other in node.where else f"by {other}"


def limit(name: str, node: LimitNode) -> Stages:
    """Held at the limit where the conditions hold and the input lies beyond."""
    value = of(node.input, "value")
    if node.at_most is not None:
        beyond, bound, words = value > node.at_most, node.at_most, f"at most {node.at_most:g}"
    else:
        bound = node.at_least or 0.0
        beyond, words = value < bound, f"at least {bound:g}"
    return (
        {column(name, "met"): holds(node.where)},
        {column(name, "held"): of(name, "met") & beyond.fill_null(False)},
        {
            column(name, "value"): nw.when(of(name, "held")).then(number(bound)).otherwise(value),
            column(name, "reason"): of(node.input, "reason"),
            column(name, "rule"): first_that_holds(
                [
                    (value.is_null(), text("nothing to hold")),
                    (of(name, "held"), text(f"held: {words}, {said(node.where)}")),
                    (of(name, "met"), text(f"within: {words}, {said(node.where)}")),
                ],
                text(f"as it is: not so that {said(node.where)}"),
            ),
        },
    )


def decide(name: str, node: DecideNode) -> Stages:
    """The label of the first case that holds, with its reason; else that of the input."""
    met = {f"case {at}": holds(case.where) for at, case in enumerate(node.cases)}
    reached = [(of(name, step), case) for step, case in zip(met, node.cases, strict=True)]
    label = of(node.input, "label") if node.input is not None else text(node.otherwise)
    reason = of(node.input, "reason") if node.input is not None else text(None if node.otherwise else "missing")
    rule = text(f"as {node.input}" if node.input is not None else "no case holds")
    return (
        {column(name, step): condition for step, condition in met.items()},
        {
            column(name, "label"): first_that_holds([(holds_, _label(case)) for holds_, case in reached], label),
            column(name, "reason"): first_that_holds([(holds_, text(case.reason)) for holds_, case in reached], reason),
            column(name, "rule"): first_that_holds(
                [
                    (holds_, text(f"{said(case.where)}: {case.label or case.of or case.reason}"))
                    for holds_, case in reached
                ],
                rule,
            ),
        },
    )


def _label(case: Case) -> nw.Expr:
    return of(case.of, "label") if case.of is not None else text(case.label)
