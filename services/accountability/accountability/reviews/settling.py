"""A run is published only when the corrections that schools asked for are decided, and those accepted are in it."""

from kit.errors import Conflict
from sqlalchemy import func, select
from sqlalchemy.ext.asyncio import AsyncSession

from accountability.reviews.tables import CorrectionRequest
from accountability.runs.tables import Run, Window, covers


class CorrectionsOpen(Conflict):
    """Corrections that schools asked for are not settled"""

    type = "corrections-open"


async def require_settled(session: AsyncSession, run: Run) -> None:
    """Raise CorrectionsOpen for requests of this framework and year, by schools that the run covers, which are
    undecided or not in this run."""
    newer = CorrectionRequest.import_number > run.input_version
    covered = covers(run.number, CorrectionRequest.school_id)
    counts = (
        select(func.count().filter(CorrectionRequest.decision.is_(None)), func.count().filter(newer))
        .select_from(CorrectionRequest)
        .join(Window, Window.id == CorrectionRequest.window_id)
        .join(Run, Run.number == Window.run)
        .where(Run.framework_id == run.framework_id, Run.school_year == run.school_year, covered)
    )
    undecided, missing = (await session.execute(counts)).one()
    if undecided:
        raise CorrectionsOpen(
            f"Decide the {undecided} correction requests that are open, then publish.", open=undecided
        )
    if missing:
        raise CorrectionsOpen(
            f"This run does not know {missing} corrections that were accepted: run again and publish that run.",
            notInRun=missing,
        )
