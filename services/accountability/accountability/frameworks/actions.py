"""Register frameworks, and define the indicators that they read."""

import hashlib
import json
from typing import Any

from kit.auth import Caller
from kit.errors import Conflict, FieldError, Forbidden, NotFound
from sqlalchemy import insert, select
from sqlalchemy.ext.asyncio import AsyncSession

from accountability.directory import may_steward
from accountability.frameworks.document import Framework
from accountability.frameworks.schemas import FrameworkView
from accountability.frameworks.tables import RegisteredFramework
from accountability.measures.tables import Indicator


class FrameworkChanged(Conflict):
    """This version is registered with other content"""

    type = "framework-immutable"


async def register_framework(session: AsyncSession, caller: Caller, framework: Framework) -> FrameworkView:
    """Register a version; the same again changes nothing. Raises Forbidden, FrameworkChanged, Conflict."""
    if not await may_steward(session, caller):
        raise Forbidden("Only a district, a state agency or the platform's administrator registers frameworks.")
    document = framework.model_dump(mode="json")
    sha256 = hashlib.sha256(json.dumps(document, sort_keys=True).encode()).hexdigest()
    known = await session.get(RegisteredFramework, (framework.id, framework.version))
    if known is not None and Framework.model_validate(known.document) != framework:
        raise FrameworkChanged(
            f"{framework.id} {framework.version} cannot be changed; register the new text as another version."
        )
    if known is None:
        known = RegisteredFramework(id=framework.id, version=framework.version, sha256=sha256, document=document)
        session.add(known)
        await _define_indicators(session, framework)
        await session.flush()
        await session.refresh(known)
    return view(known)


async def show_framework(session: AsyncSession, framework_id: str, version: str) -> FrameworkView:
    """A registered version. Raises NotFound."""
    known = await session.get(RegisteredFramework, (framework_id, version))
    if known is None:
        raise NotFound(f"There is no framework {framework_id} {version}.")
    return view(known)


def view(row: RegisteredFramework) -> FrameworkView:
    """A row as shown."""
    return FrameworkView(
        id=row.id,
        version=row.version,
        title=row.document["title"],
        owner=row.document["owner"],
        school_years=row.document["school_years"],
        sha256=row.sha256,
        registered_at=row.registered_at,
        document=row.document,
    )


async def _define_indicators(session: AsyncSession, framework: Framework) -> None:
    """Define the indicators that are new; of those that are known, allow what either framework allows."""
    wanted = _indicators(framework)
    codes = [str(row["code"]) for row in wanted]
    known = {row.code: row for row in await session.scalars(select(Indicator).where(Indicator.code.in_(codes)))}
    other = [row for row in wanted if row["code"] in known and row["kind"] != known[row["code"]].kind]
    if other:
        errors = [
            FieldError(f"indicators.{code}", "kind", f"it is a {known[code].kind}; use another code")
            for code in (str(row["code"]) for row in other)
        ]
        raise Conflict("Some indicators of these codes mean something else.", errors=errors)
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
