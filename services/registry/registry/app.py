"""The registry: who exists, who governs it, under what and when."""

from fastapi import FastAPI
from kit.http import create_service, settled
from kit.settings import ServiceSettings

from registry.agreements.approval_routes import router as approvals
from registry.agreements.routes import router as agreements
from registry.audit.routes import router as audit
from registry.autonomies.routes import router as autonomies
from registry.autonomies.routes import school_router as school_autonomies
from registry.autonomies.rule_routes import router as rules
from registry.autonomies.waiver_routes import router as waivers
from registry.buildings.routes import router as buildings
from registry.calendars.routes import router as calendars
from registry.deadlines.routes import feeds as deadline_feeds
from registry.deadlines.routes import filings
from registry.deadlines.routes import router as deadlines
from registry.enrollment.routes import router as enrollment
from registry.enrollment.routes import school_router as school_enrollment
from registry.entitlements.routes import router as entitlements
from registry.entitlements.window_routes import policies as service_policies
from registry.entitlements.window_routes import router as election_windows
from registry.imports.routes import router as imports
from registry.instruments.routes import router as instruments
from registry.lineage.routes import router as lineage
from registry.organizations.routes import router as organizations
from registry.packets.routes import router as packets
from registry.reactions import REACTIONS
from registry.reporting_periods.routes import router as reporting_periods
from registry.reports.routes import router as reports
from registry.schools.routes import router as schools
from registry.snapshots.routes import router as snapshots
from registry.zones.routes import router as zones


def create_app(settings: ServiceSettings) -> FastAPI:
    """The registry's application."""
    return create_service(
        name="registry",
        title="Concordat registry",
        description="Schools, organizations and their relations, each with a period and a legal source.",
        settings=settings,
        routers=[
            organizations,
            buildings,
            schools,
            lineage,
            zones,
            snapshots,
            reporting_periods,
            audit,
            imports,
            instruments,
            agreements,
            approvals,
            packets,
            rules,
            waivers,
            autonomies,
            school_autonomies,
            entitlements,
            election_windows,
            service_policies,
            school_enrollment,
            enrollment,
            calendars,
            deadlines,
            deadline_feeds,
            filings,
            reports,
        ],
        reactions=REACTIONS,
        upload_paths=["/v1/imports/"],
    )


def create() -> FastAPI:
    """For uvicorn's `--factory`."""
    return settled(create_app(ServiceSettings()))
