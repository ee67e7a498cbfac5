"""Ports for servers that tests and benchmarks start."""

import random

from launcher.processes import port_is_taken

BELOW_OUTGOING = range(20_000, 32_000)
"""The kernel gives outgoing connections ports from 32,768 on: one of those may be taken at any moment."""


def row_of_ports(count: int) -> int:
    """The first of `count` ports in a row that are free."""
    while True:
        # Not by the seed of the run: all test processes have the same one.
        first = random.SystemRandom().choice(BELOW_OUTGOING)
        if not any(port_is_taken(first + n) for n in range(count)):
            return first
