"""NATS from its wheel: on loopback only, with every acknowledged message on disk."""

import json
import os
import signal
from collections.abc import Iterator
from pathlib import Path
from urllib.request import urlopen

import nats
import pytest
from launcher.embedded import EmbeddedNats, free_port

from tests.launcher.observed import listening_addresses, runs


@pytest.fixture
def server(tmp_path: Path) -> Iterator[EmbeddedNats]:
    """A server with a monitor, not started."""
    server = EmbeddedNats(tmp_path / 'a "quoted" name', free_port(), monitor_port=free_port())
    yield server
    server.stop()


def test_jetstream_syncs_every_message_into_its_own_folder(server: EmbeddedNats) -> None:
    server.start()
    with urlopen(f"http://127.0.0.1:{server.monitor_port}/jsz?config=true") as answer:
        configuration = json.load(answer)["config"]
    assert configuration["sync_always"] is True
    assert Path(configuration["store_dir"]).is_relative_to(server.folder)


def test_it_listens_on_loopback_only(server: EmbeddedNats) -> None:
    server.start()
    assert server.pid is not None
    assert listening_addresses(server.pid) == {"0100007F"}


async def test_acknowledged_messages_are_there_after_a_kill(server: EmbeddedNats) -> None:
    server.start()
    client = await nats.connect(server.url)
    stream = client.jetstream()
    await stream.add_stream(name="REGISTRY", subjects=["registry.>"])
    for number in range(200):
        await stream.publish(f"registry.{number}", b"x" * 512)
    assert server.pid is not None
    os.kill(server.pid, signal.SIGKILL)
    await client.close()
    server.stop()
    server.start()
    client = await nats.connect(server.url)
    assert (await client.jetstream().stream_info("REGISTRY")).state.messages == 200
    await client.close()


def test_stopping_leaves_no_process_and_may_be_done_twice(server: EmbeddedNats) -> None:
    server.start()
    process_id = server.pid
    server.stop()
    server.stop()
    assert process_id is not None
    assert not runs(process_id)
    assert server.pid is None
