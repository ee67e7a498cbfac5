"""The registry: who exists, who governs it, under what and when."""

from fastapi import FastAPI
from kit.http import create_service
from kit.settings import ServiceSettings

from registry.imports.routes import router as imports
from registry.organizations.routes import router as organizations
from registry.schools.routes import router as schools


def create_app(settings: ServiceSettings) -> FastAPI:
    """The registry's application."""
    return create_service(
        name="registry",
        title="Concordat registry",
        description="Schools, organizations and their relations, each with a period and a legal source.",
        settings=settings,
        routers=[organizations, schools, imports],
        upload_paths=["/v1/imports/"],
    )


def create() -> FastAPI:
    """For uvicorn's `--factory`."""
    return create_app(ServiceSettings())
