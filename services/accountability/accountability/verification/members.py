"""Where the rules hold a result of a subject because of what was published of one of its members."""

from collections.abc import Iterable, Iterator
from decimal import Decimal

from accountability.verification.description import Description, Members, Row, Subjects
from accountability.verification.formulas import decimal

Published = tuple[Subjects, tuple[str, str], Row]


def holding(
    description: Description, rows: Iterable[Published], subject: str, kind: str
) -> Iterator[tuple[Members, str, Decimal]]:
    """The rules that hold a kind of result of a subject, each with the member that brings it about, and its figure."""
    entries = [entry for entry in description.members if kind in entry.results]
    for _, (member, _), row in rows if entries else []:
        for entry in entries:
            figure = decimal(row.get(entry.column))
            if row.get(entry.of) == subject != member and figure is not None and figure < Decimal(str(entry.below)):
                yield entry, member, figure
