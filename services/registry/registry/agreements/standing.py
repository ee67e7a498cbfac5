"""What an agreement is on a date: its status and why, its terms, the text in force, what falls due. Pure."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date

from registry.agreements.dossier import Dossier
from registry.agreements.lifecycle import IN_FORCE, MOVES, TextState, status_on
from registry.agreements.tables import AgreementText
from registry.calendars.arithmetic import Due
from registry.instruments.dates import ReviewDue, due, reviews, years_after
from registry.instruments.document import Notice

REVIEW_HORIZON_YEARS = 10
BECAME: dict[str, TextState] = {
    "execute": "executed",
    "propose-amendment": "proposed",
    "adopt-amendment": "adopted",
    "reject-amendment": "rejected",
}
"""What a transition makes of the text that it names."""


@dataclass(frozen=True)
class Terms:
    """The dates that hold: executed, effective, and the first day after the term."""

    executed_on: date | None
    effective_from: date | None
    term_to: date | None


@dataclass(frozen=True)
class Standing:
    """A status on a day, since when and until when, and in words why the agreement is or is not in force."""

    status: str
    since: date | None
    until: date | None
    because: str

    @property
    def in_force(self) -> bool:
        """True if the agreement governs on that day."""
        return self.status in IN_FORCE


def terms(dossier: Dossier, day: date) -> Terms:
    """The terms as they are on `day`: those of the execution, or of the newest renewal in effect."""
    executed = dossier.latest("execute")
    if executed is None:
        return Terms(None, dossier.agreement.effective_from, dossier.agreement.term_to)
    renewed = [step for step in dossier.transitions if step.name == "renew" and step.effective_on <= day]
    newest = max(renewed, key=lambda step: (step.effective_on, step.number), default=executed)
    return Terms(executed.effective_on, executed.effective_from, newest.term_to)


def standing(dossier: Dossier, day: date) -> Standing:
    """The agreement's status on `day`."""
    piece = status_on(dossier.statuses(), day)
    if piece is None:
        return Standing("draft", None, None, f"Nothing had happened with this draft by {day}.")
    return Standing(piece.value, piece.start, piece.end, _because(dossier, piece.value, piece.start, day))


def _because(dossier: Dossier, status: str, since: date, day: date) -> str:
    held, kind = terms(dossier, day), dossier.instrument
    unended = f"Its term ended before {held.term_to} without a decision; {kind} says: {kind.term.when_it_passes}"
    if status == "executed":
        return f"Executed on {held.executed_on}, effective only from {held.effective_from} ({kind.effect.citation})."
    if status == "holdover":
        return f"{unended}, so it goes on ({kind.term.citation})."
    if status == "lapsed":
        own = status_on(dossier.own_statuses(), day)
        if own is not None and own.value in IN_FORCE and dossier.parent is not None and kind.parent is not None:
            return f"Its umbrella {dossier.parent.agreement.title!r} is not in force ({kind.parent.citation})."
        return f"{unended} ({kind.term.citation})."
    if status in IN_FORCE:
        return f"In force since {held.effective_from}; {status} since {since}."
    return f"{status} since {since}."


def text_in_force(dossier: Dossier, day: date) -> tuple[AgreementText, date] | None:
    """The whole text that governs on `day` and since when; None if the agreement is not in force.

    A proposed text governs nothing until it is adopted: the old one stays.
    """
    if not standing(dossier, day).in_force:
        return None
    return governing_text(dossier, day)


def governing_text(dossier: Dossier, day: date) -> tuple[AgreementText, date] | None:
    """The text executed or adopted last by `day`, and since when, whether or not the agreement is in force."""
    texts = {text.number: text for text in dossier.texts}
    steps = [step for step in dossier.transitions if step.name == "adopt-amendment" and step.effective_on <= day]
    newest = max(steps, key=lambda step: (step.effective_on, step.number), default=dossier.latest("execute"))
    if newest is None or newest.text_number is None:
        return None
    since = newest.effective_from if newest.name == "execute" else newest.effective_on
    return texts[newest.text_number], since or newest.effective_on


def text_states(dossier: Dossier) -> dict[int, TextState]:
    """What became of each text: drafted, executed, proposed, adopted or rejected."""
    states: dict[int, TextState] = {text.number: "drafted" for text in dossier.texts}
    for step in dossier.transitions:
        if step.text_number is not None:
            states[step.text_number] = BECAME[step.name]
    return states


def open_amendments(dossier: Dossier) -> list[int]:
    """Texts that are proposed and neither adopted nor rejected."""
    return [number for number, state in text_states(dossier).items() if state == "proposed"]


def on_probation(dossier: Dossier, day: date) -> bool:
    """True if probation was the last word on `day`."""
    steps = [s for s in dossier.transitions if s.name.endswith("-probation") and s.effective_on <= day]
    newest = max(steps, key=lambda step: (step.effective_on, step.number), default=None)
    return newest is not None and newest.name == "place-on-probation"


def notices_due(dossier: Dossier, day: date = date.max) -> Iterator[tuple[Notice, Due]]:
    """The notices that the instrument asks for, counted from what has happened; of an end, from `day` on."""
    for notice in dossier.instrument.notices:
        start = _reason(dossier, notice, day)
        if start is not None:
            yield notice, due(notice, start, dossier.business)


def _reason(dossier: Dossier, notice: Notice, day: date) -> date | None:
    if notice.after == "end":
        ended = ended_on(dossier)
        return ended if ended is not None and ended <= day else None
    step = dossier.latest(notice.after)
    return step.effective_on if step else None


def ended_on(dossier: Dossier) -> date | None:
    """The first day on which it is no longer in force, once that is known."""
    pieces = dossier.statuses()
    in_force = [piece for piece in pieces if piece.value in IN_FORCE]
    return in_force[-1].end if in_force else None


def reviews_due(dossier: Dossier, day: date) -> list[ReviewDue]:
    """The reviews through the end of the term, or for some years after `day`; an amendment does not move them."""
    held = terms(dossier, day)
    until = held.term_to or years_after(day, REVIEW_HORIZON_YEARS)
    found: list[ReviewDue] = []
    for rule in dossier.instrument.reviews:
        step = dossier.latest(rule.after)
        start = held.effective_from if rule.after == "effect" else step.effective_on if step else None
        if start is not None and held.executed_on is not None:
            found += reviews(rule, dossier.instrument.effect, start, until)
    return found


def possible_moves(dossier: Dossier, day: date) -> Sequence[str]:
    """The transitions that the status on `day` allows."""
    piece = status_on(dossier.own_statuses(), day)
    status = piece.value if piece else "draft"
    return [name for name, move in MOVES.items() if status in move.sources]
