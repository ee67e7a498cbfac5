"""What clients look like on the wire."""

from datetime import datetime
from uuid import UUID

from contracts.vocabulary import Wire
from kit.text import Code, Name
from pydantic import Field

from gateway.clients.scopes import Scope


class NewClient(Wire):
    """A client to register. Without an organization it acts for the platform itself."""

    client_id: Code = Field(examples=["ausl-sis"])
    name: Name = Field(examples=["AUSL student information system"])
    organization_id: UUID | None = None
    scopes: list[Scope] = Field(min_length=1, max_length=50, examples=[["registry:read", "ratings:read"]])


class ClientView(Wire):
    """A registered client."""

    client_id: str
    name: str
    organization_id: UUID | None
    scopes: list[str]
    created_at: datetime
    revoked_at: datetime | None


class ClientWithSecret(ClientView):
    """A client and its new secret, which is shown this once."""

    client_secret: str
