"""What a comparison reads, as frames: standings of the district's schools, published figures, covariates, breaks."""

import hashlib
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import pairwise
from typing import Any

import polars as pl
from contracts.registry import SchoolChanged
from sqlalchemy import func, select
from sqlalchemy.ext.asyncio import AsyncSession

from accountability.breaks.actions import breaks_of
from accountability.comparisons.matching import PRIOR, covariate_names
from accountability.comparisons.schemas import Break, NewComparison
from accountability.comparisons.series import FIGURES
from accountability.comparisons.standings import standings
from accountability.directory import School
from accountability.ratings.figures import Figure, Source, published_figures


@dataclass(frozen=True)
class Inputs:
    """All that a comparison depends on besides what was asked."""

    standings: pl.DataFrame
    figures: pl.DataFrame
    covariates: pl.DataFrame
    breaks: Sequence[Break]

    def stored(self) -> dict[str, Any]:
        """As JSON keeps it."""
        frames = {name: getattr(self, name).to_dict(as_series=False) for name in ("standings", "figures", "covariates")}
        return {**frames, "breaks": [each.model_dump(mode="json", by_alias=True) for each in self.breaks]}


def digest(stored: Mapping[str, Any]) -> str:
    """The SHA-256 of what is stored, as canonical JSON."""
    return hashlib.sha256(json.dumps(stored, sort_keys=True, separators=(",", ":")).encode()).hexdigest()


async def read_inputs(session: AsyncSession, asked: NewComparison, known_at: datetime) -> Inputs:
    """Read what was published until `known_at`, of all schools that were ever the district's."""
    at_home = func.jsonb_build_object("organizationId", str(asked.district_id), "role", "accountable-lea")
    is_ours = School.said["assignments"].op("@>")(func.jsonb_build_array(at_home))
    rows = (await session.scalars(select(School).where(is_ours).order_by(School.id))).all()
    ids = [row.id for row in rows]
    source = Source(asked.framework, asked.of, asked.indicator, asked.student_group)
    figures = await published_figures(session, source, known_at, ids)
    names = covariate_names(asked.matching) if asked.matching is not None else {}
    read = {PRIOR: figures} | {
        name: await published_figures(session, Source(asked.framework, "indicator", name), known_at, ids)
        for name in names
        if name != PRIOR
    }
    schools = (SchoolChanged.read(row.said) for row in rows)
    return Inputs(
        standings=standings(schools, asked.district_id, asked.autonomous, asked.to_year),
        figures=_frame(figures, asked.of),
        covariates=_covariates(
            {name: _frame(read[name], "indicator" if name != PRIOR else asked.of) for name in names}
        ),
        breaks=[
            *_breaks(
                asked,
                [
                    (each.from_year, f"{each.reason} ({each.citation})")
                    for each in await breaks_of(session, source, known_at)
                ],
                figures,
            )
        ],
    )


def _frame(figures: Sequence[Figure], of: str) -> pl.DataFrame:
    """Figures as columns: only those that everybody may see have a value."""
    rows = [
        {
            "school_id": str(figure.school_id),
            "year": figure.year,
            "value": value,
            "n": figure.n if reason is None else None,
            "reason": reason,
        }
        for figure in figures
        for value, reason in [_said(figure, of)]
    ]
    return pl.DataFrame(rows, schema=FIGURES).sort("school_id", "year")


def _said(figure: Figure, of: str) -> tuple[float | None, str | None]:
    """A figure's value, or why there is none."""
    if not figure.is_rated and (of == "score" or figure.value is None):
        return None, figure.reason_code or "not-rated"
    if not figure.is_public:
        return None, "suppressed"
    return (figure.value, None) if figure.value is not None else (None, "no-figure")


def _covariates(frames: Mapping[str, pl.DataFrame]) -> pl.DataFrame:
    """A row for each school and year, with a column for each covariate."""
    joined = pl.DataFrame(schema={"school_id": pl.String, "year": pl.Int64})
    for name, frame in frames.items():
        column = frame.select("school_id", "year", pl.col("value").alias(name))
        joined = joined.join(column, on=["school_id", "year"], how="full", coalesce=True)
    return joined.sort("school_id", "year")


def _breaks(asked: NewComparison, declared: Sequence[tuple[int, str]], figures: Sequence[Figure]) -> list[Break]:
    """The breaks in the years that are asked for: those declared, and for scores every new version of the framework."""
    found: dict[int, list[str]] = {}
    for year, because in [*declared, *(_new_versions(figures) if asked.of == "score" else [])]:
        if asked.from_year < year <= asked.to_year:
            found.setdefault(year, []).append(because)
    return [
        Break(segment=place, from_year=year, because=found[year]) for place, year in enumerate(sorted(found), start=2)
    ]


def _new_versions(figures: Sequence[Figure]) -> list[tuple[int, str]]:
    versions: dict[int, set[str]] = {}
    for figure in figures:
        versions.setdefault(figure.year, set()).add(figure.framework_version)
    told = {year: " and ".join(sorted(some)) for year, some in sorted(versions.items())}
    return [
        (year, f"version {told[year]} took the place of {told[before]}")
        for before, year in pairwise(told)
        if told[before] != told[year]
    ]
