"""The parts of Concordat that run as processes: which package, which port, which database."""

import json
import sys
from dataclasses import dataclass
from pathlib import Path

from launcher.secrets import write_secret


@dataclass(frozen=True)
class Part:
    """One process group: a uvicorn application with its own database."""

    name: str
    package: str
    port_offset: int

    @property
    def database(self) -> str:
        """The name of its database and of its role."""
        return self.package

    def argv(self, host: str, port: int, workers: int) -> list[str]:
        """The command that serves it."""
        return [
            sys.executable,
            "-m",
            "uvicorn",
            f"{self.package}.app:create",
            "--factory",
            f"--host={host}",
            f"--port={port}",
            f"--workers={workers}",
            "--no-access-log",
            "--log-level=warning",
            "--timeout-graceful-shutdown=3",
            "--timeout-keep-alive=75",
            "--loop=uvloop",
            "--http=httptools",
        ]


GATEWAY = Part("gateway", "gateway", 0)
SERVICES = (
    Part("registry", "registry", 1),
    Part("accountability", "accountability", 2),
    Part("shared-services", "shared_services", 3),
)
PARTS = (*SERVICES, GATEWAY)


@dataclass(frozen=True)
class Plan:
    """Where everything runs on this machine."""

    data: Path
    host: str = "127.0.0.1"
    port: int = 8080
    postgres_port: int = 15432
    nats_port: int = 14222
    workers: int = 1

    def port_of(self, part: Part) -> int:
        """The port that a part listens on."""
        return self.port + part.port_offset

    def url_of(self, part: Part) -> str:
        """The part's base URL on this machine."""
        return f"http://127.0.0.1:{self.port_of(part)}"

    @property
    def platform_secret(self) -> Path:
        """The file with the platform client's secret."""
        return self.data / "secrets" / "platform"

    @property
    def client_secrets(self) -> Path:
        """The folder with the secrets of the demo's clients, a file each."""
        return self.data / "secrets" / "clients"

    def database_secret(self, part: Part) -> Path:
        """The file with the password of a part's database role."""
        return self.data / "secrets" / f"{part.database}_database"

    def settings_file(self, part: Part) -> Path:
        """The file that keeps the settings with which a part was last started."""
        return self.data / "secrets" / "settings" / f"{part.name}.json"

    def write_settings(self, part: Part, database_url: str) -> dict[str, str]:
        """The settings of a part, as variables; kept for the commands that work on a running installation."""
        settings = self._settings(part, database_url)
        write_secret(self.settings_file(part), json.dumps(settings, indent=2))
        return settings

    def _settings(self, part: Part, database_url: str) -> dict[str, str]:
        settings = {
            "DATABASE_URL": database_url,
            "NATS_URL": f"nats://127.0.0.1:{self.nats_port}",
            "ISSUER": self.url_of(GATEWAY),
            "JWKS_URL": f"{self.url_of(GATEWAY)}/.well-known/jwks.json",
            "JWKS_CACHE": str(self.data / "jwks" / f"{part.name}.json"),
        }
        if part is GATEWAY:
            settings |= {
                "PUBLIC_BASE_URL": self.url_of(GATEWAY),
                "SIGNING_KEY_FOLDER": str(self.data / "secrets" / "signing"),
                "BOOTSTRAP_SECRET_FILE": str(self.platform_secret),
            }
            settings |= {f"{service.package.upper()}_URL": self.url_of(service) for service in SERVICES}
        if part.name == "accountability":
            settings |= {"MANIFEST_KEY": str(self.data / "secrets" / "manifest.json")}
        if part.name == "shared-services":
            settings |= {"ATTACHMENT_FOLDER": str(self.data / "attachments")}
        return {f"CONCORDAT_{name}": value for name, value in settings.items()}
