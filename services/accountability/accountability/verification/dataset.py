"""A published data set: its description, and the rows of its files as they were published.

Everything about a data set is in its `dataset.yaml`; the files themselves stay as they are.
"""

import csv
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml
from kit.errors import FieldError, Invalid

from accountability.frameworks.document import Framework
from accountability.frameworks.library import document_of
from accountability.frameworks.nodes import PointsNode
from accountability.verification.description import Description, Row, Subjects
from accountability.verification.loading import Key, Loading, loading


@dataclass(frozen=True)
class Dataset:
    """A data set read: its description and the rows of its files as text."""

    description: Description
    subjects: list[list[Row]]
    measures: list[Row]

    def rows(self) -> Iterator[tuple[Subjects, Key, Row]]:
        """Each published row of a subject, with the file that it is of."""
        for columns, rows in zip(self.description.subjects, self.subjects, strict=True):
            for row in rows:
                yield columns, (columns.key.read(row), columns.group.read(row)), row

    def names(self) -> dict[str, tuple[str, str]]:
        """What is rated, by identifier: its kind and its name."""
        named: dict[str, tuple[str, str]] = {}
        for columns, (key, _), row in self.rows():
            name = columns.name.read(row) if columns.name is not None else ""
            if name or key not in named:
                named[key] = (columns.kind, name or key)
        return named

    def nodes(self, framework: Framework) -> list[str]:
        """The nodes whose results are published."""
        named = {node for columns in self.description.subjects for node in (*columns.scores, *columns.labels)}
        if self.description.measures is not None:
            named |= {name for name, node in framework.nodes.items() if isinstance(node, PointsNode)}
        return sorted(named)

    def loading(self, framework: Framework) -> Loading:
        """Its measures in the framework's codes, and what of it is left out."""
        return loading(self.description, self.rows(), self.measures, framework)

    def measures_csv(self, framework: Framework) -> bytes:
        """The file of measures to load."""
        return self.loading(framework).csv()


def read_dataset(library: Path, name: str, folder: Path | None = None) -> Dataset:
    """The data set `name` of the library, or files of the same shape in `folder`.

    Raises Invalid naming the file, column or school that is wrong.
    """
    home = library / "data" / name
    if not (home / "dataset.yaml").exists():
        known = sorted(path.parent.name for path in (library / "data").glob("*/dataset.yaml"))
        raise Invalid(f"There is no data set {name}; there are: {', '.join(known)}.")
    description = Description.model_validate(yaml.safe_load((home / "dataset.yaml").read_text(encoding="utf-8")))
    more = description.read_by_causes()
    subjects = [_subjects(folder or home, columns, more) for columns in description.subjects]
    if description.measures is None:
        return Dataset(description, subjects, [])
    measures = _rows((folder or home) / description.measures.file, description.measures.columns())
    return Dataset(description, subjects, measures)


def framework_of(library: Path, dataset: Dataset) -> tuple[Framework, dict[str, Any]]:
    """The data set's framework, and its document as it is registered."""
    document = document_of(library / "frameworks" / f"{dataset.description.framework}.yaml")
    return Framework.model_validate(document), document


def _subjects(folder: Path, columns: Subjects, more: list[str]) -> list[Row]:
    """The rows of subjects; `more` are further columns to keep, where the file has them."""
    rows = _rows(folder / columns.file, columns.columns(), more)
    rows = [row for row in rows if all(row[column] in values for column, values in columns.only.items())]
    keys = [(columns.key.read(row), columns.group.read(row)) for row in rows]
    if not keys:
        raise Invalid(f"{columns.file} has no schools.")
    if not columns.distinct:
        return list({key: row for key, row in zip(reversed(keys), reversed(rows), strict=True) if key[0]}.values())
    if repeated := sorted(key for (key, _), times in Counter(keys).items() if times > 1 or not key):
        raise Invalid(f"{columns.file} must name each school once: {', '.join(repeated)[:200]}.")
    return rows


def _rows(path: Path, needed: list[str], more: list[str] | None = None) -> list[Row]:
    """The rows of a file, with a text for every needed column; other columns do not matter."""
    try:
        with path.open(encoding="utf-8-sig", newline="") as opened:
            reader = csv.DictReader(opened)
            there = reader.fieldnames or []
            if missing := [name for name in needed if name not in there]:
                errors = [FieldError(name, "missing-column", f"add it to {path.name}") for name in missing]
                raise Invalid(f"{path} lacks columns: {', '.join(missing)}.", errors=errors)
            kept = [*needed, *(name for name in more or [] if name in there and name not in needed)]
            return [{name: (row[name] or "").strip() for name in kept} for row in reader]
    except (OSError, UnicodeDecodeError, csv.Error) as error:
        raise Invalid(f"{path} cannot be read: {error}.") from error
