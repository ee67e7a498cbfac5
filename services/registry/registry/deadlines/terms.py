"""What the end of a term asks for: a case opened in time, a notice while one may, a decision before it passes. Pure."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import date

from registry.agreements.dossier import Dossier
from registry.agreements.tables import AgreementTransition
from registry.calendars.arithmetic import ONE_DAY, due_on
from registry.deadlines.owed import Done, Kind, Owed, Rule, Start
from registry.instruments.dates import months_after
from registry.instruments.document import DISTRICT, RenewalCase

GOES_ON = ("renew",)
SAYS_NO = ("notice-non-renewal", "notice-termination", "notice-revocation")
ENDS = ("revoke", "terminate", "supersede")
WAITS = ("open-review",)
TAKES_BACK = ("rescind-notice", "reinstate")


@dataclass(frozen=True)
class _TermOf:
    """A term: by which transition it was agreed, its end, and what happened before the next one was agreed."""

    agreed: AgreementTransition
    term_to: date
    notice_by: date | None
    later: Sequence[AgreementTransition]

    def first(self, *names: str) -> Done | None:
        found = next((step for step in self.later if step.name in names), None)
        return Done(found.effective_on, f"{found.name}: {found.evidence}") if found else None


def terms_owed(dossier: Dossier, until: date) -> Iterator[Owed]:
    """The deadlines of every term that was agreed, through `until`."""
    case = dossier.instrument.renewal_case
    for term in _terms(dossier):
        owed = [_decision(dossier, term)]
        if term.notice_by is not None:
            owed.insert(0, _notice(dossier, term, term.notice_by))
        if case is not None:
            owed.insert(0, _case(dossier, term, case))
        yield from (each for each in owed if each.due.on <= until)


def _terms(dossier: Dossier) -> Iterator[_TermOf]:
    agreed = [step for step in dossier.transitions if step.name in ("execute", *GOES_ON)]
    notice_by = dossier.agreement.notice_by
    for step, following in zip(agreed, [*agreed[1:], None], strict=False):
        if step.term_to is not None:
            # Only one day for a notice is agreed; it belongs to the term in which it lies.
            inside = notice_by is not None and step.effective_on <= notice_by < step.term_to
            later = _decided(dossier, step.number, following.number if following else None)
            yield _TermOf(step, step.term_to, notice_by if inside else None, later)


def _decided(dossier: Dossier, after: int, through: int | None) -> list[AgreementTransition]:
    """The transitions after one, through another; a notice that was taken back decided nothing."""
    later = [s for s in dossier.transitions if after < s.number and (through is None or s.number <= through)]
    taken_back = max((step.number for step in later if step.name in TAKES_BACK), default=0)
    return [step for step in later if step.number > taken_back or step.name not in SAYS_NO]


def _decision(dossier: Dossier, term: _TermOf) -> Owed:
    rule = dossier.instrument.term
    says = Rule(f"if nobody decides: {rule.when_it_passes}", rule.citation, rule.uncertain)
    owed = _owed(dossier, term, "term-end", "Decision before the term ends", says, term.term_to - ONE_DAY)
    return replace(owed, done=term.first(*GOES_ON, *SAYS_NO, *ENDS))


def _notice(dossier: Dossier, term: _TermOf, notice_by: date) -> Owed:
    says = Rule("the day that the agreement names", "The agreement itself")
    owed = _owed(dossier, term, "non-renewal-notice", "Last day for a notice of non-renewal", says, notice_by)
    return replace(owed, done=term.first(*GOES_ON, *SAYS_NO, *ENDS), is_a_right=True)


def _case(dossier: Dossier, term: _TermOf, rule: RenewalCase) -> Owed:
    before = "the last day for a notice" if term.notice_by else "the end of the term"
    says = Rule(f"{rule.months_before} months before {before}", rule.citation, rule.uncertain)
    day = months_after(term.notice_by or term.term_to, -rule.months_before)
    owed = _owed(dossier, term, "renewal-case", "Renewal case opens", says, day)
    return replace(owed, done=term.first(*WAITS, *GOES_ON, *SAYS_NO, *ENDS))


def _owed(dossier: Dossier, term: _TermOf, kind: Kind, title: str, rule: Rule, day: date) -> Owed:
    return Owed(
        key=f"{kind}/{term.term_to}",
        kind=kind,
        title=title,
        role=DISTRICT,
        to=None,
        rule=rule,
        start=Start("term", term.agreed.effective_on),
        due=due_on(day, "none", dossier.business),
    )
