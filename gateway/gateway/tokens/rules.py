"""Reading a request for a token: credentials by HTTP Basic, by form or by JSON, and never by two ways at once."""

import base64
import binascii
from collections.abc import Sequence
from dataclasses import dataclass
from urllib.parse import parse_qsl, unquote_plus

from pydantic import ValidationError

from gateway.tokens.refusals import InvalidClient, InvalidRequest, InvalidScope, UnsupportedGrantType
from gateway.tokens.schemas import TokenRequest

FORM, JSON = "application/x-www-form-urlencoded", "application/json"


@dataclass(frozen=True)
class Credentials:
    """Who asks. `by_header`: by HTTP Basic, and so to be answered with a challenge."""

    client_id: str
    secret: str
    by_header: bool


def read_request(content_type: str, body: bytes) -> TokenRequest:
    """The parameters in a body. Raises InvalidRequest, UnsupportedGrantType."""
    kind = content_type.partition(";")[0].strip().lower()
    if kind not in {FORM, JSON}:
        raise InvalidRequest(f"Send the parameters as {FORM} or as {JSON}.")
    try:
        asked = TokenRequest.model_validate(_form(body)) if kind == FORM else TokenRequest.model_validate_json(body)
    except ValidationError as error:
        fields = ", ".join(sorted({str(part["loc"][0]) if part["loc"] else "body" for part in error.errors()}))
        raise InvalidRequest(f"Not readable: {fields}.") from None
    except UnicodeDecodeError:
        raise InvalidRequest("The body is not UTF-8 text.") from None
    if asked.grant_type is None:
        raise InvalidRequest("grant_type is missing; it must be client_credentials.")
    if asked.grant_type != "client_credentials":
        raise UnsupportedGrantType("The only grant_type here is client_credentials.")
    return asked


def read_credentials(authorization: str | None, asked: TokenRequest) -> Credentials:
    """Who asks. Raises InvalidRequest if both header and body say so, or neither."""
    if authorization is None:
        if asked.client_id is None or asked.client_secret is None:
            raise InvalidRequest("Send client_id and client_secret, by HTTP Basic or in the body.")
        return Credentials(asked.client_id, asked.client_secret, by_header=False)
    credentials = _basic(authorization)
    if asked.client_secret is not None or asked.client_id not in {None, credentials.client_id}:
        raise InvalidRequest("Send the credentials once, by HTTP Basic or in the body, not both.")
    return credentials


def granted(scopes: Sequence[str], asked: str | None) -> list[str]:
    """The scopes to grant: those asked for, or all that the client has. Raises InvalidScope."""
    wanted = list(dict.fromkeys((asked or "").split()))
    if not set(wanted) <= set(scopes):
        raise InvalidScope("The client does not have all of these scopes; leave scope out to get those that it has.")
    return wanted or list(scopes)


def _form(body: bytes) -> dict[str, str]:
    pairs = parse_qsl(body.decode(), keep_blank_values=True, max_num_fields=50)
    if len(dict(pairs)) != len(pairs):
        raise InvalidRequest("A parameter is repeated.")
    # An empty parameter counts as left out (RFC 6749, section 3.1).
    return {name: value for name, value in pairs if value}


def _basic(authorization: str) -> Credentials:
    scheme, _, encoded = authorization.partition(" ")
    if scheme.lower() != "basic":
        raise InvalidClient(by_header=True)
    try:
        client_id, colon, secret = base64.b64decode(encoded.strip(), validate=True).decode().partition(":")
    except (binascii.Error, UnicodeDecodeError):
        raise InvalidClient(by_header=True) from None
    if not colon:
        raise InvalidClient(by_header=True)
    return Credentials(unquote_plus(client_id), unquote_plus(secret), by_header=True)
