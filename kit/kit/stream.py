"""JetStream, the transport (never the record). The only module that imports nats."""

import asyncio
import os
from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass

import nats
from nats.aio.client import Client
from nats.aio.msg import Msg
from nats.errors import Error as NatsError
from nats.js import JetStreamContext
from nats.js.api import AckPolicy, ConsumerConfig, DeliverPolicy, DiscardPolicy, StorageType, StreamConfig
from nats.js.errors import NotFoundError

from kit.tasks import end
from kit.telemetry import log

Message = Msg

PUBLISH_SECONDS = 5.0
FETCH_SECONDS = 0.25
"""How long a fetch may be silent. Short, because nats-py rarely keeps a message back until its fetch ends."""
CLOSE_SECONDS = 2.0
WATCH_RETRY_SECONDS = 0.5

StreamError = (NatsError, OSError, asyncio.TimeoutError)
"""What a call may raise while the transport is away; all of them mean "unknown, try again"."""


def stream_name(service: str) -> str:
    """The stream of a service, e.g. `SHARED-SERVICES`."""
    return service.upper()


class Stream:
    """A connection that never gives up: it reconnects for ever, and every wait has an end."""

    def __init__(self, url: str, name: str) -> None:
        self._url, self._name = url, name
        self._client: Client | None = None
        self._connecting: asyncio.Task[JetStreamContext] | None = None

    async def _jetstream(self) -> JetStreamContext:
        # One connection for all, whoever asks first and whoever stops waiting for it.
        if self._connecting is None or (self._connecting.done() and self._connecting.exception()):
            self._connecting = asyncio.create_task(self._connect())
        return await asyncio.shield(self._connecting)

    async def _connect(self) -> JetStreamContext:
        self._client = await nats.connect(
            self._url,
            name=self._name,
            inbox_prefix=f"_INBOX_{self._name}".encode(),
            allow_reconnect=True,
            max_reconnect_attempts=-1,
            reconnect_time_wait=0.25,
            connect_timeout=2,
            ping_interval=5,
            max_outstanding_pings=2,
            pending_size=-1,
            error_cb=_log_error,
            closed_cb=_closed,
        )
        return self._client.jetstream(timeout=PUBLISH_SECONDS)

    async def has_stream(self, service: str) -> bool:
        """True if the stream of `service` is there. One that would drop messages silently is set right."""
        jetstream = await self._jetstream()
        try:
            found = (await jetstream.stream_info(stream_name(service))).config
        except NotFoundError:
            return False
        keeping = found.evolve(discard=DiscardPolicy.NEW, max_age=0, max_msgs_per_subject=-1)
        if keeping != found:
            log.warning("stream.set_right", service=service)
            await jetstream.update_stream(keeping)
        return True

    async def ensure_stream(self, service: str) -> None:
        """Make the stream of `service` unless it is there: only the service itself does, see `Relay`."""
        jetstream = await self._jetstream()
        await jetstream.add_stream(
            StreamConfig(
                name=stream_name(service),
                subjects=[f"concordat.{service}.>"],
                storage=StorageType.FILE,
                discard=DiscardPolicy.NEW,
                duplicate_window=300,
            )
        )

    async def publish(self, subject: str, event_id: str, body: bytes) -> None:
        """Publish and wait until the stream has it. A failure means "unknown": repeat with the same id."""
        jetstream = await self._jetstream()
        async with asyncio.timeout(PUBLISH_SECONDS + 1):
            await jetstream.publish(subject, body, headers={"Nats-Msg-Id": event_id}, timeout=PUBLISH_SECONDS)

    async def subscribe(self, service: str, durable: str, subjects: Sequence[str]) -> "Subscription":
        """A durable pull consumer on another service's stream.

        A new one first gets the newest message of each subject, then all later ones: the whole bootstrap of a copy.
        Raises NotFoundError as long as that service has not made its stream.
        """
        jetstream = await self._jetstream()
        config = ConsumerConfig(
            durable_name=durable,
            deliver_policy=DeliverPolicy.LAST_PER_SUBJECT,
            ack_policy=AckPolicy.EXPLICIT,
            ack_wait=30,
            max_deliver=-1,
            max_ack_pending=2000,
            filter_subjects=list(subjects),
        )
        await jetstream.add_consumer(stream_name(service), config)
        pull = await jetstream.pull_subscribe_bind(durable, stream=stream_name(service))
        return Subscription(pull)

    async def forget(self, service: str, durable: str) -> None:
        """Delete a durable consumer; the next subscription starts from the newest message of each subject."""
        jetstream = await self._jetstream()
        try:
            await jetstream.delete_consumer(stream_name(service), durable)
        except NotFoundError:
            return

    async def watch(self, heard: Callable[[], None]) -> None:
        """Call `heard` at every event of every service, until cancelled.

        Nothing is remembered: what is said while the transport is away goes unheard.
        """

        async def hear(_: Message) -> None:
            heard()

        while True:
            try:
                await self._jetstream()
                if self._client is not None:
                    await self._client.subscribe("concordat.>", cb=hear)
                    await asyncio.Event().wait()  # the client subscribes again by itself after each reconnect
            except StreamError as error:
                log.warning("watch.interrupted", service=self._name, error=type(error).__name__)
                await asyncio.sleep(WATCH_RETRY_SECONDS)

    def connected(self) -> bool:
        """True while there is a live connection."""
        return self._client is not None and self._client.is_connected

    async def close(self) -> None:
        """Close the connection for good."""
        if self._connecting is not None:
            await end(self._connecting)
        if self._client is not None:
            self._client._closed_cb = None
            with suppress(*StreamError):
                async with asyncio.timeout(CLOSE_SECONDS):
                    await self._client.close()


@dataclass
class Subscription:
    """Messages of a durable consumer."""

    pull: JetStreamContext.PullSubscription

    async def fetch(self, batch: int) -> list[Message]:
        """Up to `batch` messages; none after a moment of silence.

        Raises a StreamError if the consumer was deleted: subscribe again.
        """
        try:
            return await self.pull.fetch(batch, timeout=FETCH_SECONDS)
        except TimeoutError:
            return []

    async def close(self) -> None:
        """Stop listening; the durable consumer stays."""
        await self.pull.unsubscribe()


async def _log_error(error: Exception) -> None:
    log.warning("stream.error", error=type(error).__name__)


async def _closed() -> None:
    # A client closed for good leaves a process that looks healthy and hears nothing: end it, to be restarted.
    log.error("stream.closed")
    os._exit(70)
