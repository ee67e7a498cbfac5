"""A full pull of published ratings as NDJSON through the gateway, beside a COPY of the same rows out of PostgreSQL."""

import http.client
import statistics
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from urllib.parse import urlsplit

import psycopg

from tests.bench.installation import Installation, installation
from tests.bench.table import Figure

RATINGS, ROUNDS, LIMIT = 10_000, 7, 3.0
SMALL = 10
"""One of so many ratings has something that is hidden."""

PUBLISHED = f"""
    insert into framework (id, version, sha256, document) values ('bench', '1', '', '{{}}');
    insert into run (framework_id, framework_version, framework_sha256, engine_version, input_version, school_year,
        data_year, schools, rated, digest, client_id)
        values ('bench', '1', '', '1', 0, 2019, 2018, {RATINGS}, {RATINGS}, '', 'bench');
    insert into directory_school (id, version, name, said)
        select uuidv7(), 1, 'School ' || place, '{{}}' from generate_series(1, {RATINGS}) as place;
    insert into rating (school_id, framework_id, school_year, revision)
        select id, 'bench', 2019, 1 from directory_school;
    insert into rating_revision (rating_id, revision, run, framework_version, rating_title, data_year, status, rating,
        score, labels, rating_date, published_at, suppression)
        select id, 1, 1, '1', 'Bench', 2018, 'rated', 'Good', random() * 100, '{{"growth": "High"}}', now(), now(),
            case when row_number() over () % {SMALL} = 0 then jsonb_build_object('rule', 'Of few.', 'nodes', '{{}}',
                'attributes', '[]', 'score', true, 'rating', true, 'labels', '{{}}'::jsonb) end
        from rating;
    insert into journal (type, subject, version, actor, data, sequence, change_version, published_at)
        select 'concordat.accountability.rating.published.v1', 'concordat.accountability.rating.' || id, 1, 'bench',
            '{{}}', row_number() over (), row_number() over (), now() from rating;
    analyze;
"""

DIRECT = """
    copy (select row_to_json(line) from (
        select r.id, r.school_id, r.student_group, s.name, r.framework_id, v.framework_version, v.rating_title,
            r.school_year, v.data_year, v.revision, v.status, v.rating, v.rating as display_label, v.score, v.reason,
            v.labels, v.rating_date, v.published_at, v.revision_reason, v.state, false as superseded,
            false as under_appeal, v.reason_code, null as "order", v.legal_source,
            v.suppression is not null as suppressed, v.suppression ->> 'rule' as suppression_rule, j.change_version
        from rating r join rating_revision v on v.rating_id = r.id and v.revision = r.revision
        join directory_school s on s.id = r.school_id
        join journal j on j.subject = 'concordat.accountability.rating.' || r.id and j.version = v.revision
        order by r.id
    ) as line) to stdout
"""
"""The same rows as one would ask for them by hand, straight to the client."""


def measure() -> list[Figure]:
    """Rounds in turn, so that a slow moment of the machine meets both; the median counts."""
    with installation("accountability", "gateway", log_level="WARNING") as running, _filled(running) as connection:
        token = _token(running)
        works = (lambda: _copied(connection), lambda: _pulled(running, token))
        rounds = [[_seconds(work) for work in works] for _ in range(ROUNDS)]
    baseline, found = (statistics.median(column) for column in zip(*rounds, strict=True))
    return [
        Figure(
            f"Full pull of {RATINGS:,} ratings as NDJSON through the gateway",
            f"{found * 1000:,.0f} ms",
            f"COPY (SELECT json) TO STDOUT of the same rows: {baseline * 1000:,.0f} ms",
            f"at most {LIMIT:g}x: {found / baseline:.2f}x",
            found <= LIMIT * baseline,
        )
    ]


@contextmanager
def _filled(running: Installation) -> Iterator[psycopg.Connection]:
    """A connection to accountability's database with the ratings in it."""
    with psycopg.connect(running.postgres.dsn("accountability"), autocommit=True) as connection:
        connection.execute(PUBLISHED.encode())
        yield connection


def _seconds(work: Callable[[], int]) -> float:
    """How long it takes. Raises RuntimeError unless all rows came."""
    started = time.perf_counter()
    rows = work()
    if rows != RATINGS:
        raise RuntimeError(f"{rows} rows came, not {RATINGS}")
    return time.perf_counter() - started


def _copied(connection: psycopg.Connection) -> int:
    with connection.cursor().copy(DIRECT.encode()) as copy:
        return sum(bytes(block).count(b"\n") for block in copy)


def _pulled(running: Installation, token: str) -> int:
    """Every answer is made anew: the gateway keeps none of this size."""
    address = urlsplit(running.url("gateway"))
    connection = http.client.HTTPConnection(str(address.hostname), address.port, timeout=60)
    headers = {"Authorization": token, "Accept": "application/x-ndjson", "Cache-Control": "no-cache"}
    connection.request("GET", "/v1/ratings", headers=headers)
    answer, lines = connection.getresponse(), 0
    while block := answer.read(65_536):
        lines += block.count(b"\n")
    connection.close()
    return lines


def _token(running: Installation) -> str:
    return str(running.api().send("GET", "/v1/ratings?limit=1").request.headers["authorization"])
