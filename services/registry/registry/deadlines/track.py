"""Whether agreements are on track with what they ask for. Pure."""

from collections.abc import Iterable, Iterator
from itertools import groupby

from registry.deadlines.schemas import DeadlineView, TrackLine

QUARTER_DAYS = 92
"""What has been overdue for longer than a quarter was not delayed but left undone."""


def tracked(deadlines: Iterable[DeadlineView]) -> Iterator[TrackLine]:
    """How each agreement stands; deadlines of one agreement come together."""
    for agreement_id, group in groupby(deadlines, key=lambda each: each.agreement_id):
        mine = list(group)
        states = [each.state for each in mine]
        longest = max((-each.days_left for each in mine if each.state == "overdue"), default=0)
        yield TrackLine(
            agreement_id=agreement_id,
            agreement=mine[0].agreement,
            school_ids=sorted({school for each in mine for school in each.school_ids}),
            status="on-track" if not longest else "delayed" if longest <= QUARTER_DAYS else "incomplete",
            upcoming=states.count("upcoming"),
            due=states.count("due"),
            overdue=states.count("overdue"),
            done=states.count("done"),
            waived=states.count("waived"),
            longest_overdue_days=longest,
        )
