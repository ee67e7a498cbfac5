"""That the attack finds something where secondary suppression is off: else it would prove nothing.

Apart from the attack itself, as a careless rule decides on whatever is computed while it is in place.
"""

from collections.abc import Collection, Iterable

import pytest
from accountability.privacy import system

from tests.accountability.lives import Lives
from tests.accountability.privacy import world
from tests.accountability.privacy.attacks import attacked
from tests.accountability.privacy.world import District


@pytest.fixture(scope="module", autouse=True)
async def registered(lives: Lives) -> None:
    await world.register(lives)


def primary_only(
    cells: object, relations: object, first: Iterable[int], shown: Iterable[int], ties: Iterable[Collection[int]]
) -> set[int]:
    """What is hidden by a rule that does not look at what can be worked out."""
    tied = {cell: set(group) for group in ties for cell in group}
    return set().union(*(tied.get(cell, {cell}) for cell in first)) - set(shown)


async def test_hiding_small_figures_alone_would_not_do(lives: Lives, monkeypatch: pytest.MonkeyPatch) -> None:
    """Explanations tell by themselves, and so do goals."""
    monkeypatch.setattr(system, "hidden_cells", primary_only)
    careless = District(lives, "hides-small-ones-only")
    await world.rated(careless)
    await world.promised(careless)
    for kind in ("explanations", "goals"):
        assert (await attacked(careless, kind)).solved() & careless.secrets


async def test_hiding_small_parts_alone_would_not_do_for_rollups(lives: Lives, monkeypatch: pytest.MonkeyPatch) -> None:
    """Where explanations give nothing away, roll-ups beside them do."""
    careless = District(lives, "rolls-up-carelessly")
    await world.rated(careless)
    assert (await attacked(careless, "explanations")).solved() & careless.secrets == set()
    monkeypatch.setattr(system, "hidden_cells", primary_only)
    await world.rolled_up(careless)
    assert (await attacked(careless, "explanations", "rollups")).solved() & careless.secrets
