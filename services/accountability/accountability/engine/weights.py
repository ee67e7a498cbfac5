"""Effective weights: the weight of what is missing goes where the framework declares."""

from typing import Any

import narwhals as nw

from accountability.engine.columns import Columns, added, column, divided, number, of
from accountability.frameworks.nodes import Reassignment, WeightedNode

Frame = nw.DataFrame[Any]


def weight(node: str, member: str) -> str:
    """The column with a member's effective weight."""
    return f"{node}/{member}:weight"


def effective_weights(frame: Frame, name: str, node: WeightedNode) -> Frame:
    """`frame` with a column of effective weight for each member of `node`, in percent; a missing member ends at 0,
    unless its weight has no target: then it stays, so that what is lost shows in the sum."""
    frame = frame.with_columns(
        **{weight(name, member): number(float(declared)) for member, declared in node.weights.items()},
        **{present(member): (~of(member, "points").is_null()).cast(nw.Float64) for member in node.weights},
    )
    for step in node.reassign:
        if step.shares is not None:
            frame = _moved_by_shares(frame, name, step)
        else:
            frame = _moved_in_proportion(frame, name, node, step)
    return frame


def present(member: str) -> str:
    """The column that is 1 where a member has points, else 0."""
    return column(member, "present")


def _freed(name: str, step: Reassignment) -> nw.Expr:
    """The weight that the missing members of a step give up."""
    given_up = [nw.col(weight(name, member)) * (1.0 - nw.col(present(member))) for member in step.missing]
    return added(given_up)


def _kept(name: str, step: Reassignment) -> Columns:
    return {weight(name, member): nw.col(weight(name, member)) * nw.col(present(member)) for member in step.missing}


def _moved_by_shares(frame: Frame, name: str, step: Reassignment) -> Frame:
    received = {
        weight(name, target): nw.col(weight(name, target)) + nw.col("freed") * float(share)
        for target, share in (step.shares or {}).items()
    }
    return frame.with_columns(freed=_freed(name, step)).with_columns(**_kept(name, step), **received)


def _moved_in_proportion(frame: Frame, name: str, node: WeightedNode, step: Reassignment) -> Frame:
    declared = {member: float(weight) for member, weight in node.weights.items()}
    first, second = step.proportionally or [], step.otherwise
    frame = frame.with_columns(freed=_freed(name, step), first=_there(first, declared), second=_there(second, declared))
    # What each percent of declared weight receives: in the first group, else in the second, else in all of the second.
    to_first, to_second, none = nw.col("first") > 0, nw.col("second") > 0, number(0.0)
    frame = frame.with_columns(
        per_first=nw.when(to_first).then(nw.col("freed") / nw.col("first")).otherwise(none),
        per_second=nw.when(~to_first & to_second).then(nw.col("freed") / nw.col("second")).otherwise(none),
        stranded=nw.when(~to_first & ~to_second).then(nw.col("freed")).otherwise(none),
    )
    columns = _kept(name, step) if second else _kept_unless_stranded(name, step)
    every = sum(declared[target] for target in second)
    received = [(target, nw.col(present(target)) * nw.col("per_first")) for target in first]
    received += [
        (target, nw.col(present(target)) * nw.col("per_second") + divided(nw.col("stranded"), every))
        for target in second
    ]
    for target, rate in received:
        held = columns.get(weight(name, target), nw.col(weight(name, target)))
        columns[weight(name, target)] = held + rate * declared[target]
    return frame.with_columns(**columns)


def _kept_unless_stranded(name: str, step: Reassignment) -> Columns:
    placed = nw.when(nw.col("stranded") > 0).then(number(0.0)).otherwise(number(1.0))
    return {
        weight(name, member): nw.col(weight(name, member)) * (1.0 - (1.0 - nw.col(present(member))) * placed)
        for member in step.missing
    }


def _there(members: list[str], declared: dict[str, float]) -> nw.Expr:
    """The declared weight of the members that are present."""
    weights = [nw.col(present(member)) * declared[member] for member in members]
    return added([number(0.0), *weights])
