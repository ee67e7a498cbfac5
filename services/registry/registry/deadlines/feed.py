"""Deadlines as an iCalendar feed (RFC 5545): one all-day event each, the same bytes for the same facts."""

from collections.abc import Iterable
from datetime import UTC, datetime, timedelta
from hashlib import sha256

from icalendar import Calendar, Event, vText

from registry.calendars.arithmetic import ONE_DAY
from registry.deadlines.schemas import DeadlineView

MEDIA_TYPE = "text/calendar; charset=utf-8"
LONG_AGO = datetime(2000, 1, 1, tzinfo=UTC)
SAID = {"upcoming": "", "due": "", "overdue": "OVERDUE: ", "done": "Done: ", "waived": "Waived: "}


def feed_of(name: str, deadlines: Iterable[DeadlineView], recorded_at: datetime | None) -> bytes:
    """The feed of an organization; `recorded_at` is when the newest fact behind it was recorded."""
    calendar = Calendar()
    calendar.add("version", "2.0")
    calendar.add("prodid", "-//Concordat//Deadlines//EN")
    calendar.add("method", "PUBLISH")
    calendar.add("x-wr-calname", vText(f"Deadlines: {name}"))  # icalendar escapes no text of an X- property
    calendar.add("refresh-interval", timedelta(days=1), parameters={"value": "DURATION"})
    calendar.add("x-published-ttl", "P1D")
    for deadline in sorted(deadlines, key=lambda each: (each.due_on, str(each.agreement_id), each.key)):
        calendar.add_component(_event(deadline, recorded_at or LONG_AGO))
    return bytes(calendar.to_ical())


def tag_of(feed: bytes) -> str:
    """The strong entity tag of a feed."""
    return f'"{sha256(feed).hexdigest()[:32]}"'


def _event(deadline: DeadlineView, recorded_at: datetime) -> Event:
    event = Event()
    event.add("uid", f"{deadline.key}@{deadline.agreement_id}.concordat".replace(" ", "-"))
    # RFC 5545 3.8.7.2: without a request to answer, it is when what is told was last changed.
    event.add("dtstamp", recorded_at)
    event.add("dtstart", deadline.due_on)
    event.add("dtend", deadline.due_on + ONE_DAY)
    event.add("summary", f"{SAID[deadline.state]}{deadline.title} ({deadline.agreement})")
    event.add("description", "\n".join(_sentences(deadline)))
    event.add("categories", [deadline.kind, deadline.state])
    event.add("transp", "TRANSPARENT")
    event.add("status", "CANCELLED" if deadline.state == "waived" else "CONFIRMED")
    return event


def _sentences(deadline: DeadlineView) -> Iterable[str]:
    yield f"Owed by: {deadline.role}" + (f", to: {deadline.to}" if deadline.to else "")
    yield f"Rule: {deadline.rule} ({deadline.citation})"
    yield f"Counted from: {deadline.counted_from}, {deadline.counted_from_on}; roll rule: {deadline.roll}"
    if deadline.rolled_because is not None:
        yield f"Moved from {deadline.counted}: {deadline.rolled_because}"
    if deadline.done_on is not None:
        yield f"Settled on {deadline.done_on}: {deadline.evidence}"
    if deadline.uncertain is not None:
        yield f"Uncertain: {deadline.uncertain}"
