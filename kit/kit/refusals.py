"""What a failed statement means, by its SQLSTATE: the database is away, or another transaction was first."""

from sqlalchemy.exc import DBAPIError, InterfaceError, OperationalError
from sqlalchemy.exc import TimeoutError as PoolTimeout

AWAY = {"08", "53", "57"}
"""Classes of SQLSTATE: connection exception, insufficient resources, operator intervention."""

STATEMENT_TOO_SLOW = "57014"
LOCK_NOT_AVAILABLE = "55P03"
TRANSACTION_ROLLBACK = "40"


def sqlstate(error: DBAPIError) -> str:
    """PostgreSQL's five characters; empty if the failure never reached the server."""
    return getattr(error.orig, "sqlstate", None) or ""


def database_is_away(error: Exception) -> bool:
    """True if nothing is wrong with the statement: no connection could be had or kept, or the server is full."""
    if isinstance(error, PoolTimeout):
        return True
    if not isinstance(error, DBAPIError):
        return False
    state = sqlstate(error)
    if state == STATEMENT_TOO_SLOW:
        return False
    unreached = not state and isinstance(error, OperationalError | InterfaceError)
    return error.connection_invalidated or unreached or state[:2] in AWAY


def another_was_first(error: Exception) -> bool:
    """True if another transaction held or changed the same rows: the same work may succeed a moment later."""
    if not isinstance(error, DBAPIError):
        return False
    return sqlstate(error)[:2] == TRANSACTION_ROLLBACK or sqlstate(error) == LOCK_NOT_AVAILABLE
