"""The gateway beside nginx: both in front of the same registry, 32 connections that read one school."""

import re
import shutil
import statistics
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from launcher.embedded import free_port
from launcher.processes import Supervisor

from tests.bench.installation import Installation, installation
from tests.bench.table import Figure

SECONDS, ROUNDS, CONNECTIONS = 4, 3, 32
CACHED, UNCACHED = "read from the gateway's memory", "read through the gateway, passed on each time"
LEAST = {CACHED: 0.5, UNCACHED: 0.15}
"""The share of nginx's rate that is the limit."""

CONFIGURATION = """
worker_processes 1;
pid {folder}/nginx.pid;
error_log stderr;
events {{ worker_connections 1024; }}
http {{
    access_log off;
    client_body_temp_path {folder}; proxy_temp_path {folder}; fastcgi_temp_path {folder};
    uwsgi_temp_path {folder}; scgi_temp_path {folder};
    keepalive_requests 1000000;
    upstream registry {{ server {upstream}; keepalive 64; }}
    server {{
        listen 127.0.0.1:{port};
        location / {{ proxy_pass http://registry; proxy_http_version 1.1; proxy_set_header Connection ""; }}
    }}
}}
"""


def measure() -> list[Figure]:
    """Rounds of each in turn, so that a slow moment of the machine meets all of them; the median counts."""
    if missing := [tool for tool in ("nginx", "wrk") if shutil.which(tool) is None]:
        needs = f"needs {' and '.join(missing)}: apt-get install -y nginx-light wrk"
        return [Figure(name, "not measured", needs, f"{least:g}x nginx", False) for name, least in LEAST.items()]
    quiet = {"log_level": "WARNING", "requests_per_minute": "100000000"}
    with installation("registry", "gateway", **quiet) as running, _nginx(running.url("registry")) as nginx:
        school, authorization = _school(running)
        rates: dict[str, list[float]] = {CACHED: [], UNCACHED: [], "nginx": []}
        for _ in range(ROUNDS):
            rates["nginx"].append(_rate(nginx + school, authorization))
            rates[CACHED].append(_rate(running.url("gateway") + school, authorization))
            rates[UNCACHED].append(_rate(running.url("gateway") + school, authorization, "Cache-Control: no-cache"))
    baseline = statistics.median(rates["nginx"])
    return [_figure(name, statistics.median(rates[name]), baseline, least) for name, least in LEAST.items()]


def _figure(name: str, rate: float, baseline: float, least: float) -> Figure:
    return Figure(
        f"GET of a school, {CONNECTIONS} connections: {name}",
        f"{rate:,.0f}/s ({rate / baseline:.2f}x)",
        f"nginx in front of the same registry: {baseline:,.0f}/s",
        f"at least {least:g}x",
        rate >= least * baseline,
    )


def _school(running: Installation) -> tuple[str, str]:
    """The path of a school to read, and the header that lets one read it."""
    api = running.api()
    body = {"name": "Lincoln Elementary School", "validFrom": "2020-07-01", "source": "bench"}
    path = f"/v1/schools/{api.post('/v1/schools', json=body)['id']}"
    return path, f"Authorization: {api.send('GET', path).request.headers['authorization']}"


def _rate(url: str, *headers: str) -> float:
    """Answers a second. Raises RuntimeError if any of them is not a success."""
    asked = [part for header in headers for part in ("-H", header)]
    command = ["wrk", "-t1", f"-c{CONNECTIONS}", f"-d{SECONDS}s", *asked, url]
    said = subprocess.run(command, check=True, capture_output=True, text=True).stdout
    found = re.search(r"Requests/sec:\s+([\d.]+)", said)
    if found is None or "Non-2xx" in said or "Socket errors" in said:
        raise RuntimeError(said)
    return float(found[1])


@contextmanager
def _nginx(upstream: str) -> Iterator[str]:
    """nginx as a plain proxy with kept connections; its URL."""
    with tempfile.TemporaryDirectory(prefix="concordat-nginx-") as name, Supervisor() as processes:
        folder, port = Path(name), free_port()
        folder.chmod(0o755)
        configuration = folder / "nginx.conf"
        configuration.write_text(
            CONFIGURATION.format(folder=folder, port=port, upstream=upstream.removeprefix("http://"))
        )
        argv = ["nginx", "-c", str(configuration), "-p", name, "-g", "daemon off;"]
        processes.start("nginx", argv, {}, folder / "log")
        processes.wait_until_ready("nginx", f"http://127.0.0.1:{port}/health/live")
        yield f"http://127.0.0.1:{port}"
