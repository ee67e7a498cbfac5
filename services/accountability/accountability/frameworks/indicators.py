"""The indicators that frameworks define: one list for all, so that a measure is loaded once for every framework."""

from typing import Any

from kit.errors import Conflict, FieldError
from sqlalchemy import insert, select
from sqlalchemy.ext.asyncio import AsyncSession

from accountability.frameworks.document import Framework
from accountability.measures.tables import Indicator


async def require_same_kinds(session: AsyncSession, framework: Framework) -> dict[str, Indicator]:
    """The framework's indicators that are known already, by code. Raises Conflict where one is of another kind."""
    wanted = {row["code"]: row["kind"] for row in _indicators(framework)}
    known = {row.code: row for row in await session.scalars(select(Indicator).where(Indicator.code.in_(wanted)))}
    errors = [
        FieldError(
            f"indicators.{code}",
            "kind",
            f"it is a {row.kind}; use another code",
            pointer=f"/{'indicators' if code in framework.indicators else 'attributes'}/{code}/kind",
        )
        for code, row in known.items()
        if row.kind != wanted[code]
    ]
    if errors:
        raise Conflict("Some indicators of these codes mean something else.", errors=errors)
    return known


async def define_indicators(session: AsyncSession, framework: Framework) -> None:
    """Define the new indicators; of those that are known, allow what either framework allows. Raises Conflict."""
    known = await require_same_kinds(session, framework)
    wanted = _indicators(framework)
    new = [row for row in wanted if row["code"] not in known]
    if new:
        await session.execute(insert(Indicator), new)
    for row in wanted:
        if row["code"] in known:
            _widen(known[row["code"]], row)


def _indicators(framework: Framework) -> list[dict[str, Any]]:
    indicators = [
        {"code": code, **found.model_dump(include={"title", "kind", "minimum", "maximum", "categories"})}
        for code, found in framework.indicators.items()
    ]
    attributes = [
        {
            "code": code,
            "title": code.replace("_", " "),
            "kind": found.kind,
            "minimum": None,
            "maximum": None,
            "categories": found.values,
        }
        for code, found in framework.attributes.items()
    ]
    return [*indicators, *attributes]


def _widen(known: Indicator, row: dict[str, Any]) -> None:
    known.categories = sorted({*known.categories, *row["categories"]})
    known.minimum = None if None in (known.minimum, row["minimum"]) else min(known.minimum, row["minimum"])
    known.maximum = None if None in (known.maximum, row["maximum"]) else max(known.maximum, row["maximum"])
