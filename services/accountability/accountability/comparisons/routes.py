"""HTTP for comparisons."""

from typing import Annotated, Any
from uuid import UUID

from fastapi import APIRouter, Request, Response
from kit.auth import Caller, require
from kit.clock import Now
from kit.db import Snapshot, Transaction
from kit.idempotency import Once
from kit.paging import Page, Paging, page
from kit.problems import problems
from kit.spreadsheets import csv_file, wants_csv
from sqlalchemy import select

from accountability.comparisons import actions
from accountability.comparisons.schemas import (
    ComparisonInputs,
    ComparisonLine,
    ComparisonView,
    NewComparison,
    Point,
)
from accountability.comparisons.tables import Comparison

router = APIRouter(prefix="/v1/comparisons", tags=["comparisons"])
Reader = Annotated[Caller, require("ratings:read")]
Writer = Annotated[Caller, require("comparisons:write")]
CSV_TOO: dict[int | str, dict[str, Any]] = {200: {"content": {"text/csv": {"schema": {"type": "string"}}}}}
COLUMNS = list(Point.model_json_schema()["properties"])


@router.post("", status_code=201, response_model=ComparisonView, responses=problems(400, 409))
async def compare_schools(body: NewComparison, session: Transaction, caller: Writer, now: Now, once: Once) -> Response:
    """Compare a district's autonomous schools with its others, and with matched peers, by what is published.

    The comparison is kept with all that it read, and anybody may read it.
    """

    async def work() -> ComparisonView:
        return await actions.compare_schools(session, caller, body, now)

    return await once(session, caller, work, headers=lambda made: {"Location": f"/v1/comparisons/{made.id}"})


@router.get("", responses=problems(400))
async def list_comparisons(
    session: Snapshot, caller: Reader, asked: Paging, response: Response
) -> Page[ComparisonLine]:
    """All comparisons, the oldest first."""
    query = select(Comparison.id, Comparison.title, Comparison.known_at, Comparison.recorded_at)
    return await page(
        session,
        query,
        [Comparison.id],
        asked,
        response,
        lambda row: ComparisonLine(id=row[0], title=row[1], known_at=row[2], recorded_at=row[3]),
    )


@router.get("/{comparison_id}", response_model=ComparisonView, responses=CSV_TOO | problems(404))
async def show_comparison(
    comparison_id: UUID, session: Snapshot, caller: Reader, request: Request, response: Response
) -> ComparisonView | Response:
    """A comparison as it was found: whole as JSON, its points as CSV by `Accept`."""
    view = actions.shape(await actions.find_comparison(session, comparison_id))
    response.headers["Vary"] = "Accept"
    if wants_csv(request):
        return csv_file(f"comparison-{view.id}.csv", COLUMNS, (_line(point) for point in view.result.points))
    return view


@router.get("/{comparison_id}/inputs", responses=problems(404))
async def show_comparison_inputs(comparison_id: UUID, session: Snapshot, caller: Reader) -> ComparisonInputs:
    """All that a comparison read: with it, anybody can compute it again."""
    row = await actions.find_comparison(session, comparison_id)
    return ComparisonInputs(sha256=row.inputs_sha256, **row.inputs)


def _line(point: Point) -> list[object]:
    said = point.model_dump(by_alias=True)
    return [
        [f"{why}: {count}" for why, count in each.items()] if isinstance(each, dict) else each for each in said.values()
    ]
