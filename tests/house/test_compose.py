"""docker-compose.yml, the image and the settings agree with each other and with the code."""

import importlib
import re
import tomllib
from pathlib import Path
from typing import Any, get_type_hints

import pytest
import yaml
from gateway.settings import GatewaySettings
from kit.settings import ServiceSettings
from launcher.app import app as command_line
from launcher.secrets import make_compose_secrets
from pydantic_settings import BaseSettings
from typer.testing import CliRunner

from tests.conftest import ROOT

COMPOSE: dict[str, Any] = yaml.safe_load((ROOT / "docker-compose.yml").read_text(encoding="utf-8"))
PARTS: dict[str, dict[str, Any]] = COMPOSE["services"]
OURS = [name for name, part in PARTS.items() if "build" in part]
DOCKERFILE = (ROOT / "deploy" / "Dockerfile").read_text(encoding="utf-8")
PREFIX = "CONCORDAT_"


def settings_of(part: str) -> type[BaseSettings]:
    """The settings of what runs in a part."""
    create_app = importlib.import_module(f"{PARTS[part]['environment']['PACKAGE']}.app").create_app
    settings: type[BaseSettings] = get_type_hints(create_app)["settings"]
    return settings


def secret_files(part: str) -> dict[str, str]:
    """The names under which a part finds its secrets, and their sources."""
    listed = [{"source": one, "target": one} if isinstance(one, str) else one for one in PARTS[part].get("secrets", [])]
    return {one["target"]: one["source"] for one in listed}


def given(part: str) -> set[str]:
    """The settings that a part is given, by environment or by secret."""
    names = [*PARTS[part]["environment"], *secret_files(part)]
    return {name.removeprefix(PREFIX).lower() for name in names if name.startswith(PREFIX)}


def test_all_four_applications_run() -> None:
    assert {PARTS[part]["environment"]["PACKAGE"] for part in OURS} == {
        "registry",
        "accountability",
        "shared_services",
        "gateway",
    }


@pytest.mark.parametrize("part", OURS)
def test_every_variable_is_a_setting(part: str) -> None:
    assert given(part) - settings_of(part).model_fields.keys() == set()


@pytest.mark.parametrize("part", OURS)
def test_every_setting_without_a_default_is_given(part: str) -> None:
    required = {name for name, field in settings_of(part).model_fields.items() if field.is_required()}
    assert required - given(part) == set()


@pytest.mark.parametrize("part", OURS)
def test_the_application_has_the_factory_that_the_image_starts(part: str) -> None:
    assert "uvicorn ${PACKAGE}.app:create --factory" in DOCKERFILE
    assert callable(importlib.import_module(f"{PARTS[part]['environment']['PACKAGE']}.app").create)


def test_a_secret_file_is_read_as_a_setting(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "CONCORDAT_DATABASE_URL").write_text("postgresql+psycopg://a:b@postgres:5432/registry\n")
    monkeypatch.delenv("CONCORDAT_DATABASE_URL", raising=False)
    settings = ServiceSettings(_secrets_dir=tmp_path, nats_url="n", issuer="i", jwks_url="j")  # type: ignore[call-arg]
    assert settings.database_url.get_secret_value() == "postgresql+psycopg://a:b@postgres:5432/registry"


def test_postgres_and_nats_are_the_versions_that_we_test_with() -> None:
    assert PARTS["postgres"]["image"] == "postgres:18"
    assert re.fullmatch(r"nats:2\.\d+(\.\d+)?(-\w+)?", PARTS["nats"]["image"])


def test_nats_keeps_every_acknowledged_message_on_a_volume() -> None:
    configuration = (ROOT / "deploy" / "nats" / "nats.conf").read_text(encoding="utf-8")
    [store] = re.findall(r"store_dir: (\S+)", configuration)
    assert "sync_interval: always" in configuration
    assert f"nats:{store}" in PARTS["nats"]["volumes"]
    assert "./deploy/nats/nats.conf:/etc/nats/nats.conf:ro" in PARTS["nats"]["volumes"]
    assert PARTS["nats"]["command"] == ["--config", "/etc/nats/nats.conf"]


def test_health_is_asked_where_it_is_answered() -> None:
    [monitor] = re.findall(r"http_port: (\d+)", (ROOT / "deploy/nats/nats.conf").read_text(encoding="utf-8"))
    assert f":{monitor}/healthz" in " ".join(PARTS["nats"]["healthcheck"]["test"])
    assert "pg_isready" in " ".join(PARTS["postgres"]["healthcheck"]["test"])
    assert re.search(r"HEALTHCHECK(.|\n)*:8000/health/ready", DOCKERFILE)


@pytest.mark.parametrize("part", OURS)
def test_a_part_waits_until_what_it_needs_is_healthy(part: str) -> None:
    needed = {"postgres", "nats"} | ({one for one in OURS if one != "gateway"} if part == "gateway" else set())
    assert PARTS[part]["depends_on"] == {one: {"condition": "service_healthy"} for one in needed}


