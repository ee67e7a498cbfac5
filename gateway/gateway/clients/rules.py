"""Who may manage which client."""

from collections.abc import Collection

from kit.auth import Caller
from kit.errors import Conflict, Forbidden

PLATFORM = "platform"
"""The client that every installation begins with."""


class ManagedByFile(Conflict):
    """This client is managed by a file"""

    type = "managed-by-file"


def require_platform(caller: Caller) -> None:
    """Raise Forbidden for a caller that acts for an organization."""
    if caller.organization_id is not None:
        raise Forbidden("Only the platform's own clients manage clients, none that acts for an organization.")


def require_no_more_than_own(caller: Caller, scopes: Collection[str]) -> None:
    """Raise Forbidden if whoever has a secret for `scopes` could do more than the caller."""
    beyond = sorted(set(scopes) - caller.scopes)
    if beyond:
        raise Forbidden(f"Nobody hands out scopes that it lacks: {', '.join(beyond)}.", scopes=beyond)


def require_unmanaged(client_id: str) -> None:
    """Raise ManagedByFile for the client whose secret an operator keeps in a file."""
    if client_id == PLATFORM:
        raise ManagedByFile(f"The secret of `{PLATFORM}` is in the bootstrap file: change it there and start again.")
