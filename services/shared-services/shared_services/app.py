"""Shared services: what the district does for schools."""

from fastapi import FastAPI
from kit.http import create_service
from kit.settings import ServiceSettings

from shared_services.catalog.routes import router as catalog
from shared_services.entitlements.routes import router as entitlements
from shared_services.reactions import REACTIONS
from shared_services.requests.routes import router as requests


def create_app(settings: ServiceSettings) -> FastAPI:
    """Shared services' application."""
    return create_service(
        name="shared-services",
        title="Concordat shared services",
        description="What a district offers its schools, who is entitled to it, and requests for it.",
        settings=settings,
        routers=[catalog, entitlements, requests],
        reactions=REACTIONS,
    )


def create() -> FastAPI:
    """For uvicorn's `--factory`."""
    return create_app(ServiceSettings())
