"""Which of the terms laid down prevails, and what a new one makes of those before it. Pure."""

from collections.abc import Iterable, Mapping, Sequence
from collections.abc import Set as AbstractSet
from datetime import date
from typing import get_args
from uuid import UUID

from contracts.registry import ServiceTerm
from contracts.vocabulary import EntitlementLayer, Period, ServiceClass

from registry.entitlements.schemas import NewServiceTerm
from registry.pieces import within

LAYERS: tuple[EntitlementLayer, ...] = get_args(EntitlementLayer)
"""From the strongest: law, agreement, district policy, default."""

LEFT: frozenset[ServiceClass] = frozenset({"opted-out-with-credit", "opted-out-no-credit", "vendor-self-procured"})
"""The classes of a school that does without the district's service."""

Service = tuple[str, UUID | None]
"""A service, and whose it is, where another district than the school's own gives it."""

Key = tuple[str, UUID | None, Service]


def key(term: ServiceTerm) -> Key:
    """What at one time has one term: the layer, the agreement in it, the service."""
    return term.layer, term.agreement_id, service(term)


def service(term: ServiceTerm) -> Service:
    """The service that a term is about."""
    return term.service, term.district_id


def rank(term: ServiceTerm) -> tuple[int, int, str, str]:
    """The lowest prevails: by layer, then what began last."""
    return LAYERS.index(term.layer), -term.valid_from.toordinal(), term.service_class, term.source


def on(terms: Iterable[ServiceTerm], day: date) -> dict[Service, list[ServiceTerm]]:
    """The terms that hold on `day` by service, the prevailing one first."""
    found: dict[Service, list[ServiceTerm]] = {}
    holding = [term for term in terms if term.covers(day)]
    for term in sorted(holding, key=lambda term: (term.service, str(term.district_id or ""), rank(term))):
        found.setdefault(service(term), []).append(term)
    return found


def giver(new: NewServiceTerm, own: AbstractSet[UUID], parties: Sequence[UUID]) -> UUID | None:
    """Whose service a term is about: None if of one of the school's `own` districts in its time.

    An agreement's term is about a service of the district that is a `party` to it, unless it says which.
    """
    named = [new.district_id] if new.district_id is not None else parties
    return None if not named or not own.isdisjoint(named) else named[0]


def laid(terms: Sequence[ServiceTerm], new: ServiceTerm) -> list[ServiceTerm]:
    """The terms with `new` laid down: what was said of its time under the same key goes, all else stays."""
    kept: list[ServiceTerm] = []
    for term in terms:
        if key(term) != key(new):
            kept.append(term)
            continue
        kept += within([term], None, new.valid_from)
        kept += within([term], new.valid_to, None) if new.valid_to else []
    return [*kept, new]


def next_change(terms: Iterable[ServiceTerm], new: ServiceTerm) -> date | None:
    """The day on which something else is already laid down under the key of `new`."""
    return min(
        (term.valid_from for term in terms if key(term) == key(new) and term.valid_from > new.valid_from), default=None
    )


def in_effect(terms: Iterable[ServiceTerm], in_force: Mapping[UUID, Sequence[Period]]) -> list[ServiceTerm]:
    """The terms as they are said: those of an agreement only while it is in force for the school."""
    said: list[ServiceTerm] = []
    for term in terms:
        spans = [Period(valid_from=date.min)] if term.agreement_id is None else in_force.get(term.agreement_id, ())
        said += [piece for span in spans for piece in within([term], span.valid_from, span.valid_to)]
    return sorted(said, key=lambda term: (term.service, LAYERS.index(term.layer), term.valid_from, term.source))
