"""The life of an agreement as one table, and its status on every date as a consequence of recorded transitions."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Literal, Protocol

from kit.periods import Piece

from registry.instruments.document import Decision, Stage

Who = Literal["district", "state"]
TextState = Literal["drafted", "executed", "proposed", "adopted", "rejected"]
Need = Literal["reason", "ground", "text", "school", "successor", "term"]

BOUND = frozenset({"active", "renewal-review", "holdover"})
"""In force, and nobody has said that it shall end."""
ENDING = frozenset({"non-renewal-noticed", "wind-down"})
CONTESTED = frozenset({"revocation-noticed", "under-appeal", "termination-noticed"})
IN_FORCE = BOUND | ENDING | CONTESTED
PENDING = frozenset({"submitted", "locally-approved", "state-pending", "state-approved"})
EDITABLE = frozenset({"draft", "returned", "state-returned"})
LIVING = IN_FORCE | {"executed"}


@dataclass(frozen=True)
class Move:
    """A transition: from which statuses, to which (None: the status stays), who records it, what it needs.

    `decision` names the approvals that must be there: of all stages, or of those up to `through`.
    """

    name: str
    sources: frozenset[str]
    target: str | None
    who: frozenset[Who] = frozenset({"district"})
    decision: Decision | None = None
    through: Stage = "execution"
    needs: frozenset[Need] = frozenset()


def _move(
    name: str,
    sources: Iterable[str],
    target: str | None,
    *needs: Need,
    decision: Decision | None = None,
    through: Stage = "execution",
    state: bool = False,
) -> Move:
    who: frozenset[Who] = frozenset({"district", "state"}) if state else frozenset({"district"})
    return Move(name, frozenset(sources), target, who, decision, through, frozenset(needs))


MOVES: dict[str, Move] = {
    move.name: move
    for move in (
        # Becoming: each step asks for the approvals up to its stage, executing for all of them.
        _move("submit", EDITABLE, "submitted", decision="establish", through="consent"),
        _move("return", {"submitted"}, "returned", "reason"),
        _move("approve-locally", {"submitted"}, "locally-approved", decision="establish", through="local"),
        _move("deny-locally", {"submitted"}, "locally-denied", "reason"),
        _move("send-to-state", {"locally-approved"}, "state-pending", decision="establish", through="local"),
        _move("return-by-state", {"state-pending"}, "state-returned", "reason", state=True),
        _move(
            "approve-by-state", {"state-pending"}, "state-approved", decision="establish", through="state", state=True
        ),
        _move("deny-by-state", {"state-pending"}, "state-denied", "reason", state=True),
        _move("withdraw", EDITABLE | PENDING, "withdrawn", "reason"),
        _move("execute", {"locally-approved", "state-approved"}, "executed", "term", decision="establish"),
        # From `executed` to `active` it goes by date alone.
        # Changing: the old text and the other schools go on.
        _move("propose-amendment", LIVING, None, "text"),
        _move("adopt-amendment", LIVING, None, "text", decision="amend"),
        _move("reject-amendment", LIVING, None, "text", "reason"),
        _move("join-school", LIVING, None, "school", decision="join"),
        _move("exit-school", LIVING, None, "school", "reason", decision="exit"),
        _move("place-on-probation", IN_FORCE, None, "reason"),
        _move("lift-probation", IN_FORCE, None, "reason"),
        # Going on.
        _move("open-review", {"active", "holdover"}, "renewal-review"),
        _move("renew", BOUND | {"lapsed"}, "active", "term", decision="renew"),
        # Ending.
        _move("notice-non-renewal", BOUND, "non-renewal-noticed", "reason"),
        _move("begin-wind-down", {"non-renewal-noticed"}, "wind-down"),
        _move("rescind-notice", ENDING | {"termination-noticed"}, "active", "reason"),
        _move("notice-revocation", BOUND, "revocation-noticed", "reason", "ground"),
        _move("appeal", {"revocation-noticed"}, "under-appeal", "reason"),
        _move("reinstate", {"revocation-noticed", "under-appeal"}, "active", "reason"),
        _move("revoke", {"revocation-noticed", "under-appeal"}, "revoked", decision="revoke"),
        _move("notice-termination", BOUND | ENDING, "termination-noticed", "reason", "ground"),
        _move("terminate", {"termination-noticed"}, "terminated", decision="terminate"),
        _move("supersede", LIVING | {"lapsed"}, "superseded", "successor"),
    )
}


class Taken(Protocol):
    """A transition that was taken, as far as status depends on it."""

    @property
    def number(self) -> int: ...
    @property
    def name(self) -> str: ...
    @property
    def effective_on(self) -> date: ...
    @property
    def effective_from(self) -> date | None: ...
    @property
    def term_to(self) -> date | None: ...


class OutOfOrder(Exception):
    """A transition is not possible from the status on its day."""

    def __init__(self, step: Taken, status: str) -> None:
        super().__init__(f"{step.name} from {status}")
        self.step, self.status = step, status


def timeline(steps: Iterable[Taken], when_term_passes: Literal["holdover", "lapse"]) -> list[Piece[str]]:
    """The statuses that follow from transitions and from dates alone, in order; before the first it is a draft.

    Raises OutOfOrder at the first transition that the table does not allow on its day.
    """
    course = _Course("holdover" if when_term_passes == "holdover" else "lapsed")
    for step in sorted(steps, key=lambda step: (step.effective_on, step.number)):
        course.run_to(step.effective_on)
        course.take(step)
    course.run_to(date.max)
    return course.pieces()


def status_on(pieces: Sequence[Piece[str]], day: date) -> Piece[str] | None:
    """The status that holds on `day`; None while there is nothing but a draft."""
    return next((p for p in pieces if p.start <= day and (p.end is None or day < p.end)), None)


class _Course:
    """A walk through an agreement's life, in the order of dates."""

    def __init__(self, unended: str) -> None:
        self._unended = unended
        self._starts: list[tuple[date, str]] = []
        self._effective_from: date | None = None
        self._term_to: date | None = None

    @property
    def _status(self) -> str:
        return self._starts[-1][1] if self._starts else "draft"

    def take(self, step: Taken) -> None:
        move = MOVES[step.name]
        if self._status not in move.sources:
            raise OutOfOrder(step, self._status)
        if "term" in move.needs:
            self._effective_from = step.effective_from or self._effective_from
            self._term_to = step.term_to
        if move.target is not None:
            self._begin(move.target, step.effective_on)
            self.run_to(step.effective_on)

    def run_to(self, day: date) -> None:
        """Let happen what dates alone bring, through `day`."""
        while (turn := self._turn()) is not None and turn[0] <= day:
            self._begin(turn[1], turn[0])

    def _turn(self) -> tuple[date, str] | None:
        if self._status == "executed" and self._effective_from is not None:
            # Also backwards: parties may agree that it held from an earlier day.
            return self._effective_from, "active"
        after = self._after_term()
        if self._term_to is None or after is None:
            return None
        return max(self._term_to, self._starts[-1][0]), after

    def _after_term(self) -> str | None:
        if self._status in ENDING:
            return "expired"
        # A dispute goes on after the term, unless the rights themselves have lapsed.
        unended = BOUND - {"holdover"} if self._unended == "holdover" else BOUND | CONTESTED
        return self._unended if self._status in unended else None

    def _begin(self, status: str, day: date) -> None:
        while self._starts and self._starts[-1][0] >= day:
            self._starts.pop()
        if self._status != status:
            self._starts.append((day, status))

    def pieces(self) -> list[Piece[str]]:
        ends = [*(start for start, _ in self._starts[1:]), None]
        return [Piece(start, end, status) for (start, status), end in zip(self._starts, ends, strict=False)]
