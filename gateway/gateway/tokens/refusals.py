"""How the token endpoint refuses (RFC 6749, section 5.2). Descriptions hold no quotes: the grammar forbids them."""

from typing import ClassVar

from fastapi.responses import JSONResponse

NO_STORE = {"Cache-Control": "no-store", "Pragma": "no-cache"}


class TokenRefused(Exception):
    """A request for a token is refused. The message is the `error_description`."""

    error: ClassVar[str] = "invalid_request"
    status: ClassVar[int] = 400

    def __init__(self, message: str, headers: dict[str, str] | None = None) -> None:
        super().__init__(message)
        self.message, self.headers = message, headers or {}

    def answer(self) -> JSONResponse:
        """The answer on the wire."""
        return JSONResponse(
            {"error": self.error, "error_description": self.message},
            status_code=self.status,
            headers=NO_STORE | self.headers,
        )


class InvalidRequest(TokenRefused):
    """Something is missing, repeated or not readable."""


class InvalidClient(TokenRefused):
    """No such client, or not its secret: nobody learns which. Basic is answered with a challenge."""

    error, status = "invalid_client", 401

    def __init__(self, by_header: bool) -> None:
        challenge = {"WWW-Authenticate": 'Basic realm="concordat", charset="UTF-8"'} if by_header else {}
        super().__init__("The client is unknown or its secret is wrong.", challenge)


class UnsupportedGrantType(TokenRefused):
    """Another grant than client credentials."""

    error = "unsupported_grant_type"


class InvalidScope(TokenRefused):
    """A scope that the client does not have."""

    error = "invalid_scope"


class TemporarilyUnavailable(TokenRefused):
    """Too much at once."""

    error, status = "temporarily_unavailable", 503


class SlowDown(TokenRefused):
    """Too many wrong secrets."""

    error, status = "temporarily_unavailable", 429
