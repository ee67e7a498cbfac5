"""What a running process says of itself: structured logs, trace context, metrics."""

import logging
import re
import secrets
import sys
from contextvars import ContextVar

import structlog
from prometheus_client import Counter, Gauge, Histogram
from structlog.typing import Processor

log: structlog.stdlib.BoundLogger = structlog.get_logger()

REQUESTS = Counter("concordat_http_requests_total", "Answers by status class", ["service", "method", "status"])
REQUEST_SECONDS = Histogram("concordat_http_request_seconds", "Time to answer", ["service"])
RELAYED = Counter("concordat_events_relayed_total", "Events published", ["service"])
REACTED = Counter("concordat_events_applied_total", "Events applied", ["service"])
PARKED = Counter("concordat_events_parked_total", "Events parked after repeated failure", ["service"])
UNPUBLISHED = Gauge("concordat_journal_unpublished", "Journal rows not yet published", ["service"])

traceparent: ContextVar[str | None] = ContextVar("traceparent", default=None)
"""The W3C trace context of the request or event at hand."""

_TRACEPARENT = re.compile(r"^00-(?!0{32})[0-9a-f]{32}-(?!0{16})[0-9a-f]{16}-[0-9a-f]{2}$")


def continued(incoming: str | None) -> str:
    """The trace context to go on with: the incoming trace under a new span, or a new trace (W3C Trace Context)."""
    if incoming is not None and _TRACEPARENT.match(incoming):
        _, trace, _, flags = incoming.split("-")
        return f"00-{trace}-{secrets.token_hex(8)}-{flags}"
    return f"00-{secrets.token_hex(16)}-{secrets.token_hex(8)}-01"


def configure_logs(level: str) -> None:
    """One JSON object per line on standard error, for our own events and for the libraries' warnings."""
    fields: list[Processor] = [
        structlog.contextvars.merge_contextvars,
        structlog.processors.add_log_level,
        structlog.processors.TimeStamper(fmt="iso", utc=True),
        structlog.processors.format_exc_info,
    ]
    structlog.configure(
        processors=[*fields, structlog.processors.JSONRenderer()],
        wrapper_class=structlog.make_filtering_bound_logger(logging.getLevelNamesMapping()[level.upper()]),
        logger_factory=lambda *_: structlog.WriteLogger(sys.stderr),
        cache_logger_on_first_use=False,
    )
    libraries = logging.StreamHandler()
    libraries.setFormatter(
        structlog.stdlib.ProcessorFormatter(
            foreign_pre_chain=fields,
            processors=[
                structlog.stdlib.ProcessorFormatter.remove_processors_meta,
                structlog.processors.JSONRenderer(),
            ],
        )
    )
    logging.basicConfig(level="WARNING", handlers=[libraries])
