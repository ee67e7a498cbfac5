"""Accountability: how schools are measured and what follows."""

from fastapi import FastAPI
from kit.http import create_service, settled

from accountability.appeals.routes import router as appeals
from accountability.attribution.routes import router as attribution
from accountability.breaks.routes import router as breaks
from accountability.comparisons.routes import router as comparisons
from accountability.decisions.routes import router as decisions
from accountability.delivery.feed_routes import router as feed
from accountability.delivery.signing import ManifestKey
from accountability.delivery.snapshot_routes import router as snapshots
from accountability.findings.routes import router as findings
from accountability.frameworks.routes import router as frameworks
from accountability.goals.routes import router as goals
from accountability.measures.routes import router as measures
from accountability.orders.routes import router as orders
from accountability.privacy.routes import router as privacy
from accountability.publications.routes import router as publications
from accountability.ratings.routes import router as ratings
from accountability.reactions import REACTIONS
from accountability.reviews.routes import router as reviews
from accountability.rollups.routes import router as rollups
from accountability.runs.routes import router as runs
from accountability.settings import AccountabilitySettings
from accountability.trials.routes import router as trials


def create_app(settings: AccountabilitySettings) -> FastAPI:
    """Accountability's application."""
    app = create_service(
        name="accountability",
        title="Concordat accountability",
        description="Measures, frameworks, rating runs, and explained, published ratings.",
        settings=settings,
        routers=[
            findings,
            measures,
            trials,
            frameworks,
            runs,
            orders,
            reviews,
            publications,
            privacy,
            feed,
            snapshots,
            ratings,
            appeals,
            decisions,
            rollups,
            attribution,
            breaks,
            goals,
            comparisons,
        ],
        reactions=REACTIONS,
        upload_paths=["/v1/measures/imports"],
    )
    app.state.manifest_key = ManifestKey(getattr(settings, "manifest_key", None))
    app.state.spark_master = getattr(settings, "spark_master", None)
    return app


def create() -> FastAPI:
    """For uvicorn's `--factory`."""
    return settled(create_app(AccountabilitySettings()))
