"""Migrations from code: the kit's own revisions and a service's, in one run, under one lock, with short lock waits."""

from importlib.resources import files
from pathlib import Path

from alembic import command
from alembic.config import Config


def configuration(url: str, package: str) -> Config:
    """Alembic's configuration for a service: `kit.revisions` and `<package>.migrations.versions`."""
    config = Config()
    here = Path(str(files("kit")))
    own = Path(str(files(package))) / "migrations" / "versions"
    config.set_main_option("script_location", str(here / "alembic_environment"))
    config.set_main_option("version_locations", f"{here / 'revisions'}\n{own}")
    config.set_main_option("path_separator", "newline")
    config.attributes["url"] = url
    return config


def migrate(url: str, package: str, revision: str = "heads") -> None:
    """Bring the database at `url` (a SQLAlchemy URL) to `revision`. Safe to call from many processes at once."""
    command.upgrade(configuration(url, package), revision)
