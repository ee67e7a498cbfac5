"""What the token endpoint takes and answers, in the words of RFC 6749."""

from typing import Literal

from pydantic import BaseModel, ConfigDict, Field


class TokenRequest(BaseModel):
    """A request for an access token, as a form or as JSON. Credentials may come by HTTP Basic instead."""

    model_config = ConfigDict(extra="ignore", hide_input_in_errors=True)

    grant_type: str | None = Field(default=None, examples=["client_credentials"])
    client_id: str | None = Field(default=None, max_length=80)
    client_secret: str | None = Field(default=None, max_length=200)
    scope: str | None = Field(default=None, max_length=4000, examples=["registry:read ratings:read"])


class TokenAnswer(BaseModel):
    """An access token, for how many seconds it is valid, and what it allows."""

    access_token: str
    token_type: Literal["bearer"] = "bearer"  # noqa: S105
    expires_in: int
    scope: str


class TokenError(BaseModel):
    """Why there is no token."""

    error: str = Field(examples=["invalid_client"])
    error_description: str
