"""Every deadline of an agreement, as it stands on a date, with what became of it. Pure; nothing is written."""

from collections.abc import Iterator, Sequence
from dataclasses import replace
from datetime import date

from registry.agreements.dossier import Dossier
from registry.deadlines.cadence import duties_owed, reviews_owed
from registry.deadlines.clocks import decisions_owed, notices_owed
from registry.deadlines.owed import Done, Owed
from registry.deadlines.tables import Filing
from registry.deadlines.terms import terms_owed


def owed_by(dossier: Dossier, filings: Sequence[Filing], day: date, until: date) -> list[Owed]:
    """What an agreement asks for through `until`, as it stands on `day`, in the order of the days."""
    standing = as_of(dossier, day)
    return sorted(
        (_settled(owed, filings, day) for owed in _all(standing, day, until) if owed.due.on <= until),
        key=lambda owed: (owed.due.on, owed.key),
    )


def as_of(dossier: Dossier, day: date) -> Dossier:
    """The agreement with what had taken effect by `day`; what dates alone bring later is still ahead."""
    return replace(
        dossier,
        parent=as_of(dossier.parent, day) if dossier.parent else None,
        transitions=[step for step in dossier.transitions if step.effective_on <= day],
        notices=[row for row in dossier.notices if row.given_on <= day],
        approvals=[row for row in dossier.approvals if row.decided_on <= day],
    )


def _all(dossier: Dossier, day: date, until: date) -> Iterator[Owed]:
    yield from decisions_owed(dossier, day)
    yield from notices_owed(dossier, day)
    yield from duties_owed(dossier, until)
    yield from reviews_owed(dossier, day, until)
    yield from terms_owed(dossier, until)


def _settled(owed: Owed, filings: Sequence[Filing], day: date) -> Owed:
    """What is owed, with what was filed, acknowledged or waived by `day`."""
    mine = {row.outcome: row for row in filings if row.deadline == owed.key and row.done_on <= day}
    acknowledged = mine["acknowledged"].done_on if "acknowledged" in mine else None
    done = owed.done
    if done is None and "filed" in mine:
        done = Done(mine["filed"].done_on, mine["filed"].evidence)
    if done is None and "waived" in mine:
        done = Done(mine["waived"].done_on, mine["waived"].evidence, waived=True)
    return replace(owed, done=done, acknowledged_on=acknowledged)
