"""What each kind of node computes, for all subjects at once: the columns of that node, in stages of which each may
read the one before. For points see `scoring`."""

import operator
from functools import reduce

import narwhals as nw

from accountability.engine.columns import (
    Columns,
    Stages,
    added,
    column,
    divided,
    first_that_holds,
    number,
    of,
    reaches,
    rounded_half_up,
    text,
)
from accountability.engine.weights import present, weight
from accountability.frameworks.document import Framework
from accountability.frameworks.nodes import (
    AttainmentNode,
    BandNode,
    BetterNode,
    EntryNode,
    LabelNode,
    RoundNode,
    SelectNode,
    SharesNode,
    WeightedNode,
)
from accountability.frameworks.parts import Band


def weighted(name: str, node: WeightedNode) -> Stages:
    """The mean of the members' points by effective weights."""
    weights = {member: nw.col(weight(name, member)) for member in node.weights}
    unplaced = [held * (1.0 - nw.col(present(member))) for member, held in weights.items()]
    lacking = [(of(member, "points").is_null(), text(f"required-missing:{member}")) for member in node.required]
    stranded = (added(unplaced) > 1e-9, text("weight-without-target"))
    products = [of(member, "points").fill_null(0.0) * held for member, held in weights.items()]
    return (
        {
            column(name, "reason"): first_that_holds([*lacking, stranded], text(None)),
            column(name, "rule"): text("sum of points x effective weight / 100"),
        },
        {column(name, "value"): nw.when(of(name, "reason").is_null()).then(divided(added(products), 100.0))},
    )


def rounded(name: str, node: RoundNode) -> Stages:
    """Half up, once."""
    return (
        {
            column(name, "value"): rounded_half_up(of(node.input, "value"), node.digits),
            column(name, "reason"): of(node.input, "reason"),
            column(name, "rule"): text(f"rounded half up to {node.digits} decimals"),
        },
    )


def _band(value: nw.Expr, bands: list[Band]) -> nw.Expr:
    return first_that_holds([(reaches(value, band.at_least), text(band.label)) for band in bands], text(None))


def band(name: str, node: BandNode, framework: Framework) -> Stages:
    """The band of the scale, or of the node's own."""
    bands = node.bands or framework.scale
    counted, reason = of(node.input, "value"), of(node.input, "reason")
    if node.requires_any:
        some = nw.any_horizontal(*(~of(other, "points").is_null() for other in node.requires_any), ignore_nulls=False)
        counted = nw.when(some).then(counted)
        reason = nw.when(some).then(reason).otherwise(text("nothing-assessed"))
    rules = {row.label: f"at least {row.at_least:g}: {row.label}" for row in bands}
    return (
        {column(name, "counted"): counted, column(name, "reason"): reason},
        {column(name, "label"): _band(of(name, "counted"), bands)},
        {column(name, "rule"): of(name, "label").replace_strict(rules, default=None, return_dtype=nw.String)},
    )


def attainment(name: str, node: AttainmentNode) -> Stages:
    """The band that the lowest of the values reaches; the route is closed below the rate of participation."""
    values = [of(other, "value") for other in node.values]
    complete = nw.all_horizontal(*(~value.is_null() for value in values), ignore_nulls=False)
    rates = [(of(other, "participation") >= node.participation).fill_null(False) for other in node.values]
    enough = nw.all_horizontal(*rates, ignore_nulls=False)
    return (
        {
            column(name, "value"): nw.when(complete).then(nw.min_horizontal(*values)),
            column(name, "reason"): first_that_holds(
                [(~complete, text("missing")), (~enough, text("low-participation"))], text(None)
            ),
            column(name, "rule"): text(
                f"the lowest of {len(values)} values, with {node.participation:g} % participation"
            ),
        },
        {column(name, "label"): nw.when(of(name, "reason").is_null()).then(_band(of(name, "value"), node.bands))},
    )


