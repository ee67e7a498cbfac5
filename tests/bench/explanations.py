"""Explaining one school's published rating at the service, on a database that holds a state's run."""

import asyncio
import json
import subprocess
import sys
import time
from random import Random

from tests.accountability.engine import synthetic
from tests.accountability.served import served
from tests.bench.state import RUN, SCHOOLS, state
from tests.bench.table import Figure

WARM, ASKED, LIMIT_MS = 50, 500, 20.0


def measure() -> list[Figure]:
    """Service and client share a process that does nothing else: the figures hold both."""
    with state(synthetic.schools(SCHOOLS)) as (server, rows):
        command = [sys.executable, "-m", "tests.bench.explanations", server.url("rating")]
        ran = subprocess.run(command, check=True, capture_output=True, text=True)
    found = json.loads(ran.stdout.splitlines()[-1])
    return [
        Figure(
            f"Explaining one school's rating: {found['steps']} steps, of a state with {rows:,} measure rows",
            f"p50 {found['p50']:.1f} ms, p99 {found['p99']:.1f} ms; {found['cpu']:.1f} ms of processor time each",
            "service and client in one process",
            f"p50 under {LIMIT_MS:g} ms",
            found["p50"] < LIMIT_MS,
        )
    ]


async def _explain(url: str) -> dict[str, float]:
    async with served(url) as (_, client):
        run = (await client.post("/v1/runs", json=RUN)).json()
        published = await client.post(f"/v1/runs/{run['id']}/publication", json={})
        assert published.json()["published"] == SCHOOLS, published.text
        ratings = [item["id"] for item in (await client.get("/v1/ratings", params={"limit": 500})).json()["items"]]
        random, took = Random(1), []
        for number in range(WARM + ASKED):
            if number == WARM:
                before = time.process_time()
            started = time.perf_counter()
            answer = await client.get(f"/v1/ratings/{random.choice(ratings)}/explanation")
            took.append((time.perf_counter() - started) * 1000)
        cpu = (time.process_time() - before) / ASKED * 1000
        steps = len(answer.json()["outcomes"])
    measured = sorted(took[WARM:])
    return {"p50": measured[ASKED // 2], "p99": measured[ASKED * 99 // 100], "cpu": cpu, "steps": steps}


if __name__ == "__main__":
    print(json.dumps(asyncio.run(_explain(sys.argv[1]))))
