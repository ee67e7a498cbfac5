"""Roll-ups as they are read: newest, a version, or as known at a time; in full, or what everybody may see."""

from collections.abc import Collection, Iterator, Mapping, Sequence
from datetime import datetime
from typing import Any

from kit.errors import NotFound
from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from accountability.rollups.disclosure import OFFICIAL
from accountability.rollups.figures import RATING, PartFigure
from accountability.rollups.gathering import MEASURED
from accountability.rollups.reconciling import Official, Reconciliation
from accountability.rollups.schemas import Figure, RollupSummary, RollupView, VersionSummary
from accountability.rollups.tables import Rollup, RollupVersion

HIDDEN: Mapping[str, None] = dict.fromkeys(
    ("students", "numerator", "denominator", "by_counts", "by_students", "simple")
)
COLUMNS = (
    "figure",
    "part",
    "schools",
    "students",
    "numerator",
    "denominator",
    "byCounts",
    "byStudents",
    "simple",
    "suppressed",
    "coded",
    "official",
    "difference",
)


async def version_of(
    session: AsyncSession, rollup: Rollup, number: int | None, known_at: datetime | None
) -> RollupVersion:
    """The version that is asked for. Raises NotFound."""
    query = select(RollupVersion).where(RollupVersion.rollup_id == rollup.id)
    if number is not None:
        query = query.where(RollupVersion.version == number)
    if known_at is not None:
        query = query.where(RollupVersion.computed_at <= known_at)
    version = await session.scalar(query.order_by(RollupVersion.version.desc()).limit(1))
    if version is None:
        raise NotFound("There is no such version of the roll-up, or there was none yet.")
    return version


def summary(rollup: Rollup) -> RollupSummary:
    """A roll-up without its figures."""
    said = {name: getattr(rollup, name) for name in RollupSummary.model_fields.keys() - {"framework"}}
    return RollupSummary(framework=rollup.framework_id, **said)


def version_summary(version: RollupVersion) -> VersionSummary:
    """When and why a version was computed."""
    return VersionSummary.model_validate({name: getattr(version, name) for name in VersionSummary.model_fields})


def shape(rollup: Rollup, version: RollupVersion, *, in_full: bool) -> RollupView:
    """A version as shown: in full, or without what everybody must not see."""
    said = summary(rollup).model_dump() | version_summary(version).model_dump()
    return RollupView(
        **said,
        superseded=version.version < rollup.version,
        minimum_n=version.minimum_n,
        in_full=in_full,
        standings=version.standings,
        figures=[_figure(stored) if in_full else _for_everybody(stored) for stored in version.figures],
    )


def _figure(stored: dict[str, Any]) -> Figure:
    wanted = {field.alias or name for name, field in Figure.model_fields.items()}
    return Figure.model_validate({name: value for name, value in stored.items() if name in wanted})


def _for_everybody(stored: dict[str, Any]) -> Figure:
    """What the figure's version showed, and shows for ever. What single schools explain tells of single schools."""
    figure, shown, coded = _figure(stored), set(stored["shown"]), stored.get("coded", {})
    parts = {
        part: of if part in shown or not of.schools else _hidden(of, figure.figure, coded.get(part))
        for part, of in figure.parts.items()
    }
    # The mean of schools alike may give away what the mean of students does not.
    parts |= {part: parts[part].model_copy(update={"simple": None}) for part in stored.get("withheld", [])}
    beside = figure.reconciliation
    if beside is not None:
        beside = _beside(beside, shown)
    return figure.model_copy(update={"parts": parts, "reconciliation": beside})


def _hidden(of: PartFigure, figure: str, coded: str | None) -> PartFigure:
    """Scores of ratings are public: of them, only what tells of students is hidden."""
    names = ("students", "by_students") if figure == RATING else HIDDEN
    return of.model_copy(update={**dict.fromkeys(names), "suppressed": True, "coded": coded})


def _beside(beside: Reconciliation, shown: Collection[str]) -> Reconciliation | None:
    """What a state said is public; what the district was measured at, only where it is shown."""
    if beside.official.source == MEASURED and OFFICIAL not in shown:
        return None
    official = Official(value=beside.official.value, source=beside.official.source)
    ours, apart = (beside.ours, beside.difference) if "combined" in shown else (None, None)
    return Reconciliation(official=official, ours=ours, difference=apart, items=[], unexplained=None, what_if=[])


def csv_rows(view: RollupView) -> Iterator[Sequence[object]]:
    """A line for each part of each figure, in the order of COLUMNS."""
    for figure in view.figures:
        beside = figure.reconciliation
        for part, of in figure.parts.items():
            told = beside if part == "combined" else None
            numbers = (of.schools, of.students, of.numerator, of.denominator, of.by_counts, of.by_students, of.simple)
            state = (told.official.value, told.difference) if told else (None, None)
            yield (figure.figure, part, *numbers, of.suppressed, of.coded, *state)
