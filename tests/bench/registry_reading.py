"""The registry at the size of the nation: a school by its identifier as of a date, and a state's directory."""

import http.client
import json
import statistics
import time
from collections.abc import Callable
from urllib.parse import urlencode, urlsplit

import psycopg
from launcher.api import Api

from tests.bench.installation import Installation, installation
from tests.bench.nation import DAY, SCHOOLS, make_nation
from tests.bench.processes import cpu_seconds
from tests.bench.table import Figure

ASKED, WARM, ROUNDS = 2_000, 100, 5
LIMIT_MS, LIMIT_TIMES = 5.0, 3.0

LOOKUP = f"""
    select f.* from school_alias a join school_facts f on f.school_id = a.school_id
    where a.system = 'nces' and a.value = %s and a.superseded_at is null and a.during @> date '{DAY}'
    and f.superseded_at is null and f.during @> date '{DAY}'
"""
HELD = f"{{0}}.school_id = s.id and {{0}}.superseded_at is null and {{0}}.during @> date '{DAY}'"
DIRECTORY = f"""
    copy (select row_to_json(line) from (
        select s.id, s.version, lower(f.during), upper(f.during), f.name, f.short_name, f.school_type,
               f.operational_status, f.arrangement, f.chartered, f.grade_low, f.grade_high, f.source,
               f.street, f.city, f.state, f.postal_code, f.latitude, f.longitude,
               (select json_agg(json_build_object('system', a.system, 'value', a.value,
                    'validFrom', lower(a.during), 'validTo', upper(a.during)))
                from school_alias a where {HELD.format("a")}) as aliases,
               (select json_agg(json_build_object('id', h.id, 'organizationId', h.organization_id, 'role', h.role,
                    'source', h.source, 'validFrom', lower(h.during), 'validTo', upper(h.during)))
                from school_assignment h where {HELD.format("h")}) as assignments,
               (select json_agg(json_build_object('buildingId', o.building_id, 'share', o.share))
                from school_occupancy o where {HELD.format("o")}) as buildings
        from school s join school_facts f on {HELD.format("f")} where f.state = 'TX' order by s.id
    ) as line) to stdout
"""
"""A state's directory as one would ask for it by hand, straight to the client."""


def measure() -> list[Figure]:
    """The service as a process of its own, asked directly over a connection that stays open."""
    with installation("registry", "gateway", log_level="WARNING") as running:
        district = make_nation(running.postgres.dsn("registry"))
        platform = running.api()
        tokens = {"the platform": _token(platform), "a district": _token(_client_of(running, platform, district))}
        with psycopg.connect(running.postgres.dsn("registry"), autocommit=True) as connection:
            bare = _spread([_seconds(lambda n: _bare(connection, n), number) for number in range(ASKED)])
            copied = min(_seconds(lambda _: _copied(connection), 0) for _ in range(ROUNDS))
        lookups = [
            _lookup(running, f"School by identifier, {name}, for {who}", token, query, bare)
            for who, token in tokens.items()
            for name, query in (("asOf", {}), ("asOf and knownAt", {"knownAt": "2025-01-01T00:00:00Z"}))
        ]
        return [*lookups, *(_directory(running, tokens["the platform"], form, copied) for form in ("x-ndjson", "csv"))]


def _lookup(running: Installation, name: str, token: str, query: dict[str, str], bare: list[float]) -> Figure:
    service = _Service(running.url("registry"), token)

    def ask(number: int) -> None:
        # The district answers for every thousandth school only: then both callers find what they ask for.
        asked = {"aliasSystem": "nces", "aliasValue": f"{number * 7919 * 1000 % SCHOOLS:012}", "asOf": DAY, **query}
        assert len(json.loads(service.get("/v1/schools?" + urlencode(asked)))["items"]) == 1

    for number in range(WARM):
        ask(number)
    pid = running.pid("registry")
    before = cpu_seconds(pid)
    took = _spread([_seconds(ask, number) for number in range(ASKED)])
    cpu = (cpu_seconds(pid) - before) / ASKED * 1000
    p50, p99 = took[ASKED // 2], took[ASKED * 99 // 100]
    return Figure(
        name,
        f"p50 {p50:.2f} ms, p99 {p99:.2f} ms; {cpu:.2f} ms of processor time each",
        f"bare SQL p50 {statistics.median(bare):.2f} ms, p99 {bare[ASKED * 99 // 100]:.2f} ms",
        f"p99 < {LIMIT_MS:g} ms",
        p99 < LIMIT_MS,
    )


def _directory(running: Installation, token: str, form: str, bare: float) -> Figure:
    media_type = "text/csv" if form == "csv" else f"application/{form}"
    service = _Service(running.url("registry"), token, media_type)
    lines = 0

    def ask(_: int) -> None:
        nonlocal lines
        lines = service.get(f"/v1/schools?state=TX&asOf={DAY}").count(b"\n")

    took = min(_seconds(ask, number) for number in range(ROUNDS))
    return Figure(
        f"A state's directory of {lines:,} lines as {media_type}",
        f"{took * 1000:.0f} ms ({took / bare:.2f}x)",
        f"bare SQL, COPY to the client: {bare * 1000:.0f} ms",
        f"at most {LIMIT_TIMES:g}x",
        took <= LIMIT_TIMES * bare,
    )


class _Service:
    """A connection to the service that stays open."""

    def __init__(self, url: str, token: str, accept: str = "application/json") -> None:
        address = urlsplit(url)
        self._connection = http.client.HTTPConnection(address.hostname or "", address.port)
        self._headers = {"Authorization": token, "Accept": accept}

    def get(self, path: str) -> bytes:
        """The body of a good answer."""
        self._connection.request("GET", path, headers=self._headers)
        answer = self._connection.getresponse()
        body = answer.read()
        assert answer.status == 200, body
        return body


def _client_of(running: Installation, platform: Api, district: str) -> Api:
    body = {"clientId": "district", "name": "District", "organizationId": district, "scopes": ["registry:read"]}
    return Api(running.url("gateway"), "district", platform.post("/v1/clients", json=body)["clientSecret"])


def _token(api: Api) -> str:
    authorization: str = api.send("GET", "/v1/organizations?limit=1").request.headers["authorization"]
    return authorization


def _bare(connection: psycopg.Connection, number: int) -> None:
    """The same school by the same identifier and date, straight from PostgreSQL."""
    connection.execute(LOOKUP, [f"{number * 7919 % SCHOOLS:012}"]).fetchall()


def _copied(connection: psycopg.Connection) -> None:
    with connection.cursor().copy(DIRECTORY) as copy:
        assert sum(1 for _ in copy) == SCHOOLS // 10


def _seconds(ask: Callable[[int], None], number: int) -> float:
    began = time.perf_counter()
    ask(number)
    return time.perf_counter() - began


def _spread(seconds: list[float]) -> list[float]:
    """Milliseconds, from the quickest to the slowest."""
    return sorted(each * 1000 for each in seconds)
