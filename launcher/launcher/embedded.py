"""Real PostgreSQL 18 and NATS JetStream from their wheels, on loopback, for one machine without Docker or root."""

from launcher.embedded_nats import EmbeddedNats
from launcher.embedded_postgres import EmbeddedPostgres
from launcher.processes import StartRefused, free_port, port_is_taken

__all__ = ["EmbeddedNats", "EmbeddedPostgres", "StartRefused", "free_port", "port_is_taken"]
