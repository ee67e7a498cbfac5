"""Load a portfolio through the public API. Cut short and started again, it adds what is missing and nothing twice."""

import time
from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path
from typing import Any

import httpx2
from accountability.verification.dataset import framework_of, read_dataset

from launcher.api import Api
from launcher.portfolio import DemoClient, Portfolio, Roster, alias_of, read_portfolio
from launcher.processes import StartRefused
from launcher.secrets import write_secret

HEARD_SECONDS = 60
CSV = {"content-type": "text/csv"}


def load_portfolio(api: Api, library: Path, name: str, secrets: Path) -> Iterator[str]:
    """Load the portfolio `name`, saying each step before it is done. Clients' secrets are written into `secrets`.

    Raises StartRefused with the problem of the first call that was refused.
    """
    folder = library / "portfolios" / name
    portfolio = read_portfolio(folder)
    yield f"{len(portfolio.organizations)} organizations"
    organizations = register_organizations(api, portfolio)
    yield "schools"
    import_schools(api, portfolio, folder)
    yield from _rate(api, library, portfolio)
    yield f"{len(portfolio.offerings.items)} service offerings"
    _offer_services(api, portfolio, organizations)
    yield f"{len(portfolio.clients)} API clients"
    for client in portfolio.clients:
        _make_client(api, client, organizations[client.organization], secrets)


def register_organizations(api: Api, portfolio: Roster) -> dict[str, str]:
    """Organizations by alias, those already known included."""
    ids: dict[str, str] = {}
    for organization in portfolio.organizations:
        alias = alias_of(organization.alias, portfolio.valid_from)
        known = api.get("/v1/organizations", aliasSystem=alias.system, aliasValue=alias.value)["items"]
        body = organization.model_dump(by_alias=True, exclude={"alias"}, exclude_none=True)
        body["aliases"] = [alias.model_dump(mode="json", by_alias=True)]
        ids[organization.alias] = (known[0] if known else api.post("/v1/organizations", json=body))["id"]
    return ids


def import_schools(api: Api, portfolio: Roster, folder: Path) -> None:
    """Send the portfolio's file of schools; those that are as it says stay as they are."""
    dated = {"validFrom": portfolio.valid_from.isoformat(), "source": portfolio.source}
    content = (folder / portfolio.schools).read_bytes()
    api.post("/v1/imports/schools", content=content, headers=CSV, params=dated)


def _rate(api: Api, library: Path, portfolio: Portfolio) -> Iterator[str]:
    dataset = read_dataset(library, portfolio.ratings)
    framework, document = framework_of(library, dataset)
    yield f"framework {framework.title} {framework.version}"
    api.post("/v1/frameworks", json=document)
    yield f"{len(dataset.measures)} published measures"
    year = dataset.description.school_year
    request: dict[str, Any] = {
        "content": dataset.measures_csv(framework),
        "headers": CSV,
        "params": {
            "schoolYear": year,
            "dataYear": year - framework.data_year_lag,
            "aliasSystem": dataset.description.alias_system,
            "source": portfolio.source,
        },
    }
    # Accountability hears of the schools by event, a moment after the registry has them.
    api.answered(when_heard(partial(api.send, "POST", "/v1/measures/imports", **request)))
    yield "ratings"
    run = api.post("/v1/runs", json={"framework": framework.id, "version": framework.version, "schoolYear": year})
    yield f"publication of {run['schools']} ratings"
    api.post(f"/v1/runs/{run['id']}/publication", json={})


def _offer_services(api: Api, portfolio: Portfolio, organizations: dict[str, str]) -> None:
    offerings = portfolio.offerings
    district = organizations[offerings.district]
    known = {offering["code"] for offering in api.get("/v1/offerings", districtId=district, limit=500)["items"]}
    dated = {"districtId": district, "validFrom": portfolio.valid_from.isoformat()}
    for item in offerings.items:
        if item["code"] not in known:
            send = partial(api.send, "POST", "/v1/offerings", json=dated | offerings.common | item)
            api.answered(when_heard(send))


def _make_client(api: Api, client: DemoClient, organization_id: str, secrets: Path) -> None:
    body = {"clientId": client.id, "name": client.name, "organizationId": organization_id, "scopes": client.scopes}
    made = api.send("POST", "/v1/clients", json=body)
    if made.status_code == httpx2.codes.CONFLICT:
        made = api.send("POST", f"/v1/clients/{client.id}/secret")
    write_secret(secrets / client.id, api.answered(made)["clientSecret"])


def when_heard(send: Callable[[], httpx2.Response]) -> httpx2.Response:
    """Send until nothing of the request is unknown to the service that copies the registry by event."""
    deadline = time.monotonic() + HEARD_SECONDS
    while (answer := send()).status_code == httpx2.codes.UNPROCESSABLE_CONTENT and _unknown_only(answer):
        if time.monotonic() > deadline:
            raise StartRefused(f"{answer.request.url.path} has not heard of everything within {HEARD_SECONDS} s.")
        time.sleep(0.2)
    return answer


def _unknown_only(answer: httpx2.Response) -> bool:
    rules = {error["rule"] for error in answer.json().get("errors", [])}
    return bool(rules) and all(rule.startswith("unknown-") for rule in rules)
