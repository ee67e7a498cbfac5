"""Verify a data set through the real path: files loaded, framework registered, run staged, results read back."""

from collections.abc import Mapping
from datetime import date
from pathlib import Path
from typing import Any
from uuid import UUID, uuid5

import httpx2
from fastapi import FastAPI
from kit.db import Database
from sqlalchemy import insert, select

from accountability.directory import Alias, Organization, OrganizationAlias, School
from accountability.rows import Row
from accountability.runs.tables import Outcome, Run
from accountability.verification.comparing import compare
from accountability.verification.comparison import Report
from accountability.verification.dataset import Dataset, framework_of, read_dataset
from accountability.verification.loading import Key

NAMESPACE = UUID("6f1c1d52-3a63-4f0e-9a5e-8b1f8f1f6c11")


async def verify(app: FastAPI, client: httpx2.AsyncClient, library: Path, name: str, folder: Path | None) -> Report:
    """Rate the data set with `app` (whose database is empty) through `client`, and compare with what was published.

    Raises Invalid if the data set cannot be read, and RuntimeError with the problem if a call is refused.
    """
    dataset = read_dataset(library, name, folder)
    framework, document = framework_of(library, dataset)
    database: Database = app.state.database
    description, measures = dataset.description, dataset.loading(framework)
    await _introduce(database, dataset)
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
    keys = {str(identity(key)): key for key in dataset.names()}
    ratings = await _ratings(client, run["id"], keys)
    outcomes = await _outcomes(database, run["id"], dataset.nodes(framework), keys)
    return compare(dataset, framework, measures, ratings, outcomes)


async def _ratings(client: httpx2.AsyncClient, run_id: str, keys: Mapping[str, str]) -> dict[Key, dict[str, Any]]:
    """The staged ratings by subject."""
    ratings: dict[Key, dict[str, Any]] = {}
    params: dict[str, Any] = {"limit": 500}
    while True:
        page = await _call(client, "GET", f"/v1/runs/{run_id}/ratings", params=params)
        for item in page["items"]:
            ratings[keys[item["schoolId"]], item["studentGroup"]] = item
        if not page.get("nextCursor"):
            return ratings
        params["cursor"] = page["nextCursor"]


async def _introduce(database: Database, dataset: Dataset) -> None:
    """Know the schools and organizations, as if the registry had told of them: at once, not event by event."""
    since = date(dataset.description.school_year - 1, 7, 1)
    rows: dict[type[Row], list[dict[str, Any]]] = {School: [], Alias: [], Organization: [], OrganizationAlias: []}
    for key, (kind, name) in dataset.names().items():
        named = {"id": identity(key), "version": 1, "name": name}
        alias = {"system": dataset.description.alias_system, "value": key, "valid_from": since}
        if kind == "organization":
            rows[Organization].append(named | {"types": ["district"]})
            rows[OrganizationAlias].append({"organization_id": named["id"], **alias})
        else:
            rows[School].append(named | {"said": {}})
            rows[Alias].append({"school_id": named["id"], **alias})
    async with database.transaction() as session:
        for table, found in rows.items():
            if found:
                await session.execute(insert(table), found)


def identity(key: str) -> UUID:
    """The identity under which a published identifier is introduced."""
    return uuid5(NAMESPACE, key)


async def _outcomes(
    database: Database, run_id: str, nodes: list[str], keys: Mapping[str, str]
) -> dict[Key, dict[str, dict[str, Any]]]:
    """What these nodes gave, by subject and node: explanations of ratings that are not published are not on the API."""
    columns = Outcome.value, Outcome.label, Outcome.points, Outcome.weight_effective
    subject = Outcome.school_id, Outcome.student_group
    query = select(*subject, Outcome.node, *columns).join(Run, Run.number == Outcome.run)
    outcomes: dict[Key, dict[str, dict[str, Any]]] = {}
    async with database.snapshot() as session:
        found = await session.execute(query.where(Run.id == UUID(run_id), Outcome.node.in_(nodes)))
        for school, group, node, *given in found:
            of_subject = outcomes.setdefault((keys[str(school)], group), {})
            of_subject[node] = dict(zip(("value", "label", "points", "weight_effective"), given, strict=True))
    return outcomes


async def _call(client: httpx2.AsyncClient, method: str, path: str, **request: Any) -> dict[str, Any]:
    answer = await client.request(method, path, timeout=300, **request)
    if answer.status_code >= 300:
        raise RuntimeError(f"{path} answered {answer.status_code}: {answer.text[:2000]}")
    return dict(answer.json())