def _rank(label: nw.Expr, framework: Framework) -> nw.Expr:
    """The place of a label on the scale: the best is highest, no label is 0."""
    places = {row.label: place for place, row in enumerate(reversed(framework.scale), start=1)}
    return label.replace_strict(places, default=0, return_dtype=nw.Int64).fill_null(0)


def better(name: str, node: BetterNode, framework: Framework) -> Stages:
    """The best of the bands."""
    first, *others = node.bands
    stages: list[Columns] = [{column(name, "label"): of(first, "label"), column(name, "by"): text(first)}]
    for other in others:
        wins = ~of(first, "label").is_null() & (
            _rank(of(other, "label"), framework) > _rank(of(name, "label"), framework)
        )
        stages.append(
            {
                column(name, "label"): nw.when(wins).then(of(other, "label")).otherwise(of(name, "label")),
                column(name, "by"): nw.when(wins).then(text(other)).otherwise(of(name, "by")),
            }
        )
    said = {
        column(name, "reason"): of(first, "reason"),
        column(name, "rule"): nw.concat_str(text("by "), of(name, "by")),
    }
    return (*stages, said)


def entry(name: str, node: EntryNode, framework: Framework) -> Stages:
    """A programme's score as it enters a combination."""
    lifted = _rank(of(node.rating, "label"), framework) > _rank(of(node.band, "label"), framework)
    least = {row.label: row.at_least for row in framework.scale}
    lowest = of(node.rating, "label").replace_strict(least, default=None, return_dtype=nw.Float64)
    of_rating, itself = text("the lowest score of the rating"), text("the score itself")
    return (
        {column(name, "lifted"): lifted},
        {
            column(name, "value"): nw.when(of(name, "lifted")).then(lowest).otherwise(of(node.score, "value")),
            column(name, "reason"): of(node.score, "reason"),
            column(name, "rule"): nw.when(of(name, "lifted")).then(of_rating).otherwise(itself),
        },
    )


def _shares(node: SharesNode) -> list[nw.Expr]:
    return [nw.col(f"value_{share}") for share in node.members.values()]


def shares(name: str, node: SharesNode) -> Stages:
    """The members weighted by the subject's shares; a member without a value leaves no mean, and says why."""
    products = [of(member, "value") * nw.col(f"value_{share}") for member, share in node.members.items()]
    weighed, given = (reduce(operator.add, part) for part in (products, _shares(node)))
    mean = weighed / given
    if node.remainder is not None:
        mean = weighed + of(node.remainder, "value") * (1.0 - given)
    reasons = [(~of(member, "reason").is_null(), of(member, "reason")) for member in node.members]
    return (
        {column(name, "mean"): mean},
        {
            column(name, "value"): nw.when(of(name, "mean").is_finite()).then(of(name, "mean")),
            column(name, "reason"): first_that_holds(
                [*reasons, (~of(name, "mean").is_finite().fill_null(False), text("missing"))], text(None)
            ),
            column(name, "rule"): text("weighted by " + " and ".join(node.members.values())),
        },
    )


def select(name: str, node: SelectNode) -> Stages:
    """What the node gives that the subject's attribute chooses."""
    chosen = nw.col(f"category_{node.attribute}")
    given = [(chosen == case, of(other, node.of)) for case, other in node.cases.items()]
    reasons = [(chosen == case, of(other, "reason")) for case, other in node.cases.items()]
    missing = (chosen.is_null(), text(f"missing:{node.attribute}"))
    return (
        {
            column(name, node.of): first_that_holds(given, number(None) if node.of == "value" else text(None)),
            column(name, "reason"): first_that_holds([missing, *reasons], text(None)),
            column(name, "rule"): nw.concat_str(text(f"{node.attribute} is "), chosen),
        },
    )


def label(name: str, node: LabelNode) -> Stages:
    """A label that follows from another."""
    given = of(node.input, "label")
    return (
        {
            column(name, "label"): given.replace_strict(node.labels, default=None, return_dtype=nw.String),
            column(name, "reason"): of(node.input, "reason"),
            column(name, "rule"): nw.concat_str(text("follows from "), given),
        },
    )
