"""Requests by file: every row checked, all errors at once, nothing twice by the requester's own numbers."""

import json
from collections.abc import Iterable, Mapping
from contextlib import suppress
from datetime import datetime
from typing import Any, Literal
from uuid import UUID

from contracts.shared_services import RequestStatus
from contracts.vocabulary import Wire
from kit.auth import Caller
from kit.errors import FieldError, Invalid
from pydantic import ValidationError
from sqlalchemy.ext.asyncio import AsyncSession

from shared_services.requests.entering import enter_all, known_by
from shared_services.requests.intake import ORDERED_AT_TRIPS, Intake, examine
from shared_services.requests.schemas import NewRequest, RequestView

COLUMNS: Mapping[str, bool] = {
    "externalId": True,
    "schoolId": True,
    "offering": True,
    "description": True,
    "serviceDate": False,
    "building": False,
    "room": False,
    "impact": False,
    "urgency": False,
    "hazard": False,
    "onBehalfOf": False,
    "details": False,
}
"""The columns of a file, and which of them it must have. `details` is JSON; an empty field is none."""

MAX_ROWS = 500
MAX_SHOWN = 1000


class BulkRow(Wire):
    """What became of a row."""

    row: int
    external_id: str
    outcome: Literal["created", "unchanged"]
    id: UUID | None = None
    number: str | None = None
    status: RequestStatus | None = None


class BulkReport(Wire):
    """What a file did; with `dryRun`, what it would do."""

    dry_run: bool
    created: int
    unchanged: int
    rows: list[BulkRow]


async def submit_requests(
    session: AsyncSession, caller: Caller, rows: Iterable[tuple[int, dict[str, str]]], *, dry_run: bool, now: datetime
) -> BulkReport:
    """Submit a file of requests, all or none; rows whose number is known already stay as they are. Raises Invalid."""
    bodies, errors = _parse(rows)
    looked: list[tuple[int, Intake, UUID | None]] = []
    for row, body in bodies:
        try:
            intake = await examine(session, caller, body, now)
        except Invalid as refused:
            errors += _of_row(row, refused.errors)
            continue
        if intake.offering is not None and intake.offering.kind in ORDERED_AT_TRIPS:
            intake.errors.append(FieldError("offering", "ordered-as-a-trip", "order it as a trip: POST /v1/trips"))
        known = await known_by(session, intake)
        # What was taken before was right then, even if its day has passed since.
        errors += [] if known else _of_row(row, intake.errors)
        looked.append((row, intake, known))
    if errors:
        errors.sort(key=lambda error: error.row or 0)
        count = len({error.row for error in errors})
        raise Invalid(
            f"{len(errors)} errors in {count} rows; nothing was written. See `errors`.",
            errors=errors[:MAX_SHOWN],
            errorCount=len(errors),
        )
    new = [intake for _, intake, known in looked if known is None]
    views = await enter_all(session, caller, new, now) if new and not dry_run else []
    made = {view.external_id: view for view in views}
    done = [_outcome(row, intake, known, made.get(intake.body.external_id)) for row, intake, known in looked]
    return BulkReport(dry_run=dry_run, created=len(new), unchanged=len(done) - len(new), rows=done)


def _outcome(row: int, intake: Intake, known: UUID | None, made: RequestView | None) -> BulkRow:
    said = {"row": row, "external_id": intake.body.external_id}
    if known is not None:
        return BulkRow(outcome="unchanged", id=known, **said)
    if made is None:
        return BulkRow(outcome="created", **said)
    return BulkRow(outcome="created", id=made.id, number=made.number, status=made.status, **said)


def _parse(rows: Iterable[tuple[int, dict[str, str]]]) -> tuple[list[tuple[int, NewRequest]], list[FieldError]]:
    bodies: list[tuple[int, NewRequest]] = []
    errors: list[FieldError] = []
    seen: dict[str, int] = {}
    for row, values in rows:
        if len(bodies) + len(errors) >= MAX_ROWS:
            errors.append(FieldError("row", "too-many", f"a file has at most {MAX_ROWS} rows: split it", row))
            break
        external = values["externalId"].strip()
        if not external:
            errors.append(FieldError("externalId", "missing", "give a number of your own", row))
        elif external in seen:
            errors.append(FieldError("externalId", "repeated", f"row {seen[external]} has it", row, external))
        seen.setdefault(external, row)
        try:
            bodies.append((row, NewRequest.model_validate(_body(values))))
        except ValidationError as wrong:
            found = ((".".join(map(str, error["loc"])), error["type"], error["msg"]) for error in wrong.errors())
            errors += [FieldError(*one, row) for one in found]
    return bodies, errors


def _body(values: dict[str, str]) -> dict[str, Any]:
    given: dict[str, Any] = {name: value.strip() for name, value in values.items() if value.strip()}
    weight = {name: given.pop(name) for name in ("impact", "urgency") if name in given}
    if weight:
        given["asked"] = weight
    if "details" in given:
        # A text that is no JSON stays one, and the model says that it is no object.
        with suppress(ValueError, RecursionError):
            given["details"] = json.loads(given["details"])
    return given


def _of_row(row: int, errors: Iterable[FieldError]) -> list[FieldError]:
    return [FieldError(error.field, error.rule, error.message, row, error.value) for error in errors]
