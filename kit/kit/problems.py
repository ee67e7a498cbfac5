"""Refusals on the wire: RFC 9457 problem details, all errors of a request at once, never an internal text."""

from collections.abc import Mapping
from dataclasses import asdict
from typing import Any

from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse
from pydantic import BaseModel, ConfigDict, Field
from sqlalchemy.exc import DataError, DBAPIError, IntegrityError
from sqlalchemy.exc import TimeoutError as PoolTimeout
from starlette.exceptions import HTTPException

from kit import errors, telemetry
from kit.errors import FieldError, Refused
from kit.refusals import STATEMENT_TOO_SLOW, another_was_first, database_is_away, sqlstate

URN = "urn:concordat:problem:"


class FieldProblem(BaseModel):
    """One field that breaks a rule, and how to mend it."""

    field: str = Field(examples=["body.name"])
    rule: str = Field(examples=["missing"])
    message: str = Field(examples=["Field required"])
    row: int | None = None
    value: str | None = None
    pointer: str | None = None


class Problem(BaseModel):
    """An RFC 9457 problem."""

    model_config = ConfigDict(extra="allow")

    type: str = Field(examples=[URN + "invalid"])
    title: str
    status: int
    detail: str
    instance: str | None = None
    traceId: str | None = None  # noqa: N815
    errors: list[FieldProblem] | None = None


def problems(*statuses: int) -> dict[int | str, dict[str, Any]]:
    """OpenAPI documentation of the problems that a route may answer with, besides 401, 403 and 422."""
    described = {kind.status: kind.title() for kind in Refused.__subclasses__()}
    return {
        status: {
            "description": described.get(status, "Problem"),
            "content": {"application/problem+json": {"schema": {"$ref": "#/components/schemas/Problem"}}},
        }
        for status in statuses
    }


def problem_body(refused: Refused, instance: str | None = None) -> dict[str, Any]:
    """The JSON object of a refusal."""
    body: dict[str, Any] = {
        "type": URN + refused.type,
        "title": refused.title(),
        "status": refused.status,
        "detail": refused.message,
    }
    if instance is not None:
        body["instance"] = instance
    trace = telemetry.traceparent.get()
    if trace is not None:
        body["traceId"] = trace.split("-")[1]
    if refused.errors:
        body["errors"] = [{k: v for k, v in asdict(error).items() if v is not None} for error in refused.errors]
    return body | refused.members


def problem_response(
    refused: Refused, instance: str | None = None, headers: Mapping[str, str] | None = None
) -> JSONResponse:
    """The HTTP answer of a refusal."""
    extra = dict(headers or {})
    if refused.status == 401:
        extra.setdefault("WWW-Authenticate", 'Bearer error="invalid_token"')
    if refused.status == 503:
        extra.setdefault("Retry-After", "1")
    return JSONResponse(
        problem_body(refused, instance),
        status_code=refused.status,
        headers=extra,
        media_type="application/problem+json",
    )


def install(app: FastAPI) -> None:
    """Turn every refusal, validation error, database refusal and bug of `app` into a problem."""

    @app.exception_handler(Refused)
    async def refused(request: Request, refused: Refused) -> JSONResponse:
        return problem_response(refused, request.url.path)

    @app.exception_handler(RequestValidationError)
    async def invalid(request: Request, invalid: RequestValidationError) -> JSONResponse:
        found = [_field_error(error) for error in invalid.errors()]
        kind: type[Refused] = errors.Invalid
        if any(error.rule in {"json_invalid", "json_type"} for error in found):
            kind = errors.BadRequest
        return problem_response(kind(_summary(found), errors=found), request.url.path)

    @app.exception_handler(HTTPException)
    async def http(request: Request, raised: HTTPException) -> JSONResponse:
        # Reading the body failed inside the framework, which hides the refusal that our own limit raised.
        if isinstance(raised.__cause__, Refused):
            return problem_response(raised.__cause__, request.url.path)
        kinds = {kind.status: kind for kind in Refused.__subclasses__()}
        kind = kinds.get(raised.status_code) or type(
            "Http",
            (Refused,),
            {"__doc__": raised.detail, "type": f"http-{raised.status_code}", "status": raised.status_code},
        )
        detail = raised.detail if raised.status_code != 404 else f"There is nothing at {request.url.path}."
        return problem_response(kind(detail), request.url.path, raised.headers)

    @app.exception_handler(PoolTimeout)
    async def busy(request: Request, _: PoolTimeout) -> JSONResponse:
        return problem_response(errors.Unavailable("All database connections are in use; try again."), request.url.path)

    @app.exception_handler(DBAPIError)
    async def database(request: Request, error: DBAPIError) -> JSONResponse:
        return problem_response(_database_refusal(error), request.url.path)


def _field_error(error: Mapping[str, Any]) -> FieldError:
    value = error.get("input")
    # A lone surrogate is no text: it may be what is wrong, and could not be sent back.
    shown = str(value)[:100].encode(errors="replace").decode() if isinstance(value, str | int | float | bool) else None
    return FieldError(".".join(str(part) for part in error["loc"]), error["type"], error["msg"], value=shown)


def _summary(found: list[FieldError]) -> str:
    names = ", ".join(dict.fromkeys(error.field for error in found[:5]))
    return f"{len(found)} error{'s' if len(found) != 1 else ''}, in {names}: see `errors`, mend them and send again."


def _database_refusal(error: DBAPIError) -> Refused:
    state = sqlstate(error)
    if database_is_away(error) or state == STATEMENT_TOO_SLOW:
        return errors.Unavailable("The database is not reachable for the moment; try again.")
    if another_was_first(error):
        return errors.Conflict("Another change of the same thing got in first; read again and repeat.")
    of_the_data = isinstance(error, DataError | IntegrityError)
    # PostgreSQL's own words quote the data that it refuses: they are not for the log.
    telemetry.log.error("database.refused", sqlstate=state, exc_info=None if of_the_data else error)
    if isinstance(error, IntegrityError):
        return errors.Conflict("This contradicts what is already there; read the current state and try again.")
    if isinstance(error, DataError):
        return errors.Invalid(
            "A value cannot be kept: a number or a date out of range, a period that ends before it begins,"
            " or a text with NUL characters."
        )
    return InternalError("The server failed; report the traceId.")


class InternalError(Refused):
    """The server failed"""

    type, status = "internal-error", 500
