"""Every service's migrations: up from nothing, equal to the models, and down and up again."""

import importlib
import pkgutil
import subprocess
import sys
from importlib.resources import files
from pathlib import Path
from uuid import uuid4

import kit.tables
import pytest
from alembic import command
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from kit.migrations import configuration, migrate
from launcher.embedded import EmbeddedPostgres
from sqlalchemy import Connection, MetaData, create_engine, text

from tests.conftest import ROOT

SERVICES = ["tests.kit.ledger", "registry", "accountability", "shared_services", "gateway"]
PACKAGES = [
    package for package in SERVICES if list((Path(str(files(package))) / "migrations" / "versions").glob("*.py"))
]
WITH_AN_EXTRA = {"accountability.scale.spark"}
"""Modules that need more than is installed by default; none holds a model."""
OUTSIDE_THE_MODELS = {"alembic_version", "doubtful"}


def metadata_of(package: str) -> list[MetaData]:
    """The models of a service: every MetaData that one of its modules holds, but for temporary tables."""
    found = {id(kit.tables.metadata): kit.tables.metadata}
    root = importlib.import_module(package)
    for module in pkgutil.walk_packages(root.__path__, f"{package}."):
        if ".migrations" not in module.name and module.name not in WITH_AN_EXTRA:
            for value in vars(importlib.import_module(module.name)).values():
                metadata = value if isinstance(value, MetaData) else getattr(value, "metadata", None)
                if isinstance(metadata, MetaData) and any(not table._prefixes for table in metadata.tables.values()):
                    found[id(metadata)] = metadata
    return list(found.values())


@pytest.fixture
def empty(postgres: EmbeddedPostgres) -> str:
    """The URL of an empty database."""
    name = f"empty_{uuid4().hex}"
    postgres.ensure_database(name)
    return postgres.url(name)


def schema(connection: Connection) -> set[tuple[str, ...]]:
    """Every column, constraint and index, as PostgreSQL words them."""
    queries = (
        "select table_name, column_name, data_type, is_nullable, coalesce(column_default, '')"
        " from information_schema.columns where table_schema = 'public'",
        "select conrelid::regclass::text, conname, pg_get_constraintdef(oid)"
        " from pg_constraint where connamespace = 'public'::regnamespace",
        "select tablename, indexname, indexdef from pg_indexes where schemaname = 'public'",
    )
    return {tuple(map(str, row)) for query in queries for row in connection.execute(text(query))}


@pytest.mark.parametrize("package", PACKAGES)
def test_the_models_equal_the_migrations(package: str, empty: str) -> None:
    migrate(empty, package)
    engine = create_engine(empty)
    with engine.connect() as connection:
        context = MigrationContext.configure(
            connection,
            opts={
                "compare_type": True,
                "include_name": lambda name, kind, _: kind != "table" or name not in OUTSIDE_THE_MODELS,
            },
        )
        differences = compare_metadata(context, metadata_of(package))  # type: ignore[arg-type]
    engine.dispose()
    assert not differences, "\n".join(str(difference)[:300] for difference in differences)


@pytest.mark.parametrize("package", PACKAGES)
def test_down_and_up_again_gives_the_same_schema(package: str, empty: str) -> None:
    engine = create_engine(empty)
    migrate(empty, package)
    with engine.connect() as connection:
        first = schema(connection)
    command.downgrade(configuration(empty, package), "base")
    with engine.connect() as connection:
        assert connection.scalars(text("select tablename from pg_tables where schemaname = 'public'")).all() == [
            "alembic_version"
        ]
    migrate(empty, package)
    with engine.connect() as connection:
        assert schema(connection) == first
    engine.dispose()


@pytest.mark.parametrize("package", PACKAGES)
def test_a_migration_is_named_by_its_number_and_a_sentence(package: str) -> None:
    scripts = ScriptDirectory.from_config(configuration("", package)).walk_revisions()
    for script in scripts:
        assert Path(script.path).name.startswith(f"{script.revision}_")
        assert script.doc


def test_many_processes_may_migrate_at_once(empty: str) -> None:
    program = f"from kit.migrations import migrate; migrate({empty!r}, 'tests.kit.ledger')"
    starting = [subprocess.Popen([sys.executable, "-c", program], cwd=ROOT) for _ in range(3)]
    assert [process.wait(60) for process in starting] == [0, 0, 0]


def test_every_service_of_the_workspace_has_its_migrations_tested() -> None:
    versions = [*ROOT.glob("*/*/migrations/versions/*.py"), *ROOT.glob("services/*/*/migrations/versions/*.py")]
    assert {path.parents[2].name for path in versions} <= {package.rsplit(".", 1)[-1] for package in PACKAGES}
