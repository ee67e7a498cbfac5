"""How a stranger finds everything."""

import re

import httpx2
import pytest
from gateway.clients.scopes import SCOPES

from tests.gateway.conftest import Gateway


async def get(gateway: Gateway, path: str, **headers: str) -> httpx2.Response:
    answer = await gateway.anonymous().get(path, headers=headers)
    assert answer.status_code == 200, path
    return answer


async def test_the_index_leads_to_everything(shared_gateway: Gateway) -> None:
    links = (await get(shared_gateway, "/")).json()["links"]
    assert links.keys() >= {"docs", "openapi", "catalog", "token"}
    base = shared_gateway.settings.public_base_url
    for name, link in links.items():
        assert link.startswith(base + "/")
        answer = await shared_gateway.anonymous().get(link.removeprefix(base))
        assert answer.status_code == (405 if name == "token" else 200), link


async def test_a_browser_gets_a_page(shared_gateway: Gateway) -> None:
    answer = await get(shared_gateway, "/", accept="text/html,application/xhtml+xml")
    assert answer.headers["content-type"].startswith("text/html")
    assert 'href="/docs"' in answer.text


async def test_the_authorization_server_describes_itself(shared_gateway: Gateway) -> None:
    said = (await get(shared_gateway, "/.well-known/oauth-authorization-server")).json()
    base = shared_gateway.settings.public_base_url
    assert (said["issuer"], said["token_endpoint"]) == (base, f"{base}/oauth/token")
    assert said["jwks_uri"] == f"{base}/.well-known/jwks.json"
    assert said["grant_types_supported"] == ["client_credentials"]
    assert said["scopes_supported"] == list(SCOPES)


async def test_the_catalog_names_three_apis_and_their_description(shared_gateway: Gateway) -> None:
    answer = await get(shared_gateway, "/.well-known/api-catalog")
    assert answer.headers["content-type"].startswith("application/linkset+json")
    catalog, *apis = answer.json()["linkset"]
    assert [item["title"] for item in catalog["item"]] == ["registry", "accountability", "shared-services"]
    assert [api["anchor"] for api in apis] == [item["href"] for item in catalog["item"]]
    assert {api["service-desc"][0]["href"] for api in apis} == {
        f"{shared_gateway.settings.public_base_url}/openapi.json"
    }
    head = await shared_gateway.anonymous().head("/.well-known/api-catalog")
    assert 'rel="api-catalog"' in head.headers["link"]


async def test_the_docs_need_no_other_host(shared_gateway: Gateway) -> None:
    page = (await get(shared_gateway, "/docs")).text
    loaded = re.findall(r'(?:src|href)="([^"]+)"', page)
    assert len(loaded) >= 3
    assert all(link.startswith("/") for link in loaded)
    for link in loaded:
        assert len((await get(shared_gateway, link)).content) > 100
    assert "'/openapi.json'" in page


@pytest.mark.parametrize("path", ["/docs/assets/../main.py", "/docs/assets/%2e%2e/main.py", "/docs/assets//main.py"])
async def test_only_the_assets_are_served(shared_gateway: Gateway, path: str) -> None:
    assert (await shared_gateway.anonymous().get(path)).status_code == 404
