"""Decide which means over schools may be shown, in view of each other and of all that is public of these schools."""

import asyncio
from collections.abc import Mapping, Sequence
from itertools import chain
from typing import NamedTuple

from sqlalchemy.ext.asyncio import AsyncSession

from accountability.privacy.deciding import Public, all_public, rest_long, system_of, wholes
from accountability.privacy.facts import published_before, schools_with_secrets
from accountability.privacy.families import families, members_of_measured
from accountability.privacy.policy import Policy
from accountability.privacy.sums import KnownFacts, Sum, add_few, add_parts, add_sum, mean_of

Name = tuple[str, str, str]
"""An indicator, and what is said of it: a part of a district, and how its mean is made, for example."""


class Offer(NamedTuple):
    """Means that are shown or hidden together; of two, that of the lowest rank is hidden first."""

    means: Sequence[Sum]
    rank: tuple[int, ...]


class Decision(NamedTuple):
    """The offers that may be shown, and what is said instead of hidden rates near their ends."""

    shown: set[Name]
    coded: dict[Name, str]


async def decide_beside(
    session: AsyncSession, policy: Policy, year: int, offers: Mapping[Name, Offer], sums: Sequence[Sum]
) -> Decision:
    """Decide on the offers of a year. `sums`: those that are public already."""
    offered = [mean for offer in offers.values() for mean in offer.means]
    newest = max((version for mean in offered for version in mean.known_with.values()), default=0)
    codes = {mean.indicator for mean in offered}
    members = await members_of_measured(session, year)
    ours = {school for mean in offered for school in mean.weights}
    schools = ours.union(*families(wholes(members, [*sums, *offered]), ours))
    if schools.isdisjoint(await schools_with_secrets(session, year, newest, codes, policy)):
        return Decision(set(offers), {})
    before = await published_before(session, year, schools)
    near = [each for each in sums if not schools.isdisjoint(each.weights)]
    public = await all_public(session, policy, before, year, schools, members, near, codes)
    await rest_long(session)
    return await asyncio.to_thread(decided, public, offers)


def decided(public: Public, offers: Mapping[Name, Offer]) -> Decision:
    """What may be shown beside what is public."""
    (system, _, _), known = system_of(public), KnownFacts(public.facts)
    behind = {
        name: [shares for mean in offer.means if (shares := known.behind(mean))] for name, offer in offers.items()
    }
    cells = {name: [add_sum(system, each, offers[name].rank) for each in shares] for name, shares in behind.items()}
    for each in cells.values():
        system.tie(each)
    add_parts(system, {cell: each for name, of in cells.items() for cell, each in zip(of, behind[name], strict=True)})
    add_few(system, [*map(known.behind, public.sums), *chain.from_iterable(behind.values())])
    hidden = system.hidden()
    shown = {name for name, of in cells.items() if hidden.isdisjoint(of)}
    codes = {name: system.code(mean_of(shares[0])) for name, shares in behind.items() if shares and name not in shown}
    return Decision(shown, {name: code for name, code in codes.items() if code is not None})
