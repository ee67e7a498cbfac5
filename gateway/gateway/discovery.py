"""How a stranger finds everything: the index, the well-known documents, the API's description and its readable page."""

from typing import Any

import aiohttp
from fastapi import APIRouter, FastAPI, Request, Response
from fastapi.openapi.docs import get_swagger_ui_html
from fastapi.responses import HTMLResponse, JSONResponse
from starlette.staticfiles import StaticFiles

from gateway import keys, openapi
from gateway.clients.scopes import SCOPES
from gateway.settings import GatewaySettings
from gateway.upstreams import PATHS

router = APIRouter(tags=["discovery"], include_in_schema=False)
ASSETS = "/docs/assets"
DOCS = get_swagger_ui_html(
    openapi_url="/openapi.json",
    title="Concordat",
    swagger_js_url=f"{ASSETS}/swagger-ui-bundle.js",
    swagger_css_url=f"{ASSETS}/swagger-ui.css",
    swagger_favicon_url=f"{ASSETS}/favicon-32x32.png",
)
LINKS = {
    "docs": "/docs",
    "openapi": "/openapi.json",
    "catalog": "/.well-known/api-catalog",
    "authorizationServer": "/.well-known/oauth-authorization-server",
    "keys": "/.well-known/jwks.json",
    "token": "/oauth/token",
}


def mount_docs_assets(app: FastAPI) -> None:
    """Serve Swagger UI from the installed package: the page needs no other host."""
    app.mount(ASSETS, StaticFiles(packages=[("fastapi_swagger", "resources")]))


def _settings(request: Request) -> GatewaySettings:
    settings: GatewaySettings = request.app.state.settings
    return settings


@router.get("/")
async def index(request: Request) -> Response:
    """What there is, for programs as JSON and for people as a page."""
    base = _settings(request).public_base_url
    links = {name: base + path for name, path in LINKS.items()}
    if "text/html" not in request.headers.get("accept", ""):
        return JSONResponse({"name": "Concordat", "links": links}, headers={"Vary": "Accept"})
    items = "".join(f'<li><a href="{path}">{name}</a></li>' for name, path in LINKS.items())
    page = f'<!doctype html><html lang="en"><title>Concordat</title><h1>Concordat</h1><ul>{items}</ul></html>'
    return HTMLResponse(page, headers={"Vary": "Accept"})


@router.get("/.well-known/jwks.json")
async def show_keys(request: Request) -> JSONResponse:
    """The public keys that verify access tokens (RFC 7517)."""
    signing_keys: keys.SigningKeys = request.app.state.signing_keys
    fresh = {"Cache-Control": f"public, max-age={keys.SETTLE_SECONDS}"}
    return JSONResponse(signing_keys.published().as_dict(private=False), headers=fresh)


@router.get("/.well-known/oauth-authorization-server")
async def describe_authorization_server(request: Request) -> dict[str, Any]:
    """RFC 8414."""
    base = _settings(request).public_base_url
    return {
        "issuer": _settings(request).issuer,
        "token_endpoint": base + LINKS["token"],
        "jwks_uri": base + LINKS["keys"],
        "grant_types_supported": ["client_credentials"],
        "response_types_supported": [],
        "token_endpoint_auth_methods_supported": ["client_secret_basic", "client_secret_post"],
        "scopes_supported": list(SCOPES),
        "service_documentation": base + LINKS["docs"],
    }


@router.api_route("/.well-known/api-catalog", methods=["GET", "HEAD"])
async def show_catalog(request: Request) -> JSONResponse:
    """The APIs and where they are described (RFC 9727)."""
    base = _settings(request).public_base_url
    described = {
        "service-desc": [{"href": base + LINKS["openapi"], "type": "application/vnd.oai.openapi+json"}],
        "service-doc": [{"href": base + LINKS["docs"], "type": "text/html"}],
    }
    apis = [{"href": base + paths[0], "title": service} for service, paths in PATHS.items()]
    linkset = [{"anchor": base + LINKS["catalog"], "item": apis}]
    linkset += [{"anchor": api["href"], **described} for api in apis]
    return JSONResponse(
        {"linkset": linkset},
        headers={"Link": f'<{base}{LINKS["catalog"]}>; rel="api-catalog"'},
        media_type='application/linkset+json; profile="https://www.rfc-editor.org/info/rfc9727"',
    )


@router.get("/openapi.json")
async def show_openapi(request: Request) -> JSONResponse:
    """The OpenAPI document of everything behind this gateway."""
    documents: openapi.ServiceDocuments = request.app.state.documents
    session: aiohttp.ClientSession = request.app.state.session
    known = await documents.fetch(session)
    return JSONResponse(openapi.combined(request.app.openapi(), known, _settings(request).public_base_url))


@router.get("/docs")
async def show_docs() -> HTMLResponse:
    """The same document, readable and to be tried out."""
    return DOCS
