"""What the rules look at, as queries over the stored measures: nothing leaves the database but what is found."""

from typing import Any

from sqlalchemy import (
    ARRAY,
    CTE,
    ColumnElement,
    Double,
    Integer,
    SmallInteger,
    Subquery,
    Text,
    Uuid,
    and_,
    any_,
    cast,
    column,
    exists,
    func,
    literal,
    null,
    or_,
    select,
    true,
    union_all,
    values,
)
from sqlalchemy.dialects.postgresql import JSONPATH
from sqlalchemy.orm import aliased

from accountability.directory import School
from accountability.findings.rules import Source
from accountability.findings.scope import Requirement, Scope
from accountability.measures.tables import Measure

OPEN = ("active", "added", "changed", "new", "reopened")
"""The operational statuses (NCES SY_STATUS) in which a school teaches."""


def source(name: Source, scope: Scope) -> Subquery:
    """The rows of a source: school_id, student_group, indicator, and what its rules ask of."""
    rows: Subquery = SOURCES[name](scope).subquery(name.replace("-", "_"))
    return rows


def _known(measure: Any, scope: Scope, school_year: int) -> ColumnElement[bool]:
    """The condition on measures of a year that were known with the scope's file, of its subjects."""
    subjects = None if scope.subjects is None else literal(list(scope.subjects), ARRAY(Uuid))
    of_subject = true() if subjects is None else measure.school_id == any_(subjects)
    if scope.input_version is None:
        return and_(measure.school_year == school_year, measure.superseded_in.is_(None), of_subject)
    later = or_(measure.superseded_in.is_(None), measure.superseded_in > scope.input_version)
    return and_(measure.school_year == school_year, measure.import_number <= scope.input_version, later, of_subject)


def _allowed(scope: Scope) -> Subquery:
    names = ("number", "code", "least", "most", "minimum_n")
    data = [tuple(getattr(one, name) for name in names) for one in scope.allowed]
    said = values(*(column(name, Text) for name in names), name="said").data(
        [tuple(None if part is None else str(part) for part in row) for row in data] or [(None,) * len(names)]
    )
    types = (SmallInteger, Text, Double, Double, Integer)
    typed: list[Any] = [cast(said.c[name], kind).label(name) for name, kind in zip(names, types, strict=True)]
    return select(*typed).subquery("allowed")


def _figures(scope: Scope, groups: bool = False) -> Any:
    """The measures of the scope's groups (with `groups`: of all), each with what its indicator allows."""
    allowed = _allowed(scope)
    query = (
        select(
            Measure.school_id,
            Measure.student_group,
            allowed.c.code.label("indicator"),
            allowed.c.number,
            allowed.c.least,
            allowed.c.most,
            allowed.c.minimum_n,
            Measure.value,
            Measure.n,
            Measure.participation,
            Measure.numerator,
            Measure.denominator,
        )
        .join(allowed, allowed.c.number == Measure.indicator)
        .where(_known(Measure, scope, scope.school_year))
    )
    if scope.groups is not None and not groups:
        query = query.where(Measure.student_group.in_(scope.groups))
    return query


def _beside_all(scope: Scope) -> Any:
    """The number of students of each group beside that of the school."""
    whole, group = aliased(Measure), _figures(scope, groups=True).subquery("of_group")
    same = and_(
        whole.school_id == group.c.school_id,
        whole.indicator == group.c.number,
        whole.student_group == "ALL",
        _known(whole, scope, scope.school_year),
    )
    return (
        select(group.c.school_id, group.c.student_group, group.c.indicator, group.c.n, whole.n.label("all_n"))
        .join(whole, same)
        .where(group.c.student_group != "ALL")
    )


