"""Which requests a list shows: the filters of a dispatcher's board."""

from dataclasses import dataclass
from typing import Annotated, Any, TypeVar
from uuid import UUID

from contracts.shared_services import RequestPriority, RequestStatus, ServiceCategory
from fastapi import Depends, Query
from kit.text import Name
from pydantic import AwareDatetime
from sqlalchemy import ColumnElement, Select
from sqlalchemy.orm import InstrumentedAttribute

from shared_services.catalog.tables import Offering
from shared_services.requests.lifecycle import OPEN
from shared_services.requests.tables import ServiceRequest

S = TypeVar("S", bound=Select[*tuple[Any, ...]])


@dataclass(frozen=True)
class _Filter:
    conditions: list[ColumnElement[bool]]
    by_due_time: bool

    def of(self, query: S) -> S:
        """The requests of `query` that the filter lets through."""
        return query.where(*self.conditions)

    @property
    def keys(self) -> list[InstrumentedAttribute[Any]]:
        """What the list is ordered by: what is due first, or else what came in first."""
        return [ServiceRequest.due_at, ServiceRequest.id] if self.by_due_time else [ServiceRequest.id]


async def _filter(
    status: RequestStatus | None = None,
    category: ServiceCategory | None = None,
    school_id: Annotated[UUID | None, Query(alias="schoolId")] = None,
    is_open: Annotated[bool | None, Query(alias="open", description="True: something is still to be done.")] = None,
    priority: RequestPriority | None = None,
    crew: Name | None = None,
    parent_id: Annotated[UUID | None, Query(alias="parentId")] = None,
    series_id: Annotated[UUID | None, Query(alias="seriesId")] = None,
    due_before: Annotated[
        AwareDatetime | None, Query(alias="dueBefore", description="What is late by then, the first due first.")
    ] = None,
) -> _Filter:
    equal = {
        ServiceRequest.status: status,
        Offering.category: category,
        ServiceRequest.school_id: school_id,
        ServiceRequest.priority: priority,
        ServiceRequest.crew: crew,
        ServiceRequest.parent_id: parent_id,
        ServiceRequest.series_id: series_id,
    }
    conditions: list[ColumnElement[bool]] = [column == value for column, value in equal.items() if value is not None]
    if is_open is not None:
        in_work = ServiceRequest.status.in_(OPEN)
        conditions.append(in_work if is_open else ~in_work)
    if due_before is not None:
        conditions.append(ServiceRequest.due_at < due_before)
    return _Filter(conditions, due_before is not None)


Filter = Annotated[_Filter, Depends(_filter)]
"""The filters of `GET /v1/requests`."""
