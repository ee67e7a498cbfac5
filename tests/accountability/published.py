"""The library's published data sets as frames of measures, read as a run reads them from the database."""

import polars as pl
from accountability.engine import CompiledFramework, compile_framework
from accountability.frameworks.document import Framework
from accountability.measures.inputs import INPUT
from accountability.verification.dataset import framework_of, read_dataset
from accountability.verification.loading import Line
from accountability.verification.run import identity

from tests.accountability.conftest import LIBRARY

NAMES = sorted(path.parent.name for path in (LIBRARY / "data").glob("*/dataset.yaml"))


def measured(name: str) -> tuple[CompiledFramework, pl.DataFrame]:
    """A data set's framework and its measures."""
    dataset = read_dataset(LIBRARY, name)
    framework, _ = framework_of(LIBRARY, dataset)
    rows = [_row(line, framework) for line in dataset.loading(framework).lines.values()]
    return compile_framework(framework), pl.DataFrame(rows, schema={**INPUT, "indicator": pl.String}, orient="row")


def _row(line: Line, framework: Framework) -> tuple[object, ...]:
    key, code, group, value, category, participation = line
    subject = str(identity(key)) if group == "ALL" else f"{identity(key)}/{group}"
    if code in framework.attributes and framework.attributes[code].kind == "subject":
        category = str(identity(category))
    return subject, code, _number(value), category or None, None, _number(participation)


def _number(text: str) -> float | None:
    return float(text) if text else None
