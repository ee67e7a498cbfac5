"""Runs the benchmarks named on the command line, or all; each is a module with `measure() -> list[Figure]`."""

import importlib
import sys
from pathlib import Path

from tests.bench.table import Figure, show

NOT_MEASURED = ("__init__", "__main__", "table", "installation", "nation", "processes", "state", "by_pandas")
ALL = sorted(path.stem for path in Path(__file__).parent.glob("*.py") if path.stem not in NOT_MEASURED)


def main(asked: list[str]) -> int:
    """Measure, print the table; 1 if a limit is not met."""
    figures: list[Figure] = []
    for name in asked or ALL:
        print(f"-- {name}", flush=True)
        figures += importlib.import_module(f"tests.bench.{name}").measure()
    show(figures)
    return 0 if all(figure.met for figure in figures) else 1


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
