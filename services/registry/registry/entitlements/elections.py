"""What can be wrong with a school's choices, and what they lay down. Pure."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import date, timedelta

from contracts.registry import ElectionChoice, ServiceTerm
from contracts.vocabulary import ServiceClass
from kit.errors import FieldError

from registry.entitlements.rules import LAYERS, LEFT, laid, next_change
from registry.entitlements.rules import on as holding_on
from registry.entitlements.schemas import ElectionWindowView, NewElection


def earliest(window: ElectionWindowView, elected_on: date) -> date:
    """The first day on which a choice made on `elected_on` can take effect."""
    return max(window.takes_effect_on, elected_on + timedelta(days=window.notice_days))


def election_errors(
    window: ElectionWindowView, election: NewElection, terms: Iterable[ServiceTerm]
) -> list[FieldError]:
    """Everything wrong with an election of a school with these terms in effect."""
    effective_on = election.effective_on or earliest(window, election.elected_on)
    # Only the district that answers for a school lets it choose: what others give it is no part of the choice.
    own = holding_on([term for term in terms if term.district_id is None], effective_on)
    held = {service: found for (service, _), found in own.items()}
    return [
        *_time_errors(window, election),
        *_choice_errors(window, election, held),
        *_bundle_errors(window, election, held),
    ]


def elected(
    window: ElectionWindowView, election: NewElection, terms: Sequence[ServiceTerm], effective_on: date
) -> list[ServiceTerm]:
    """The terms with what was chosen laid down, from its day on until the next known change."""
    offered = {choice.service: choice for choice in window.choices}
    for chosen in election.chosen:
        choice = offered[chosen.service]
        new = ServiceTerm(
            service=chosen.service,
            service_class=chosen.service_class,
            layer=window.layer,
            source=window.source,
            agreement_id=window.agreement_id,
            quota=None if chosen.service_class in LEFT else choice.quota,
            credit_cents=choice.credit_cents if chosen.service_class == "opted-out-with-credit" else None,
            valid_from=effective_on,
        )
        terms = laid(terms, new.model_copy(update={"valid_to": next_change(terms, new)}))
    return list(terms)


def _time_errors(window: ElectionWindowView, election: NewElection) -> Iterator[FieldError]:
    if election.elected_on < window.opens_on:
        yield FieldError("electedOn", "not-open", f"the window opens on {window.opens_on}")
    if election.elected_on > window.closes_on and election.approved_by is None:
        message = f"the window closed on {window.closes_on}: a late change needs an approval; say whose"
        yield FieldError("approvedBy", "late", message)
    first = earliest(window, election.elected_on)
    if election.effective_on is not None and election.effective_on < first:
        message = (
            f"{first} at the earliest: {window.notice_days} days of notice, and not before {window.takes_effect_on}"
        )
        yield FieldError("effectiveOn", "notice", message, value=str(election.effective_on))


def _choice_errors(
    window: ElectionWindowView, election: NewElection, held: Mapping[str, Sequence[ServiceTerm]]
) -> Iterator[FieldError]:
    offered = {choice.service: choice for choice in window.choices}
    services = [chosen.service for chosen in election.chosen]
    if len(set(services)) < len(services):
        yield FieldError("chosen", "repeated", "choose once about each service")
    for number, chosen in enumerate(election.chosen):
        where, choice = f"chosen.{number}", offered.get(chosen.service)
        if choice is None:
            yield FieldError(f"{where}.service", "not-offered", f"the window is about: {', '.join(offered)}")
        elif chosen.service_class not in choice.classes:
            yield FieldError(f"{where}.class", "not-offered", f"one of: {', '.join(choice.classes)}")
        stronger = _stronger(window, held.get(chosen.service, ()))
        if stronger is not None:
            message = f"{stronger.source} ({stronger.layer}) makes it `{stronger.service_class}`: nothing to choose"
            yield FieldError(f"{where}.service", "overridden", message)


def _stronger(window: ElectionWindowView, terms: Sequence[ServiceTerm]) -> ServiceTerm | None:
    return next((term for term in terms if LAYERS.index(term.layer) < LAYERS.index(window.layer)), None)


def _bundle_errors(
    window: ElectionWindowView, election: NewElection, held: Mapping[str, Sequence[ServiceTerm]]
) -> Iterator[FieldError]:
    after: dict[str, ServiceClass] = {service: terms[0].service_class for service, terms in held.items()}
    after |= {chosen.service: chosen.service_class for chosen in election.chosen}
    for choice in window.choices:
        if after.get(choice.service) in LEFT:
            yield from _tied(choice, after)


def _tied(choice: ElectionChoice, after: Mapping[str, ServiceClass]) -> Iterator[FieldError]:
    for needed in choice.needs:
        if after.get(needed) not in LEFT:
            message = f"whoever leaves {choice.service} leaves {needed} too"
            yield FieldError("chosen", "bundle", message, value=needed)
