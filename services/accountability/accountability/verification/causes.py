"""Causes that can be computed: where what was published of a subject contradicts itself or the policy's own figures.

Nothing here looks at what the engine found, so that no fault of ours can pass for one of the file.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal

from accountability.frameworks.composing import MeasureNode
from accountability.frameworks.document import Framework
from accountability.frameworks.labels import labels_of
from accountability.frameworks.nodes import PointsNode
from accountability.frameworks.referring import BorrowNode, RollupNode
from accountability.verification.comparison import Result
from accountability.verification.contradictions import contradiction
from accountability.verification.dataset import Dataset
from accountability.verification.description import Known, Row, Subjects
from accountability.verification.formulas import decimal, gives
from accountability.verification.loading import Key, Loading
from accountability.verification.members import holding
from accountability.verification.published import published as read_published


@dataclass(frozen=True)
class Causes:
    """What a data set tells of its own differences."""

    dataset: Dataset
    framework: Framework
    loaded: Loading

    def of(self, columns: Subjects, key: Key, row: Row, of_school: Sequence[Row], result: Result) -> str:
        """Why a published result cannot be what the policy gives; empty if nothing published shows it."""
        description, kind, said = self.dataset.description, result.kind, result.published
        known = (self._known(entry, key[0], row, kind, said) for entry in description.contradictions)
        return (
            next(filter(None, known), "")
            or self._against_rule(row, kind, said)
            or self._against_members(key[0], kind, said)
            or description.uncovered.get(kind, "")
            or self.loaded.why(key[0], result.detail)
            or self._foreign(columns, key[1], result)
            or self._without_inputs(key, result.node, said)
            or self._contradiction(columns, row, of_school, kind)
            or self.loaded.why(key[0])
        )

    def _known(self, known: Known, school: str, row: Row, kind: str, said: str) -> str:
        """What the data set says of such results, if its formula gives this one."""
        if kind not in known.results or known.school not in (None, school):
            return ""
        if any(row.get(column) not in values for column, values in known.only.items()):
            return ""
        if known.formula is None:
            return known.why
        if kind in self.dataset.description.rules and not self._against_rule(row, kind, said):
            return ""  # What the rule gives needs no other explanation: the fault would be ours.
        given = gives(self.dataset.description.formulas[known.formula], row)
        figure = decimal(said if known.figure is None else row.get(known.figure))
        if given is None or figure is None or not given[0] <= figure <= given[1]:
            return ""
        least, most = (f"{one:f}" for one in given)
        return f"{known.why} (it gives {least if least == most else f'{least} to {most}'})"

    def _against_rule(self, row: Row, kind: str, said: str) -> str:
        """That the published figures give another result by the rule."""
        rule = self.dataset.description.rules.get(kind)
        if rule is None:
            return ""
        formulas = self.dataset.description.formulas[rule.formula]
        published = said if rule.figure is None else row.get(rule.figure, "")
        figure = decimal(published)
        given = gives(formulas, row)
        if given is None or figure is None or given[0] <= figure <= given[1]:
            return ""
        formula = next(one for one in formulas if one.range(row) is not None)
        figures = ", ".join(f"{column} {row[column]}" for column in formula.mean)
        return f"the published {figures} give {given[0]:f} by the rule, not the published {published}"

    def _against_members(self, subject: str, kind: str, said: str) -> str:
        """That a member was published with a figure by which the result cannot be so high."""
        figure = decimal(said)
        for entry, member, value in holding(self.dataset.description, self.dataset.rows(), subject, kind):
            if figure is not None and figure > Decimal(str(entry.at_most)):
                return f"{entry.why}: {member} is published with {entry.column} {value:f}, {subject} with {said}"
        return ""

    def _foreign(self, columns: Subjects, group: str, result: Result) -> str:
        """That the framework knows no such student group, or no such label."""
        if group not in self.framework.student_groups:
            return f"the framework rates no student group or level `{group}`"
        labels = labels_of(self.framework)
        if result.node not in (self.framework.result.rating, *columns.labels) or result.published in labels:
            return ""
        return f"`{result.published}` is no label of the framework"

    def _without_inputs(self, key: Key, node: str, said: str) -> str:
        """That a result is published of which no input is."""
        codes = _indicators(self.framework, node) if node else None
        if not said or not codes or any((*key, code) in self.loaded.lines for code in codes):
            return ""
        return f"the file publishes none of its inputs: {', '.join(sorted(codes))}"

    def _contradiction(self, columns: Subjects, row: Row, of_school: Sequence[Row], kind: str) -> str:
        description = self.dataset.description
        if description.measures is None:
            return ""
        return contradiction(kind, read_published(description, columns, self.framework, row, of_school), self.framework)


def _indicators(framework: Framework, node: str) -> set[str] | None:
    """The indicators on which a node rests; None if it rests on other subjects too, whose inputs are not its own."""
    seen, left, codes = {node}, [node], set()
    while left:
        found = framework.nodes[left.pop()]
        if isinstance(found, RollupNode | BorrowNode):
            return None
        if isinstance(found, PointsNode | MeasureNode):
            codes.add(found.indicator)
        left += [name for name in found.inputs() if name not in seen]
        seen |= set(left)
    return codes
