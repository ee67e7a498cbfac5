"""A task ends when it is told to, also if a library loses the first word."""

import asyncio

import pytest
from kit.tasks import end


async def deaf(times: int) -> None:
    """Something that loses its first cancellations."""
    for _ in range(times):
        try:
            await asyncio.sleep(60)
        except asyncio.CancelledError:
            continue
    await asyncio.sleep(60)


@pytest.mark.parametrize("times", [0, 1, 2])
async def test_a_task_is_told_until_it_listens(times: int) -> None:
    task = asyncio.create_task(deaf(times))
    await asyncio.sleep(0)
    await end(task)
    assert task.cancelled()


async def test_a_task_that_failed_long_ago_is_over_quietly() -> None:
    async def fail() -> None:
        raise ValueError

    task = asyncio.create_task(fail())
    await asyncio.sleep(0)
    await end(task)
    assert task.done()


async def test_a_task_inside_a_task_ends_though_both_are_told() -> None:
    inner = asyncio.create_task(deaf(1))

    async def outer() -> None:
        try:
            await asyncio.sleep(60)
        finally:
            await end(inner)

    task = asyncio.create_task(outer())
    await asyncio.sleep(0)
    await end(task)
    assert inner.cancelled()