def _dimensions(scope: Scope) -> Any:
    """The students of all groups of a kind (`kind:group`) beside those of the school."""
    beside = _beside_all(scope).subquery("beside")
    kind = func.concat(func.split_part(beside.c.student_group, ":", 1), ":")
    return (
        select(
            beside.c.school_id,
            kind.label("student_group"),
            beside.c.indicator,
            beside.c.all_n,
            func.sum(beside.c.n).label("sum_n"),
        )
        .where(beside.c.student_group.contains(":"))
        .group_by(beside.c.school_id, kind, beside.c.indicator, beside.c.all_n)
        .having(func.bool_and(beside.c.n.is_not(None)))
    )


def _last_year(scope: Scope) -> Any:
    """The school's figures beside those of the year before."""
    now, before = _figures(scope).subquery("now"), aliased(Measure)
    same = and_(
        before.school_id == now.c.school_id,
        before.indicator == now.c.number,
        before.student_group == "ALL",
        _known(before, scope, scope.school_year - 1),
    )
    return select(now, before.value.label("last_value")).join(before, same).where(now.c.student_group == "ALL")


def _schools(scope: Scope) -> Any:
    """The schools that are measured, and what the registry says of the year that the figures are of."""
    numbers = [one.number for one in scope.allowed]
    measured = (
        select(Measure.data_year)
        .where(
            Measure.school_id == School.id,
            Measure.indicator.in_(numbers),
            _known(Measure, scope, scope.school_year),
        )
        .limit(1)
        .lateral("measured")
    )
    span = func.jsonb_build_object(
        "from",
        func.concat(measured.c.data_year - 1, "-07-01"),
        "to",
        func.concat(measured.c.data_year, "-07-01"),
    )
    within = "@.validFrom < $to && (!exists(@.validTo) || @.validTo == null || @.validTo > $from)"
    is_open = " || ".join(f'@.operationalStatus == "{status}"' for status in OPEN)
    said = f"$.facts[*] ? ({within})", f"$.facts[*] ? ({within} && ({is_open}))"
    has_facts, has_open = (func.jsonb_path_exists(School.said, cast(literal(path), JSONPATH), span) for path in said)
    return select(
        School.id.label("school_id"),
        literal("ALL").label("student_group"),
        literal("").label("indicator"),
        has_facts.label("has_facts"),
        has_open.label("is_open"),
    ).join(measured, true())


def _lacking(scope: Scope) -> Any:
    """Who has no measure that the framework requires of it."""
    figures = _figures(scope).subquery("figures")
    subjects = select(figures.c.school_id, figures.c.student_group).distinct().cte("subjects")
    parts = [_without(scope, subjects, requirement) for requirement in scope.requirements]
    nobody = select(subjects, literal("").label("indicator"), null().label("needed")).where(~true())
    return union_all(*parts) if parts else nobody


def _without(scope: Scope, subjects: CTE, requirement: Requirement) -> Any:
    def has(number: int) -> Any:
        return exists().where(
            Measure.school_id == subjects.c.school_id,
            Measure.student_group == subjects.c.student_group,
            Measure.indicator == number,
            _known(Measure, scope, scope.school_year),
        )

    asked = [has(number).where(Measure.category.in_(among)) for number, among in requirement.where]
    code = literal(requirement.code, Text)
    return select(subjects, code.label("indicator"), code.label("needed")).where(~has(requirement.number), *asked)


def _unmeasured(scope: Scope) -> Any:
    """The indicators and attributes of which there is no measure at all."""
    allowed = _allowed(scope)
    any_measure = exists().where(Measure.indicator == allowed.c.number, _known(Measure, scope, scope.school_year))
    return select(
        cast(null(), Uuid).label("school_id"),
        literal("ALL").label("student_group"),
        allowed.c.code.label("indicator"),
        allowed.c.code.label("needed"),
    ).where(allowed.c.number.is_not(None), ~any_measure)


SOURCES: dict[Source, Any] = {
    "figures": _figures,
    "beside-all": _beside_all,
    "dimensions": _dimensions,
    "last-year": _last_year,
    "schools": _schools,
    "lacking": _lacking,
    "unmeasured": _unmeasured,
}
