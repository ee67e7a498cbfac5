"""A published data set: its description, and the rows of its files as they were published.

Everything about a data set is in its `dataset.yaml`; the files themselves stay as they are.
"""

import csv
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml
from kit.errors import FieldError, Invalid

from accountability.frameworks.document import Framework
from accountability.verification.description import Description, Row, Schools
from accountability.verification.loading import Loading, loading


@dataclass(frozen=True)
class Dataset:
    """A data set read: its description and the rows of its files as text."""

    description: Description
    schools: list[Row]
    measures: list[Row]

    def loading(self, framework: Framework) -> Loading:
        """Its measures in the framework's codes, and what of it is left out."""
        return loading(self.description, self.schools, self.measures, framework)

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
    schools = _rows((folder or home) / description.schools.file, description.schools.columns())
    _check_schools(schools, description.schools)
    measures = _rows((folder or home) / description.measures.file, description.measures.columns())
    return Dataset(description, schools, measures)


def framework_of(library: Path, dataset: Dataset) -> tuple[Framework, dict[str, Any]]:
    """The data set's framework, and its document as it is registered."""
    path = library / "frameworks" / f"{dataset.description.framework}.yaml"
    document = yaml.safe_load(path.read_text(encoding="utf-8"))
    return Framework.model_validate(document), document


def _rows(path: Path, needed: list[str]) -> list[Row]:
    """The rows of a file, with a text for every needed column; other columns do not matter."""
    try:
        with path.open(encoding="utf-8-sig", newline="") as opened:
            reader = csv.DictReader(opened)
            missing = [name for name in needed if name not in (reader.fieldnames or [])]
            if missing:
                errors = [FieldError(name, "missing-column", f"add it to {path.name}") for name in missing]
                raise Invalid(f"{path} lacks columns: {', '.join(missing)}.", errors=errors)
            return [{name: (row[name] or "").strip() for name in needed} for row in reader]
    except (OSError, UnicodeDecodeError, csv.Error) as error:
        raise Invalid(f"{path} cannot be read: {error}.") from error


def _check_schools(rows: list[Row], columns: Schools) -> None:
    keys = [row[columns.key] for row in rows]
    if not keys:
        raise Invalid(f"{columns.file} has no schools.")
    if repeated := sorted({key for key in keys if keys.count(key) > 1 or not key}):
        raise Invalid(f"{columns.file} must name each school once: {', '.join(repeated)[:200]}.")
