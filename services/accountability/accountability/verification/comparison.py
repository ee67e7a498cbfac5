"""What a verification found, and how it is printed."""

from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass, field


@dataclass(frozen=True)
class Mismatch:
    """A result that differs. `why` is empty where no cause in the published rules and figures is known."""

    result: str
    school: str
    detail: str
    published: str
    ours: str
    why: str


@dataclass(frozen=True)
class Result:
    """A result beside the published one: its kind, and the node that gives it, if it is one node's."""

    kind: str
    published: str
    ours: str
    equal: bool
    node: str = ""
    detail: str = ""


@dataclass
class Report:
    """How many results of each kind were compared and equal."""

    name: str
    framework: str
    subjects: int
    compared: dict[str, int] = field(default_factory=lambda: defaultdict(int))
    equal: dict[str, int] = field(default_factory=lambda: defaultdict(int))
    mismatches: list[Mismatch] = field(default_factory=list)

    @property
    def unexplained(self) -> list[Mismatch]:
        """Mismatches that the published rules and figures do not account for."""
        return [mismatch for mismatch in self.mismatches if not mismatch.why]


def render(report: Report) -> Iterator[str]:
    """The lines to print: match rates by kind of result, then every mismatch with its cause."""
    yield f"{report.name}: {report.subjects} subjects by {report.framework}"
    yield f"{'result':<36}{'compared':>10}{'equal':>10}{'rate':>11}"
    for result, compared in report.compared.items():
        equal = report.equal[result]
        # Cut, not rounded: 100 % means all.
        yield f"{result:<36}{compared:>10}{equal:>10}{equal * 10_000 // compared / 100:>9.2f} %"
    unexplained = len(report.unexplained)
    yield f"{len(report.mismatches)} mismatches, {unexplained} of them without a known cause"
    for mismatch in report.mismatches:
        of = f" ({mismatch.detail})" if mismatch.detail else ""
        yield (
            f"- {mismatch.result} of {mismatch.school}{of}: "
            f"published {mismatch.published or 'nothing'}, ours {mismatch.ours or 'nothing'}"
        )
        yield f"  {mismatch.why or 'UNEXPLAINED'}"
