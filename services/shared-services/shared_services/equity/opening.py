"""Open hours counted in the database: a district's working time as arrays, in which an instant is bisected for."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from typing import Any

from sqlalchemy import CTE, Float, case, cast, func, literal, null, select
from sqlalchemy.dialects.postgresql import ARRAY
from sqlalchemy.sql.elements import ColumnElement

from shared_services.clocks.rules import Working

Seconds = Sequence[float]
DAY = timedelta(days=1)


@dataclass(frozen=True)
class Opening:
    """The open spans of a time, in seconds since 1970: where each starts and ends, and how much was open before it."""

    starts: Seconds = ()
    ends: Seconds = ()
    before: Seconds = ()

    @classmethod
    def of(cls, working: Working | None, first: date, until: datetime) -> "Opening":
        """The open time from a date on; nothing without a calendar."""
        if working is None:
            return cls()
        begin = datetime.combine(first, time.min, UTC) - DAY  # wherever the district lies
        spans = [(start.timestamp(), end.timestamp()) for start, end in working.time.spans(begin, until)]
        before, passed = [], 0.0
        for start, end in spans:
            before.append(passed)
            passed += end - start
        return cls([start for start, _ in spans], [end for _, end in spans], before)

    def table(self) -> CTE:
        """The arrays as a table of one row."""
        return select(*(literal(list(values), ARRAY(Float)).label(name) for name, values in vars(self).items())).cte(
            "opening"
        )

    def hours(self, table: CTE, start: ColumnElement[Any], end: ColumnElement[Any]) -> ColumnElement[float]:
        """The open hours between two instants; null without a calendar, or without the second instant."""
        if not self.starts:
            return cast(null(), Float)
        return (_passed(table, end) - _passed(table, start)) / 3600


def _passed(table: CTE, instant: ColumnElement[Any]) -> ColumnElement[float]:
    """The open seconds up to an instant: those before its span, and what of the span has passed."""
    at = cast(func.extract("epoch", instant), Float)
    span = func.width_bucket(at, table.c.starts)
    within = func.least(at, table.c.ends[span]) - table.c.starts[span]
    return case((at.is_(None), null()), (span == 0, 0.0), else_=table.c.before[span] + within)
