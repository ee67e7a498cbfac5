"""HTTP for tokens."""

from typing import Any

from fastapi import APIRouter, Request
from fastapi.responses import JSONResponse
from kit.clock import Now
from kit.errors import Unavailable

from gateway.refusals import TooManyRequests, retry_after
from gateway.tokens.actions import TokenOffice
from gateway.tokens.refusals import NO_STORE, SlowDown, TemporarilyUnavailable, TokenRefused
from gateway.tokens.rules import FORM, JSON, read_credentials, read_request
from gateway.tokens.schemas import TokenAnswer, TokenError, TokenRequest

router = APIRouter(tags=["tokens"])
_SCHEMA = {"schema": TokenRequest.model_json_schema()}
BODY = {"requestBody": {"required": True, "content": {FORM: _SCHEMA, JSON: _SCHEMA}}}
ERRORS: dict[int | str, dict[str, Any]] = {status: {"model": TokenError} for status in (400, 401, 429, 503)}


@router.post("/oauth/token", response_model=TokenAnswer, responses=ERRORS, openapi_extra=BODY)
async def issue_token(request: Request, now: Now) -> JSONResponse:
    """An access token for a client's credentials (OAuth2, client credentials).

    Errors are those of RFC 6749. Without `scope` the token has every scope of the client.
    """
    office: TokenOffice = request.app.state.token_office
    address = request.client.host if request.client else "unknown"
    try:
        asked = read_request(request.headers.get("content-type", ""), await request.body())
        credentials = read_credentials(request.headers.get("authorization"), asked)
        token = await office.grant_token(credentials, asked.scope, address, now)
    except TokenRefused as refused:
        return refused.answer()
    except TooManyRequests as refused:
        return SlowDown(refused.message, retry_after(refused)).answer()
    except Unavailable as refused:
        return TemporarilyUnavailable(refused.message, {"Retry-After": "1"}).answer()
    return JSONResponse(token.model_dump(), headers=NO_STORE)
