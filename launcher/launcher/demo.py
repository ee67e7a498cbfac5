"""What `concordat up` says of its demo: as whom one can come, and three things to try."""

from collections.abc import Iterator
from pathlib import Path

from launcher.api import Api
from launcher.portfolio import Portfolio


def greeting(api: Api, portfolio: Portfolio, secrets: Path) -> Iterator[str]:
    """Lines to print: the demo's credentials, and commands that work when pasted."""
    credentials = {client.id: (secrets / client.id).read_text(encoding="utf-8") for client in portfolio.clients}
    yield f"{portfolio.name}. Credentials (also in {secrets}):"
    for client in portfolio.clients:
        yield f"  {client.name:<22} client_id={client.id:<6} client_secret={credentials[client.id]}"
    yield ""
    yield from _commands(api, portfolio, credentials)
    yield ""


def _commands(api: Api, portfolio: Portfolio, credentials: dict[str, str]) -> Iterator[str]:
    example = portfolio.example
    named = {"aliasSystem": example.alias_system, "aliasValue": example.alias_value}
    school = api.get("/v1/schools", **named, asOf=portfolio.valid_from)["items"][0]
    rating = api.get("/v1/ratings", **named)["items"][0]
    yield "The state pulls every rating as CSV:"
    yield f'  curl -s -H "Accept: text/csv" {_bearer(api.url, "isbe", credentials)} "{api.url}/v1/ratings" | head -3'
    yield f"Why is {school['name']} {rating['rating']}?"
    yield f'  curl -s {_bearer(api.url, "cps", credentials)} "{api.url}/v1/ratings/{rating["id"]}/explanation"'
    yield "Its operator asks the district for a repair:"
    body = (
        f'{{"schoolId": "{school["id"]}", "offering": "{example.offering}", "description": "Door 12 does not close"}}'
    )
    yield (
        f"  curl -s {_bearer(api.url, 'ausl', credentials)} -H 'Content-Type: application/json' "
        f"-H \"Idempotency-Key: $(date +%s)\" -d '{body}' {api.url}/v1/requests"
    )


def _bearer(url: str, client_id: str, credentials: dict[str, str]) -> str:
    ask = f"curl -s -u {client_id}:{credentials[client_id]} -d grant_type=client_credentials {url}/oauth/token"
    take = """sed 's/.*"access_token": *"\\([^"]*\\)".*/\\1/'"""
    return f'-H "Authorization: Bearer $({ask} | {take})"'
