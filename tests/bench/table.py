"""What a benchmark reports, and how the table is printed."""

from collections.abc import Sequence
from dataclasses import dataclass

from rich.console import Console
from rich.table import Table


@dataclass(frozen=True)
class Figure:
    """One line: what was measured, the baseline it stands beside, and the limit it is held to.

    `measured`, `baseline` and `limit` are texts with their units; `met` says whether the limit holds.
    """

    name: str
    measured: str
    baseline: str
    limit: str
    met: bool


def show(figures: Sequence[Figure]) -> None:
    """Print the table."""
    table = Table(title="Concordat, measured on this machine in this run")
    for heading in ("what", "measured", "baseline of the same run", "limit", ""):
        table.add_column(heading, overflow="fold")
    for figure in figures:
        table.add_row(
            figure.name, figure.measured, figure.baseline, figure.limit, "met" if figure.met else "[bold]NOT MET[/bold]"
        )
    Console().print(table)
