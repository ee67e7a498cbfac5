"""What comes again and again while an agreement is in force: yearly duties, reviews. Pure."""

from collections.abc import Iterator
from datetime import date

from contracts.vocabulary import Period

from registry.agreements.dossier import Dossier
from registry.agreements.lifecycle import IN_FORCE
from registry.agreements.standing import ended_on, reviews_due
from registry.calendars.arithmetic import ONE_DAY, due_on
from registry.deadlines.owed import Owed, Rule, Start, years_of
from registry.instruments.dates import ReviewDue, school_year_start
from registry.instruments.document import DISTRICT, Duty, Effect, Review


def duties_owed(dossier: Dossier, until: date) -> Iterator[Owed]:
    """The yearly duties through `until`, for each school year in which the agreement was in force."""
    spans = [Period(valid_from=p.start, valid_to=p.end) for p in dossier.statuses() if p.value in IN_FORCE]
    if not spans:
        return
    for duty in dossier.instrument.duties:
        for year in years_of(spans[0].valid_from, until):
            owed = _duty(dossier, duty, _day(duty.due, year))
            about = Period(valid_from=owed.start.on, valid_to=_next_year(dossier.instrument.effect, owed.start.on))
            if owed.due.on <= until and any(_meet(span, about, owed.due.counted, duty) for span in spans):
                yield owed


def _duty(dossier: Dossier, duty: Duty, day: date) -> Owed:
    ending = _ending_year(dossier.instrument.effect, day) - (duty.about == "ended-school-year")
    about = f"the school year {ending - 1}-{ending % 100:02}"
    return Owed(
        key=f"duty/{duty.id}/{ending}",
        kind="duty",
        title=f"{duty.title}, {about}",
        role=duty.by,
        to=duty.to,
        rule=Rule(f"every year by {day:%-d %B}, about {about}", duty.citation, duty.uncertain),
        start=Start("school-year", school_year_start(dossier.instrument.effect, date(ending - 1, 1, 1))),
        due=due_on(day, duty.roll, dossier.business),
        school_year=ending,
    )


def _meet(span: Period, about: Period, day: date, duty: Duty) -> bool:
    """True if the agreement was in force in the year that ended, or is on the day itself in the year that runs."""
    if duty.about == "running-school-year":
        return span.covers(day)
    begins_before_its_end = about.valid_to is None or span.valid_from < about.valid_to
    return begins_before_its_end and (span.valid_to is None or about.valid_from < span.valid_to)


def reviews_owed(dossier: Dossier, day: date, until: date) -> Iterator[Owed]:
    """The reviews through `until`, as long as the agreement holds; one of a school year is due by the year's end."""
    ended = ended_on(dossier)
    for found in reviews_due(dossier, day):
        owed = _review(dossier, found)
        if owed.due.on <= until and (ended is None or owed.due.on < ended):
            yield owed


def _review(dossier: Dossier, found: ReviewDue) -> Owed:
    rule, effect = found.rule, dossier.instrument.effect
    last_day = found.on or school_year_start(effect, date(found.school_year or 0, 1, 1)) - ONE_DAY
    counted = "years after" if rule.kind == "anniversary" else "school years from"
    return Owed(
        key=f"review/{dossier.instrument.reviews.index(rule)}/{found.on or found.school_year}",
        kind="review",
        title="Review of results",
        role=DISTRICT,
        to=None,
        rule=Rule(f"{rule.first}, then every {rule.every} {counted} `{rule.after}`", rule.citation, rule.uncertain),
        start=Start(rule.after, _begun(dossier, rule)),
        due=due_on(last_day, "none", dossier.business),
        school_year=found.school_year,
    )


def _begun(dossier: Dossier, rule: Review) -> date:
    name = "execute" if rule.after == "effect" else rule.after
    *_, last = (step for step in dossier.transitions if step.name == name)
    return (last.effective_from if rule.after == "effect" else None) or last.effective_on


def _day(month_day: str, year: int) -> date:
    month, day = map(int, month_day.split("-"))
    return date(year, month, day)


def _next_year(effect: Effect, start: date) -> date:
    return school_year_start(effect, start + ONE_DAY)


def _ending_year(effect: Effect, day: date) -> int:
    """The ending year of the school year that runs on `day`."""
    return school_year_start(effect, day + ONE_DAY).year
