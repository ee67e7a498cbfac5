"""Versions of frameworks as shown, and as the event tells of them."""

from typing import Any
from uuid import UUID, uuid5

from contracts.accountability import DisplayLabel, FrameworkChanged, FrameworkYearStatus

from accountability.frameworks.lifecycle import status_of
from accountability.frameworks.schemas import FrameworkSummary, FrameworkView, StepView, YearStatus
from accountability.frameworks.tables import FrameworkStep, FrameworkYear, RegisteredFramework

NAMESPACE = UUID("0c7b9a2e-5d0f-5b57-9b0b-6a6b1e0f6f4d")
"""Events need a UUID: that of a version follows from its name, so that it is the same everywhere."""


def summary(row: Any) -> FrameworkSummary:
    """A row of `standing.versions`, without the document."""
    return FrameworkSummary(**view(row).model_dump(exclude={"document"}))


def view(row: Any) -> FrameworkView:
    """A row of `standing.versions`."""
    known: RegisteredFramework = row.RegisteredFramework
    years = [YearStatus.model_validate(year) for year in row.years or []]
    return FrameworkView(
        id=known.id,
        version=known.version,
        title=known.document["title"],
        owner=known.document["owner"],
        owner_id=known.owner_id,
        status=status_of({year.school_year: year.status for year in years}),
        school_years=known.document["school_years"],
        years=years,
        sha256=known.sha256,
        revision=known.revision,
        display_labels=known.display_labels,
        registered_at=known.registered_at,
        document=known.document,
    )


def event(row: RegisteredFramework, years: list[FrameworkYear]) -> FrameworkChanged:
    """What consumers hear of a version that is no draft any more."""
    return FrameworkChanged(
        id=uuid5(NAMESPACE, f"{row.id}/{row.version}"),
        version=row.revision,
        framework=row.id,
        framework_version=row.version,
        title=row.document["title"],
        owner=row.document["owner"],
        owner_id=row.owner_id,
        sha256=row.sha256,
        years=[FrameworkYearStatus.model_validate(year, from_attributes=True) for year in years],
        display_labels=[DisplayLabel(label=label, called=called) for label, called in row.display_labels.items()],
    )


def step(row: FrameworkStep) -> StepView:
    """A step as shown."""
    return StepView.model_validate(row, from_attributes=True)
