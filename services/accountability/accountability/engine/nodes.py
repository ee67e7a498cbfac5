"""What each kind of node computes, for all subjects at once. Each function gives the columns of one node."""

import operator

import narwhals as nw

from accountability.engine.columns import Columns, column, first_that_holds, number, of, rounded_half_up, text
from accountability.engine.weights import weight
from accountability.frameworks.document import (
    AttainmentNode,
    Band,
    BandNode,
    BetterNode,
    EntryNode,
    Framework,
    LabelNode,
    PointsNode,
    RoundNode,
    SelectNode,
    SharesNode,
    WeightedNode,
)


def points(name: str, node: PointsNode, framework: Framework) -> Columns:
    """An indicator's points by cut or category, less what low participation costs."""
    indicator = framework.indicators[node.indicator]
    value, category = nw.col(f"value_{node.indicator}"), nw.col(f"category_{node.indicator}")
    n, rate = nw.col(f"n_{node.indicator}"), nw.col(f"participation_{node.indicator}").ceil()
    too_few = (n < indicator.minimum_n).fill_null(False)
    cases: list[tuple[nw.Expr, float, str]] = []
    if node.categories is not None:
        cases = [
            (category == label, earned, f"{label}: {earned:g} points") for label, earned in node.categories.items()
        ]
    else:
        table = framework.tables[str(node.cuts)]
        reaches, words = (operator.le, "at most") if table.lower_is_better else (operator.ge, "at least")
        cases = [
            (reaches(value, cut.value), cut.points, f"{words} {cut.value:g}: {cut.points:g} points")
            for cut in table.cuts
        ]
        beyond = "above" if table.lower_is_better else "below"
        last = f"{beyond} {table.cuts[-1].value:g}: {table.otherwise:g} points"
        cases.append((~value.is_null(), table.otherwise, last))
    earned = first_that_holds([(~too_few & met, number(worth)) for met, worth, _ in cases], number(None))
    rule = first_that_holds([(~too_few & met, text(words)) for met, _, words in cases], text(None))
    if node.penalties is not None:
        rows = framework.penalties[node.penalties]
        lost = first_that_holds(
            [(rate.is_null(), number(0.0)), *((rate >= row.at_least, number(row.lost)) for row in rows)],
            number(rows[-1].lost),
        )
        lowered = nw.max_horizontal(earned - lost, number(node.lowest))
        notes = [
            (rate >= row.at_least, text(f"; participation of at least {row.at_least:g} lowers by {row.lost:g}"))
            for row in rows
            if row.lost
        ]
        note = first_that_holds([((lost == 0), text("")), *notes], text(""))
        earned, rule = nw.when(earned.is_null()).then(number(None)).otherwise(lowered), nw.concat_str(rule, note)
    return {
        column(name, "value"): value,
        column(name, "label"): category,
        column(name, "points"): earned,
        column(name, "reason"): first_that_holds(
            [(too_few, text("too-few-students")), (earned.is_null(), text("missing"))], text(None)
        ),
        column(name, "rule"): rule,
    }


def weighted(name: str, node: WeightedNode) -> Columns:
    """The mean of the members' points by effective weights."""
    parts = [of(member, "points").fill_null(0.0) * nw.col(weight(name, member)) for member in node.weights]
    lacking = [(of(member, "points").is_null(), text(f"required-missing:{member}")) for member in node.required]
    unplaced = nw.sum_horizontal(
        *(
            nw.when(of(member, "points").is_null()).then(nw.col(weight(name, member))).otherwise(number(0.0))
            for member in node.weights
        )
    )
    reason = first_that_holds([*lacking, (unplaced > 1e-9, text("weight-without-target"))], text(None))
    mean = nw.sum_horizontal(*parts) / 100.0
    return {
        column(name, "value"): nw.when(reason.is_null()).then(mean).otherwise(number(None)),
        column(name, "reason"): reason,
        column(name, "rule"): text("sum of points x effective weight / 100"),
    }


def rounded(name: str, node: RoundNode) -> Columns:
    """Half up, once."""
    return {
        column(name, "value"): rounded_half_up(of(node.input, "value"), node.digits),
        column(name, "reason"): of(node.input, "reason"),
        column(name, "rule"): text(f"rounded half up to {node.digits} decimals"),
    }


def _band(value: nw.Expr, bands: list[Band]) -> nw.Expr:
    return first_that_holds([(value >= band.at_least, text(band.label)) for band in bands], text(None))


