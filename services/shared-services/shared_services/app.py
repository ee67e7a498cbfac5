"""Shared services: what the district does for schools."""

from fastapi import FastAPI
from kit.http import create_service, settled

from shared_services.budgets.routes import router as budgets
from shared_services.catalog.routes import router as catalog
from shared_services.charges.routes import router as charges
from shared_services.closures.routes import router as closures
from shared_services.conversation.routes import router as conversation
from shared_services.drafts.routes import router as drafts
from shared_services.entitlements.routes import router as entitlements
from shared_services.equity.routes import router as equity
from shared_services.handover.routes import router as handover
from shared_services.obligations.routes import router as obligations
from shared_services.reactions import REACTIONS
from shared_services.requests.closing import closing
from shared_services.requests.routes import router as requests
from shared_services.series.routes import router as series
from shared_services.service_levels.routes import router as service_levels
from shared_services.settings import Settings
from shared_services.trips.routes import router as trips
from shared_services.workorders.routes import router as work_orders


def create_app(settings: Settings) -> FastAPI:
    """Shared services' application."""
    return create_service(
        name="shared-services",
        title="Concordat shared services",
        description="What a district offers its schools, who is entitled to it, and requests for it.",
        settings=settings,
        routers=[
            catalog,
            service_levels,
            entitlements,
            drafts,
            requests,
            series,
            trips,
            work_orders,
            closures,
            charges,
            obligations,
            budgets,
            conversation,
            handover,
            equity,
        ],
        reactions=REACTIONS,
        upload_paths=["/v1/requests/imports", "/v1/attachments"],
        started=closing,
    )


def create() -> FastAPI:
    """For uvicorn's `--factory`."""
    return settled(create_app(Settings()))
