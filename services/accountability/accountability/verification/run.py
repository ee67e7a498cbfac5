"""Verify a data set through the real path: files loaded, framework registered, run staged, results read back."""

from collections.abc import Mapping
from datetime import date
from pathlib import Path
from typing import Any
from uuid import UUID, uuid5

import httpx2
from contracts.event import Envelope
from contracts.registry import SchoolChanged, SchoolFacts
from contracts.vocabulary import Alias
from fastapi import FastAPI
from kit.clock import utc_now
from kit.db import Database
from sqlalchemy import select

from accountability import directory
from accountability.runs.tables import Outcome, Run
from accountability.verification.comparing import compare
from accountability.verification.comparison import Report
from accountability.verification.dataset import Dataset, framework_of, read_dataset

NAMESPACE = UUID("6f1c1d52-3a63-4f0e-9a5e-8b1f8f1f6c11")


async def verify(app: FastAPI, client: httpx2.AsyncClient, library: Path, name: str, folder: Path | None) -> Report:
    """Rate the data set with `app` (whose database is empty) through `client`, and compare with what was published.

    Raises Invalid if the data set cannot be read, and RuntimeError with the problem if a call is refused.
    """
    dataset = read_dataset(library, name, folder)
    framework, document = framework_of(library, dataset)
    database: Database = app.state.database
    description, measures = dataset.description, dataset.loading(framework)
    await _introduce_schools(database, dataset)
    await _call(client, "POST", "/v1/frameworks", json=document)
    await _call(
        client,
        "POST",
        "/v1/measures/imports",
        content=measures.csv(),
        headers={"content-type": "text/csv"},
        params={
            "schoolYear": description.school_year,
            "dataYear": description.school_year - framework.data_year_lag,
            "aliasSystem": description.alias_system,
            "source": f"{name}, as published",
        },
    )
    asked = {"framework": framework.id, "version": framework.version, "schoolYear": description.school_year}
    run = await _call(client, "POST", "/v1/runs", json=asked)
    keys = {str(_identity(row[description.schools.key])): row[description.schools.key] for row in dataset.schools}
    ratings = await _ratings(client, run["id"], keys)
    return compare(dataset, framework, measures, ratings, await _outcomes(database, run["id"], keys))


async def _ratings(client: httpx2.AsyncClient, run_id: str, keys: Mapping[str, str]) -> dict[str, dict[str, Any]]:
    """The staged ratings, with their labels, by school."""
    ratings: dict[str, dict[str, Any]] = {}
    params: dict[str, Any] = {"limit": 500}
    while True:
        page = await _call(client, "GET", f"/v1/runs/{run_id}/ratings", params=params)
        for item in page["items"]:
            ratings[keys[item["schoolId"]]] = item | item["labels"]
        if not page.get("nextCursor"):
            return ratings
        params["cursor"] = page["nextCursor"]


async def _introduce_schools(database: Database, dataset: Dataset) -> None:
    """Hear of the schools as the registry would tell."""
    since = date(dataset.description.school_year - 1, 7, 1)
    async with database.transaction() as session:
        for number, row in enumerate(dataset.schools, start=1):
            key = row[dataset.description.schools.key]
            said = SchoolChanged(
                id=_identity(key),
                version=1,
                facts=[
                    SchoolFacts(
                        valid_from=since,
                        name=row[dataset.description.schools.name],
                        school_type="regular",
                        operational_status="active",
                        arrangement="traditional",
                        chartered=False,
                        source=dataset.description.name,
                    )
                ],
                aliases=[Alias(system=dataset.description.alias_system, value=key, valid_from=since)],
            )
            envelope = Envelope(
                id=said.id,
                source="/registry",
                type=said.type(),
                subject=said.subject(),
                time=utc_now(),
                sequence=number,
                changeversion=number,
                data={},
            )
            await directory.keep_school(session, said, envelope)


def _identity(key: str) -> UUID:
    return uuid5(NAMESPACE, key)


async def _outcomes(
    database: Database, run_id: str, keys: Mapping[str, str]
) -> dict[str, dict[str, dict[str, float | None]]]:
    """What the nodes gave, by school and node: explanations of ratings that are not published are not on the API."""
    columns = Outcome.value, Outcome.points, Outcome.weight_effective
    query = select(Outcome.school_id, Outcome.node, *columns).join(Run, Run.number == Outcome.run)
    outcomes: dict[str, dict[str, dict[str, float | None]]] = {key: {} for key in keys.values()}
    async with database.snapshot() as session:
        for row in await session.execute(query.where(Run.id == UUID(run_id))):
            given = {"value": row.value, "points": row.points, "weight_effective": row.weight_effective}
            outcomes[keys[str(row.school_id)]][row.node] = given
    return outcomes


async def _call(client: httpx2.AsyncClient, method: str, path: str, **request: Any) -> dict[str, Any]:
    answer = await client.request(method, path, timeout=300, **request)
    if answer.status_code >= 300:
        raise RuntimeError(f"{path} answered {answer.status_code}: {answer.text[:2000]}")
    return dict(answer.json())
