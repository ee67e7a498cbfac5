"""HTTP for the audit trail: the platform and a state agency read all of it, a district what concerns it."""

from typing import Annotated, Any

from fastapi import APIRouter, Query, Response
from kit.audit import current_head
from kit.auth import Caller, require
from kit.clock import Now
from kit.db import Snapshot
from kit.paging import Page, Paging, page
from kit.problems import problems
from kit.tables import journal, journal_hash
from pydantic import AwareDatetime
from sqlalchemy import select

from registry.audit.concerning import concerning
from registry.audit.schemas import AuditEntry, AuditHead
from registry.organizations.actions import require_steward

router = APIRouter(prefix="/v1/audit", tags=["audit"])
Reader = Annotated[Caller, require("registry:read")]
Exactly = Query(max_length=200, pattern=r"^[^\x00]+$")


@router.get("", responses=problems(400))
async def list_audit_entries(
    session: Snapshot,
    caller: Reader,
    asked: Paging,
    response: Response,
    now: Now,
    subject: Annotated[str | None, Exactly] = None,
    actor: Annotated[str | None, Exactly] = None,
    since: Annotated[AwareDatetime | None, Query(description="Entries of this instant or later.")] = None,
) -> Page[AuditEntry]:
    """Who changed what, when and why, in the order in which it happened."""
    await require_steward(session, caller)
    query = (
        select(journal, journal_hash.c.hash)
        .join_from(journal, journal_hash, journal_hash.c.sequence == journal.c.sequence, isouter=True)
        .where(journal.c.sequence.is_not(None), await concerning(session, caller, now))
    )
    for column, value in ((journal.c.subject, subject), (journal.c.actor, actor)):
        if value is not None:
            query = query.where(column == value)
    if since is not None:
        query = query.where(journal.c.at >= since)
    return await page(session, query, [journal.c.sequence], asked, response, _entry)


@router.get("/head")
async def show_audit_head(session: Snapshot, caller: Reader) -> AuditHead:
    """The end of the chain so far, for whoever wants to prove later that nothing before it was changed."""
    head = await current_head(session)
    return AuditHead(sequence=head.sequence, head=str(head))


def _entry(row: Any) -> AuditEntry:
    return AuditEntry(
        sequence=row.sequence,
        at=row.at,
        actor=row.actor,
        type=row.type,
        subject=row.subject,
        version=row.version,
        trace=row.trace,
        reason=row.reason,
        before=row.before,
        after=row.data,
        hash=row.hash.hex() if row.hash is not None else None,
    )
