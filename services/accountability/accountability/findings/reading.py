"""Findings as one query: each source is read once for all the rules that look at it."""

from collections.abc import Collection, Sequence
from typing import Any

from kit.auth import Caller
from kit.errors import Conflict, FieldError
from sqlalchemy import Integer, Select, Subquery, Text, Uuid, case, cast, exists, func, literal, or_, select, union_all
from sqlalchemy.dialects.postgresql import array
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.sql import column

from accountability.directory import School
from accountability.findings.rules import RULES, Rule
from accountability.findings.schemas import Finding, FindingsSummary, RuleFindings
from accountability.findings.scope import Scope
from accountability.findings.sources import source
from accountability.visibility import holds_records_of

NOBODY = "00000000-0000-0000-0000-000000000000"
SHOWN = 100
ERRORS = [rule for rule in RULES if rule.severity == "error"]


class FindingsBlockRun(Conflict):
    """There are errors in the measures"""

    type = "findings-block-run"


def findings(scope: Scope, rules: Collection[Rule] = RULES) -> Subquery:
    """What `rules` find: rule (its place in RULES), school_id, student_group, indicator, found."""
    names = dict.fromkeys(rule.source for rule in rules)
    parts = [_found(source(name, scope), [rule for rule in rules if rule.source == name]) for name in names]
    return union_all(*parts).subquery("findings")


def _found(rows: Subquery, rules: Sequence[Rule]) -> Select[*tuple[Any, ...]]:
    """One pass over `rows`: a row for each rule that holds."""
    places = {RULES.index(rule): rule for rule in rules}
    held = array([case((rule.holds, literal(place, Integer))) for place, rule in places.items()])
    hit = func.unnest(func.array_remove(held, None), type_=Integer).label("rule")
    hits = select(rows, hit).where(or_(*(rule.holds for rule in rules))).subquery("hits")
    found = case(*((column("rule") == place, rule.found) for place, rule in places.items()), else_=literal(""))
    return select(
        hits.c.rule,
        func.coalesce(hits.c.school_id, cast(literal(NOBODY), Uuid)).label("school_id"),
        cast(hits.c.student_group, Text).label("student_group"),
        cast(hits.c.indicator, Text).label("indicator"),
        found.label("found"),
    )


async def shown_to(session: AsyncSession, caller: Caller, rows: Subquery) -> Select[*tuple[Any, ...]]:
    """The findings that a caller may read, of few students as they may be: of the schools whose records it holds, and
    of what is no school."""
    held = await holds_records_of(session, caller, rows.c.school_id, func.current_date())
    return select(rows).where(or_(held, ~exists().where(School.id == rows.c.school_id)))


async def summary(session: AsyncSession, scope: Scope, framework: str | None, version: str | None) -> FindingsSummary:
    """How much each rule finds."""
    counts = await _counts(session, scope, RULES)
    rules = [
        RuleFindings(
            rule=rule.id,
            severity=rule.severity,
            wording=rule.wording,
            mend=rule.mend,
            count=counts.get(rule.id, 0),
        )
        for rule in RULES
    ]
    blocks = any(rule.count for rule in rules if rule.severity == "error")
    return FindingsSummary(
        school_year=scope.school_year, framework=framework, version=version, blocks_run=blocks, rules=rules
    )


async def require_no_errors(
    session: AsyncSession, caller: Caller, scope: Scope, override: str | None
) -> dict[str, int]:
    """How many errors of each rule a run goes on in spite of, because of `override`.

    Raises FindingsBlockRun, with the first errors that the caller may read, if there are any and nobody said why.
    """
    counts = await _counts(session, scope, ERRORS)
    if counts and override is None:
        rows = findings(scope, ERRORS)
        first = await session.execute((await shown_to(session, caller, rows)).order_by(*rows.c).limit(SHOWN))
        raise FindingsBlockRun(
            f"{sum(counts.values())} errors in the measures: correct them, or say in `overrideFindings` why to go on.",
            errors=[_field_error(shape(row)) for row in first],
            counts=counts,
        )
    return counts


async def _counts(session: AsyncSession, scope: Scope, rules: Collection[Rule]) -> dict[str, int]:
    rows = findings(scope, rules)
    counted = await session.execute(select(rows.c.rule, func.count()).group_by(rows.c.rule))
    return {RULES[place].id: count for place, count in sorted(counted.all())}


def shape(row: Any) -> Finding:
    """A row of `findings`, as shown."""
    rule = RULES[row.rule]
    return Finding(
        rule=rule.id,
        severity=rule.severity,
        school_id=None if str(row.school_id) == NOBODY else row.school_id,
        student_group=row.student_group,
        indicator=row.indicator or None,
        found=row.found,
        wording=rule.wording,
        mend=rule.mend,
    )


def _field_error(finding: Finding) -> FieldError:
    place = "/".join(str(part) for part in (finding.school_id, finding.student_group, finding.indicator) if part)
    return FieldError(f"measures/{place}", finding.rule, f"{finding.wording} {finding.mend}", value=finding.found)
