"""Effective weights: the weight of what is missing goes where the framework declares."""

from typing import Any

import narwhals as nw

from accountability.engine.columns import number, of
from accountability.frameworks.document import Reassignment, WeightedNode


def weight(node: str, member: str) -> str:
    """The column with a member's effective weight."""
    return f"{node}/{member}:weight"


def effective_weights(frame: nw.DataFrame[Any], name: str, node: WeightedNode) -> nw.DataFrame[Any]:
    """`frame` with a column of effective weight for each member of `node`; a missing member ends at 0."""
    frame = frame.with_columns(
        **{weight(name, member): number(float(declared)) for member, declared in node.weights.items()}
    )
    for step in node.reassign:
        for missing in step.missing:
            frame = frame.with_columns(**_moved(name, node, step, missing))
    return frame


def _moved(name: str, node: WeightedNode, step: Reassignment, missing: str) -> dict[str, nw.Expr]:
    gone = of(missing, "points").is_null()
    freed = nw.col(weight(name, missing))
    shares = _shares(node, step, missing)
    moved = {
        weight(name, target): nw.when(gone)
        .then(nw.col(weight(name, target)) + freed * share)
        .otherwise(nw.col(weight(name, target)))
        for target, share in shares.items()
    }
    received = nw.sum_horizontal(*shares.values())
    # With nowhere to go the weight stays, so that what is lost shows in the sum.
    moved[weight(name, missing)] = nw.when(gone).then(freed * (1 - received)).otherwise(freed)
    return moved


def _shares(node: WeightedNode, step: Reassignment, missing: str) -> dict[str, nw.Expr]:
    if step.shares is not None:
        return {target: number(float(share)) for target, share in step.shares.items()}
    shares: dict[str, nw.Expr] = {}
    taken = number(0.0)
    for group in (step.proportionally or [], step.otherwise):
        targets = [target for target in group if target != missing]
        present = {
            target: of(target, "points").is_null().__invert__().cast(nw.Float64) * float(node.weights[target])
            for target in targets
        }
        if not present:
            continue
        total = nw.sum_horizontal(*present.values())
        open_still = nw.when(taken == 0).then(number(1.0)).otherwise(number(0.0))
        for target, basis in present.items():
            share = nw.when(total > 0).then(basis / total * open_still).otherwise(number(0.0))
            shares[target] = shares[target] + share if target in shares else share
        taken = taken + nw.when(total > 0).then(number(1.0)).otherwise(number(0.0))
    return shares
