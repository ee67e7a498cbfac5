"""Precedence, laying down and the end with an agreement hold for every set of terms."""

from datetime import date, timedelta
from typing import Any
from uuid import UUID

from contracts.registry import ServiceTerm
from contracts.vocabulary import Period
from hypothesis import given
from hypothesis import strategies as st
from registry.entitlements.rules import LAYERS, in_effect, key, laid, next_change, on, service

AGREEMENT, DISTRICT = UUID(int=1), UUID(int=2)
DAYS = st.dates(date(2020, 1, 1), date(2023, 12, 31))


@st.composite
def periods(draw: Any) -> dict[str, Any]:
    start = draw(DAYS)
    length = draw(st.none() | st.integers(1, 900))
    return {"valid_from": start, "valid_to": None if length is None else start + timedelta(days=length)}


@st.composite
def terms(draw: Any) -> ServiceTerm:
    layer = draw(st.sampled_from(LAYERS))
    said = {
        "service": draw(st.sampled_from(["food", "custodial"])),
        "service_class": draw(st.sampled_from(["included", "purchased", "mandated"])),
        "layer": layer,
        "source": draw(st.sampled_from(["Section 1", "Section 2"])),
        "agreement_id": AGREEMENT if layer == "agreement" else None,
        "district_id": draw(st.sampled_from([None, DISTRICT])) if layer == "law" else None,
    }
    return ServiceTerm.model_validate(said | draw(periods()))


def all_laid(found: list[ServiceTerm]) -> list[ServiceTerm]:
    together: list[ServiceTerm] = []
    for each in found:
        together = laid(together, each)
    return together


@given(st.lists(terms(), max_size=8), DAYS)
def test_the_strongest_layer_prevails_on_every_day(found: list[ServiceTerm], day: date) -> None:
    together = all_laid(found)
    for about, held in on(together, day).items():
        layers = [LAYERS.index(term.layer) for term in together if service(term) == about and term.covers(day)]
        assert LAYERS.index(held[0].layer) == min(layers)
        assert len(held) == len(layers)


@given(st.lists(terms(), max_size=8), DAYS)
def test_under_one_key_there_is_one_term_at_a_time(found: list[ServiceTerm], day: date) -> None:
    holding = [key(term) for term in all_laid(found) if term.covers(day)]
    assert len(holding) == len(set(holding))


@given(st.lists(terms(), max_size=6), terms(), DAYS)
def test_a_new_term_holds_in_its_time_and_changes_no_other(
    found: list[ServiceTerm], new: ServiceTerm, day: date
) -> None:
    before, after = all_laid(found), laid(all_laid(found), new)

    def meant(of: list[ServiceTerm]) -> list[tuple[Any, ...]]:
        held = [term for term in of if term.covers(day) and (not new.covers(day) or key(term) != key(new))]
        return sorted((str(key(term)), term.service_class, term.source) for term in held)

    assert meant(before) == meant(after)
    assert new in after
    assert [t for t in after if new.covers(day) and t.covers(day) and key(t) == key(new)] == [new] * new.covers(day)


@given(st.lists(terms(), max_size=6), terms())
def test_what_is_laid_down_until_the_next_change_leaves_that_alone(found: list[ServiceTerm], new: ServiceTerm) -> None:
    before = all_laid(found)
    until = new.model_copy(update={"valid_to": next_change(before, new)})
    later = [term for term in before if key(term) == key(new) and term.valid_from > new.valid_from]
    assert all(term in laid(before, until) for term in later)


@given(st.lists(terms(), max_size=8), st.lists(periods(), max_size=1), DAYS)
def test_a_term_of_an_agreement_holds_exactly_while_that_is_in_force(
    found: list[ServiceTerm], spans: list[dict[str, Any]], day: date
) -> None:
    in_force = [Period(**span) for span in spans]
    together = all_laid(found)
    effective = in_effect(together, {AGREEMENT: in_force})
    governed = any(span.covers(day) for span in in_force)
    expected = [t for t in together if t.covers(day) and (t.agreement_id is None or governed)]
    assert sorted(map(key_of, (t for t in effective if t.covers(day)))) == sorted(map(key_of, expected))


def key_of(term: ServiceTerm) -> tuple[str, str, str, str]:
    return term.layer, term.service, term.service_class, term.source
