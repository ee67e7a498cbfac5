"""Accountability: how schools are measured and what follows."""

from fastapi import FastAPI
from kit.http import create_service
from kit.settings import ServiceSettings

from accountability.frameworks.routes import router as frameworks
from accountability.measures.routes import router as measures
from accountability.ratings.routes import router as ratings
from accountability.reactions import REACTIONS
from accountability.runs.routes import router as runs


def create_app(settings: ServiceSettings) -> FastAPI:
    """Accountability's application."""
    return create_service(
        name="accountability",
        title="Concordat accountability",
        description="Measures, frameworks, rating runs, and explained, published ratings.",
        settings=settings,
        routers=[measures, frameworks, runs, ratings],
        reactions=REACTIONS,
        upload_paths=["/v1/measures/imports"],
    )


def create() -> FastAPI:
    """For uvicorn's `--factory`."""
    return create_app(ServiceSettings())