def strings(value: Any) -> list[str]:
    """Every text in a document."""
    if isinstance(value, dict):
        return [text for inside in value.values() for text in strings(inside)]
    if isinstance(value, list):
        return [text for inside in value for text in strings(inside)]
    return [value] if isinstance(value, str) else []


def test_no_secret_stands_in_the_file() -> None:
    with_password = re.compile(r"://[^/\s]*:[^/\s]*@")
    assert [text for text in strings(COMPOSE) if with_password.search(text)] == []
    named = {
        name: value
        for part in PARTS.values()
        for name, value in (part.get("environment") or {}).items()
        if re.search("PASSWORD|SECRET|TOKEN|CREDENTIAL", name)
    }
    assert all(name.endswith("_FILE") and value.startswith("/run/secrets/") for name, value in named.items())


def test_every_secret_that_a_part_uses_is_declared_and_used() -> None:
    used = {source for part in PARTS for source in secret_files(part).values()}
    assert used == COMPOSE["secrets"].keys()


@pytest.mark.parametrize("part", PARTS)
def test_every_secret_file_that_a_part_names_is_one_of_its_own(part: str) -> None:
    named = [text for text in strings(PARTS[part].get("environment")) if text.startswith("/run/secrets/")]
    assert {text.removeprefix("/run/secrets/") for text in named} <= secret_files(part).keys()


def test_the_secrets_command_makes_every_file_that_is_mounted(tmp_path: Path) -> None:
    made = {f"./secrets/{path.name}" for path in make_compose_secrets(tmp_path / "secrets")}
    assert made == {secret["file"] for secret in COMPOSE["secrets"].values()}


def test_the_databases_script_reads_the_passwords_that_its_part_has() -> None:
    script = (ROOT / "deploy" / "postgres" / "databases.sh").read_text(encoding="utf-8")
    [names] = re.findall(r"for service in (.*);", script)
    assert {f"{name}_password" for name in names.split()} <= secret_files("postgres").keys()
    assert {PARTS[part]["environment"]["PACKAGE"] for part in OURS} == set(names.split())


def volumes() -> list[tuple[str, str]]:
    """Each part's volumes: source and target."""
    return [(one.split(":")[0], one.split(":")[1]) for part in PARTS.values() for one in part.get("volumes", [])]


def test_every_file_that_is_mounted_is_there() -> None:
    assert [source for source, _ in volumes() if source.startswith(".") and not (ROOT / source).is_file()] == []


def test_every_named_volume_is_declared_and_used() -> None:
    assert {source for source, _ in volumes() if not source.startswith(".")} == COMPOSE["volumes"].keys()


def test_only_the_gateway_is_reached_from_outside() -> None:
    assert {name: part["ports"] for name, part in PARTS.items() if "ports" in part} == {"gateway": ["8080:8000"]}


def test_inside_everything_is_called_by_its_name_and_port() -> None:
    ports = dict.fromkeys(OURS, "8000") | {"nats": "4222", "postgres": "5432"}
    urls = [text for part in OURS for text in strings(PARTS[part]["environment"]) if "://" in text]
    inside = [match for url in urls if (match := re.fullmatch(r"(?:http|nats)://([\w-]+):(\d+)(?:/.*)?", url))]
    assert inside
    assert all(ports[match[1]] == match[2] for match in inside)
    assert "EXPOSE 8000" in DOCKERFILE
    assert "--port 8000" in DOCKERFILE


def test_the_issuer_is_the_gateways_public_address() -> None:
    environment = PARTS["gateway"]["environment"]
    assert environment["CONCORDAT_ISSUER"] == environment["CONCORDAT_PUBLIC_BASE_URL"]
    assert {PARTS[part]["environment"]["CONCORDAT_ISSUER"] for part in OURS} == {environment["CONCORDAT_ISSUER"]}
    assert GatewaySettings.model_fields.keys() > ServiceSettings.model_fields.keys()


def members() -> list[Path]:
    """The folders of the workspace's packages."""
    workspace = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["tool"]["uv"]["workspace"]
    return sorted(path.parent for pattern in workspace["members"] for path in ROOT.glob(f"{pattern}/pyproject.toml"))


def test_the_image_holds_every_package_of_the_workspace() -> None:
    copied = {line.split()[1] for line in DOCKERFILE.splitlines() if line.startswith("COPY ")}
    installed = re.findall(r"\./([\w/-]+)", DOCKERFILE)
    names = [member.relative_to(ROOT).as_posix() for member in members()]
    assert sorted(installed) == names
    assert {name.split("/")[0] for name in names} <= copied


@pytest.mark.parametrize("command", [["migrate"], ["secrets"]])
def test_the_commands_that_the_image_and_its_description_use_exist(command: list[str]) -> None:
    mentioned = DOCKERFILE + (ROOT / "docker-compose.yml").read_text(encoding="utf-8")
    assert f"concordat {command[0]} " in mentioned
    assert CliRunner().invoke(command_line, [*command, "--help"]).exit_code == 0
