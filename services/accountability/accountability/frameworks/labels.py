"""Labels renamed: a display label stands beside the label of the document, and never in its place.

The document's label is what the engine gives and what was published; nothing that was said is rewritten. What it is
called now is a property of the version, with its own history, and each version has its own: Level 2 of one is not
Level 2 of another.
"""

from collections.abc import Iterator, Mapping
from datetime import datetime

from kit.auth import Caller
from kit.errors import FieldError, Invalid
from kit.journal import record
from sqlalchemy.ext.asyncio import AsyncSession

from accountability.frameworks.composing import DecideNode, MeasureNode
from accountability.frameworks.document import Framework
from accountability.frameworks.history import note
from accountability.frameworks.nodes import AttainmentNode, BandNode, LabelNode, Node
from accountability.frameworks.referring import LookupNode
from accountability.frameworks.schemas import NewDisplayLabels
from accountability.frameworks.standing import own_version, years_of
from accountability.frameworks.tables import RegisteredFramework
from accountability.frameworks.views import event


async def rename_labels(
    session: AsyncSession,
    caller: Caller,
    framework_id: str,
    version: str,
    body: NewDisplayLabels,
    expected: int,
    now: datetime,
) -> RegisteredFramework:
    """Say how labels of a version are called from now on. Raises NotFound, Forbidden, PreconditionFailed, Invalid."""
    row = await own_version(session, caller, framework_id, version, expected)
    if errors := label_errors(Framework.model_validate(row.document), body.labels):
        raise Invalid("These labels cannot be renamed so.", errors=errors)
    row.display_labels = body.labels
    row.revision += 1
    note(session, caller, row, "rename-labels", now, reason=body.reason)
    years = [year for year in await years_of(session, row.id) if year.version == row.version]
    if years:
        await record(session, event(row, years), caller=caller, reason=body.reason)
    return row


def label_errors(framework: Framework, labels: Mapping[str, str]) -> list[FieldError]:
    """What is wrong with calling the labels of a framework so."""
    known = labels_of(framework)
    shown = [labels.get(label, label) for label in sorted(known)]
    errors = [
        FieldError(f"labels.{label}", "unknown-label", f"the labels are {', '.join(sorted(known))}")
        for label in labels
        if label not in known
    ]
    return errors + [
        FieldError(f"labels.{label}", "repeated", f"`{called}` would be two labels", value=called)
        for label, called in labels.items()
        if label in known and shown.count(called) > 1
    ]


def labels_of(framework: Framework) -> set[str]:
    """Every label that a framework can give: those of its scale and of its nodes, and those of no rating."""
    found = {framework.not_rated, *framework.not_rated_labels, *(band.label for band in framework.scale)}
    for node in framework.nodes.values():
        found |= set(filter(None, _labels(framework, node)))
    return found


def _labels(framework: Framework, node: Node) -> Iterator[str | None]:
    """The labels that a document writes in a node, or in the table or indicator that it gives them from."""
    match node:
        case LabelNode():
            yield from node.labels.values()
        case DecideNode():
            yield from (*(case.label for case in node.cases), node.otherwise)
        case BandNode() | AttainmentNode():
            yield from (band.label for band in node.bands)
        case LookupNode(give="label"):
            table = framework.lookups[node.table]
            yield from (str(row[table.result]) for row in table.rows())
        case MeasureNode():
            yield from framework.indicators[node.indicator].categories