def band(name: str, node: BandNode, framework: Framework) -> Columns:
    """The band of the scale."""
    value = of(node.input, "value")
    label, reason = _band(value, framework.scale), of(node.input, "reason")
    if node.requires_any:
        nothing = nw.all_horizontal(*(of(other, "points").is_null() for other in node.requires_any), ignore_nulls=False)
        label = nw.when(nothing).then(text(None)).otherwise(label)
        reason = nw.when(nothing).then(text("nothing-assessed")).otherwise(reason)
    rule = first_that_holds(
        [(value >= row.at_least, text(f"at least {row.at_least:g}: {row.label}")) for row in framework.scale],
        text(None),
    )
    return {
        column(name, "label"): label,
        column(name, "reason"): reason,
        column(name, "rule"): nw.when(label.is_null()).then(text(None)).otherwise(rule),
    }


def attainment(name: str, node: AttainmentNode) -> Columns:
    """The band that the lowest of the values reaches; the route is closed below the rate of participation."""
    values = [of(other, "value") for other in node.values]
    complete = nw.all_horizontal(*(~value.is_null() for value in values), ignore_nulls=False)
    enough = nw.all_horizontal(
        *((of(other, "participation") >= node.participation).fill_null(False) for other in node.values),
        ignore_nulls=False,
    )
    lowest = nw.when(complete).then(nw.min_horizontal(*values)).otherwise(number(None))
    label = nw.when(enough).then(_band(lowest, node.bands)).otherwise(text(None))
    reason = first_that_holds([(~complete, text("missing")), (~enough, text("low-participation"))], text(None))
    return {
        column(name, "value"): lowest,
        column(name, "label"): label,
        column(name, "reason"): reason,
        column(name, "rule"): text(f"the lowest of {len(values)} values, with {node.participation:g} % participation"),
    }


def rank(label: nw.Expr, framework: Framework) -> nw.Expr:
    """The place of a label on the scale: the best is highest, no label is 0."""
    best = len(framework.scale)
    return first_that_holds(
        [(label == row.label, number(float(best - place))) for place, row in enumerate(framework.scale)], number(0.0)
    )


def better(name: str, node: BetterNode, framework: Framework) -> Columns:
    """The best of the bands."""
    first = of(node.bands[0], "label")
    best, rule = first, text(node.bands[0])
    for other in node.bands[1:]:
        wins = rank(of(other, "label"), framework) > rank(best, framework)
        rule = nw.when(wins).then(text(other)).otherwise(rule)
        best = nw.when(wins).then(of(other, "label")).otherwise(best)
    return {
        column(name, "label"): nw.when(first.is_null()).then(text(None)).otherwise(best),
        column(name, "reason"): of(node.bands[0], "reason"),
        column(name, "rule"): nw.concat_str(text("by "), rule),
    }


def entry(name: str, node: EntryNode, framework: Framework) -> Columns:
    """A programme's score as it enters a combination."""
    lifted = rank(of(node.rating, "label"), framework) > rank(of(node.band, "label"), framework)
    lowest = first_that_holds(
        [(of(node.rating, "label") == row.label, number(row.at_least)) for row in framework.scale], number(None)
    )
    return {
        column(name, "value"): nw.when(lifted).then(lowest).otherwise(of(node.score, "value")),
        column(name, "reason"): of(node.score, "reason"),
        column(name, "rule"): nw.when(lifted)
        .then(text("the lowest score of the rating"))
        .otherwise(text("the score itself")),
    }


def shares(name: str, node: SharesNode) -> Columns:
    """The members weighted by the subject's shares."""
    parts = [of(member, "value") * nw.col(f"value_{share}") for member, share in node.members.items()]
    total = parts[0]
    weights = nw.col(f"value_{next(iter(node.members.values()))}")
    for part, share in zip(parts[1:], list(node.members.values())[1:], strict=True):
        total, weights = total + part, weights + nw.col(f"value_{share}")
    reason = first_that_holds(
        [(~of(member, "reason").is_null(), of(member, "reason")) for member in node.members], text(None)
    )
    return {
        column(name, "value"): total / weights,
        column(name, "reason"): first_that_holds(
            [(~reason.is_null(), reason), ((total / weights).is_null(), text("missing"))], text(None)
        ),
        column(name, "rule"): text("weighted by " + " and ".join(node.members.values())),
    }


def select(name: str, node: SelectNode) -> Columns:
    """The node that the subject's attribute chooses."""
    chosen = nw.col(f"category_{node.attribute}")
    return {
        column(name, facet): first_that_holds(
            [(chosen == case, of(other, facet)) for case, other in node.cases.items()], empty
        )
        for facet, empty in (("value", number(None)), ("label", text(None)), ("reason", text(None)))
    } | {column(name, "rule"): nw.concat_str(text(f"{node.attribute} is "), chosen)}


def label(name: str, node: LabelNode) -> Columns:
    """A label that follows from another."""
    given = of(node.input, "label")
    return {
        column(name, "label"): first_that_holds(
            [(given == key, text(follows)) for key, follows in node.labels.items()], text(None)
        ),
        column(name, "reason"): of(node.input, "reason"),
        column(name, "rule"): nw.concat_str(text("follows from "), given),
    }
