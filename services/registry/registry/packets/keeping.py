"""A decision freezes its evidence: the packet of that moment is kept with the revisions that it relied on."""

from datetime import datetime
from hashlib import sha256
from typing import get_args

from kit.auth import Caller
from sqlalchemy.ext.asyncio import AsyncSession

from registry.agreements.dossier import Dossier
from registry.agreements.tables import AgreementTransition
from registry.packets.assembling import assemble
from registry.packets.evidence import relied_on
from registry.packets.layout import laid_out
from registry.packets.schemas import Deciding
from registry.packets.tables import KeptPacket

DECIDING: frozenset[str] = frozenset(get_args(Deciding))


async def keep_evidence(
    session: AsyncSession, caller: Caller, dossier: Dossier, step: AgreementTransition, now: datetime
) -> None:
    """Keep the packet as it is before `step`, which is about to be recorded; nothing for other transitions."""
    if step.name not in DECIDING:
        return
    decision: Deciding = step.name  # type: ignore[assignment]  # one of them, as just seen
    packet = await assemble(session, caller, dossier, decision, step.effective_on, now)
    page = laid_out(packet)
    session.add(
        KeptPacket(
            agreement_id=step.agreement_id,
            number=step.number,
            decision=decision,
            decided_on=step.effective_on,
            kept_at=now,
            kept_by=caller.client_id,
            sha256=sha256(page.encode()).hexdigest(),
            page=page,
            ratings=[each.model_dump(mode="json", by_alias=True) for each in relied_on(packet.ratings)],
        )
    )
