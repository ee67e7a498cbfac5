"""From a write in the registry to the copy in shared services, on an idle system of real processes."""

import statistics
import time

import psycopg

from tests.bench.installation import Installation, installation
from tests.bench.table import Figure

WRITES = 300
PAUSE_SECONDS = 0.02


def measure() -> list[Figure]:
    """Rename a school again and again; each time wait until shared services have the new version."""
    with installation("registry", "shared-services", "gateway") as running:
        delays, commits = _renames(running)
    p50, p99 = (statistics.quantiles(delays, n=100)[n] for n in (49, 98))
    baseline = f"the write itself: p50 {statistics.median(commits):.1f} ms"
    return [
        Figure("write in registry -> visible in shared services, p50", f"{p50:.1f} ms", baseline, "30 ms", p50 < 30),
        Figure("write in registry -> visible in shared services, p99", f"{p99:.1f} ms", baseline, "150 ms", p99 < 150),
    ]


def _renames(running: Installation) -> tuple[list[float], list[float]]:
    api = running.api()
    body = {"name": "0", "validFrom": "2020-07-01", "source": "bench"}
    school = api.post("/v1/schools", json=body)
    url = f"{running.url('registry')}/v1/schools/{school['id']}"
    delays, commits = [], []
    with psycopg.connect(running.postgres.dsn("shared_services"), autocommit=True) as copy:
        seen = "select 1 from directory_school where id = %s and version >= %s"
        for version in range(1, WRITES + 1):
            asked = time.perf_counter()
            patch = {"name": str(version), "validFrom": "2020-07-01", "source": "bench"}
            answer = api.send("PATCH", url, json=patch, headers={"If-Match": f'"{version}"'})
            api.answered(answer)
            written = time.perf_counter()
            while copy.execute(seen, [school["id"], version + 1]).fetchone() is None:
                time.sleep(0.0005)
            delays.append((time.perf_counter() - written) * 1000)
            commits.append((written - asked) * 1000)
            time.sleep(PAUSE_SECONDS)
    return delays, commits
