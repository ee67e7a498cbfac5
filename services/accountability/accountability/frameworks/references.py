"""What is wrong with what a node refers to beside other nodes: indicators, attributes, tables, members."""

import math
from collections.abc import Iterator

from kit.errors import FieldError

from accountability.frameworks.composing import DecideNode, FirstNode, LimitNode, MeasureNode
from accountability.frameworks.conditions import Test, tests
from accountability.frameworks.document import Framework
from accountability.frameworks.referring import BorrowNode, LookupNode, PercentileNode, RollupNode


def references(framework: Framework, name: str) -> Iterator[FieldError]:
    """Every fault of one node, at the node."""
    node = framework.nodes[name]
    match node:
        case MeasureNode() if node.indicator not in framework.indicators:
            yield FieldError(f"nodes.{name}", "unknown-indicator", f"there is no indicator `{node.indicator}`")
        case FirstNode():
            for where in node.where.values():
                yield from _asked(framework, name, tests(where))
        case LimitNode():
            yield from _asked(framework, name, tests(node.where))
        case DecideNode():
            for case in node.cases:
                yield from _asked(framework, name, tests(case.where))
        case LookupNode():
            yield from _lookup(framework, name, node)
        case RollupNode():
            yield from _subject(framework, name, node.members)
            if node.how == "worst":
                yield from _scaled(framework, name, node.of)
        case BorrowNode():
            yield from _subject(framework, name, node.attribute)
        case PercentileNode():
            for code in node.within:
                if code not in framework.attributes or framework.attributes[code].kind == "number":
                    message = f"there is no attribute `{code}` of kind `category` or `subject`"
                    yield FieldError(f"nodes.{name}", "unknown-attribute", message)


def _asked(framework: Framework, name: str, asked: Iterator[Test]) -> Iterator[FieldError]:
    for test in asked:
        if test.attribute is None:
            continue
        attribute = framework.attributes.get(test.attribute)
        if attribute is None:
            yield FieldError(f"nodes.{name}", "unknown-attribute", f"there is no attribute `{test.attribute}`")
        elif (attribute.kind == "number") != (test.facet == "value"):
            yield FieldError(f"nodes.{name}", "kind", f"`{test.attribute}` is a {attribute.kind}; ask it as one")
        elif attribute.kind == "category":
            for value in sorted(set(test.one_of or []) - set(attribute.values)):
                yield FieldError(f"nodes.{name}", "unknown-value", f"`{test.attribute}` is never `{value}`")


def _lookup(framework: Framework, name: str, node: LookupNode) -> Iterator[FieldError]:
    table = framework.lookups.get(node.table)
    if table is None:
        yield FieldError(f"nodes.{name}", "unknown-table", f"there is no look-up table `{node.table}`")
        return
    if set(node.by) != set(table.found_by()):
        message = f"compare each column of `{node.table}` but its result: {', '.join(table.found_by())}"
        yield FieldError(f"nodes.{name}", "columns", message)
    if (node.give == "value") != (table.result in table.numbers):
        kind = "a number" if table.result in table.numbers else "a text"
        yield FieldError(f"nodes.{name}", "kind", f"`{table.result}` of `{node.table}` is {kind}; see `give`")
    for column, key in node.by.items():
        if key.attribute is not None:
            yield from _compared(framework, name, key.attribute, column in table.numbers)
        elif key.constant is not None and column in table.numbers and not _is_number(key.constant):
            yield FieldError(f"nodes.{name}", "kind", f"column `{column}` is a number, `{key.constant}` is none")
        elif column in table.numbers and key.label is not None:
            yield FieldError(f"nodes.{name}", "kind", f"column `{column}` is a number, a label is a text")
        elif column not in table.numbers and key.value is not None:
            yield FieldError(f"nodes.{name}", "kind", f"column `{column}` is a text, a value is a number")


def _compared(framework: Framework, name: str, code: str, is_number: bool) -> Iterator[FieldError]:
    attribute = framework.attributes.get(code)
    if attribute is None:
        yield FieldError(f"nodes.{name}", "unknown-attribute", f"there is no attribute `{code}`")
    elif (attribute.kind == "number") != is_number:
        column = "a number" if is_number else "a text"
        yield FieldError(f"nodes.{name}", "kind", f"`{code}` is a {attribute.kind}, its column is {column}")


def _is_number(text: str) -> bool:
    try:
        return math.isfinite(float(text))
    except ValueError:
        return False


def _subject(framework: Framework, name: str, attribute: str) -> Iterator[FieldError]:
    known = framework.attributes.get(attribute)
    if known is None or known.kind != "subject":
        yield FieldError(f"nodes.{name}", "unknown-attribute", f"there is no attribute `{attribute}` of kind `subject`")


def _scaled(framework: Framework, name: str, of: str) -> Iterator[FieldError]:
    """A label that is not on the scale has no rank, so that it could be nobody's worst."""
    node, scale = framework.nodes.get(of), {band.label for band in framework.scale}
    if isinstance(node, DecideNode):
        off = {case.label for case in node.cases if case.label} - scale - set(framework.not_rated_labels)
        for label in sorted(off):
            yield FieldError(f"nodes.{name}", "unknown-label", f"`{label}` of `{of}` is not in the scale")
