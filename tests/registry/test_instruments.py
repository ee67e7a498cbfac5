"""Instrument kinds: documents that are immutable, complete and exact, and the dates that their rules give."""

from datetime import date, timedelta
from typing import Any

import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st
from kit.documents import parse_document
from registry.calendars.arithmetic import PLAIN
from registry.instruments.dates import due, effect_from, first_full_school_year, reviews
from registry.instruments.document import Deadline, Effect, Instrument, Review

from tests.registry.conftest import Registry
from tests.registry.journeys import INSTRUMENTS, YAML, register

DAYS = st.dates(date(2000, 1, 1), date(2060, 1, 1))
KINDS = sorted(path.stem for path in INSTRUMENTS.glob("*.yaml"))


def instrument(name: str) -> Instrument:
    return parse_document((INSTRUMENTS / f"{name}.yaml").read_bytes(), Instrument)


def document(name: str = "in-innovation-network-agreement") -> dict[str, Any]:
    return dict(yaml.safe_load((INSTRUMENTS / f"{name}.yaml").read_text(encoding="utf-8")))


async def send(registry: Registry, content: dict[str, Any] | bytes) -> Any:
    body = content if isinstance(content, bytes) else yaml.safe_dump(content).encode()
    return await registry.platform.post("/v1/instruments", content=body, headers=YAML)


@pytest.mark.parametrize("name", KINDS)
def test_every_kind_of_the_library_is_a_complete_document_of_its_name(name: str) -> None:
    assert instrument(name).id == name


@pytest.mark.parametrize("name", KINDS)
def test_the_umbrellas_that_a_kind_names_are_in_the_library(name: str) -> None:
    parent = instrument(name).parent
    assert parent is None or set(parent.kinds) <= set(KINDS)


def test_the_nine_systems_and_their_states_are_covered() -> None:
    assert {instrument(name).jurisdiction[:2] for name in KINDS} == {"CO", "IN", "NJ", "GA", "MA", "CA", "IL"}


async def test_the_whole_library_can_be_registered(registry: Registry) -> None:
    await register(registry, *KINDS)
    listed = (await registry.as_("north").get("/v1/instruments?jurisdiction=CO")).json()["items"]
    assert [item["id"] for item in listed] == ["co-innovation-plan", "co-innovation-zone-plan", "co-labor-waiver"]


async def test_a_registered_version_is_immutable_and_the_same_again_changes_nothing(registry: Registry) -> None:
    first = await send(registry, document())
    again = await send(registry, document())
    changed = await send(registry, document() | {"title": "Another"})
    assert first.json() == again.json()
    assert (changed.status_code, changed.json()["type"]) == (409, "urn:concordat:problem:instrument-immutable")


async def test_a_threshold_that_is_no_exact_fraction_is_refused_at_its_place(registry: Registry) -> None:
    wrong = document("co-labor-waiver")
    wrong["approvals"]["establish"][1]["threshold"] = 0.6
    answer = await send(registry, wrong)
    [error] = answer.json()["errors"]
    assert answer.status_code == 422
    assert error["field"] == "approvals.establish.1.vote.threshold"
    assert "3/5" in error["message"]


async def test_every_error_of_a_document_is_named_at_once(registry: Registry) -> None:
    wrong = document() | {"level": "galaxy", "jurisdiction": "Indiana"}
    fields = {error["field"] for error in (await send(registry, wrong)).json()["errors"]}
    assert fields == {"level", "jurisdiction"}


async def test_an_instrument_that_nobody_must_approve_is_refused(registry: Registry) -> None:
    wrong = document()
    for step in wrong["approvals"]["establish"]:
        step["binding"] = False
    answer = await send(registry, wrong)
    assert answer.status_code == 422
    assert "at least one binding approval" in answer.text


async def test_a_document_that_would_unfold_to_gigabytes_is_refused_unread(registry: Registry) -> None:
    lines = [b"a0: &a0 [x]"] + [b"a%d: &a%d [%s]" % (n, n, b", ".join([b"*a%d" % (n - 1)] * 9)) for n in range(1, 12)]
    answer = await send(registry, b"\n".join(lines))
    assert (answer.status_code, "aliases" in answer.json()["detail"]) == (400, True)


async def test_what_is_neither_yaml_nor_json_is_a_bad_request(registry: Registry) -> None:
    answer = await send(registry, b"id: [unclosed")
    assert (answer.status_code, answer.json()["type"]) == (400, "urn:concordat:problem:bad-request")


async def test_an_operator_reads_instruments_and_registers_none(registry: Registry) -> None:
    content = yaml.safe_dump(document()).encode()
    answer = await registry.as_("north").post("/v1/instruments", content=content, headers=YAML)
    assert answer.status_code == 403


def test_indianas_notice_is_due_on_a_saturday_and_the_roll_rule_is_shown() -> None:
    notice = instrument("in-innovation-network-agreement").notices[0]
    found = due(notice, date(2024, 3, 14))
    assert (found.on, f"{found.on:%A}", found.roll) == (date(2024, 4, 13), "Saturday", "none")


@pytest.mark.parametrize(
    ("roll", "expected"), [("next-business-day", date(2024, 4, 15)), ("previous-business-day", date(2024, 4, 12))]
)
def test_a_roll_rule_moves_a_saturday_to_a_business_day(roll: Any, expected: date) -> None:
    found = due(Deadline(days=30, after="execute", roll=roll), date(2024, 3, 14))
    assert (found.counted, found.on) == (date(2024, 4, 13), expected)


@given(DAYS, st.integers(0, 90))
def test_business_days_are_counted_one_by_one(start: date, days: int) -> None:
    end = due(Deadline(days=days, after="submit", count="business"), start).on
    between = [start + timedelta(days=n) for n in range(1, (end - start).days + 1)]
    assert sum(map(PLAIN.is_business_day, between)) == days


def test_an_agreement_signed_in_march_counts_from_the_next_school_year() -> None:
    effect = instrument("in-innovation-network-agreement").effect
    begins = effect_from(effect, date(2024, 3, 14), None)
    assert (begins, first_full_school_year(effect, begins)) == (date(2024, 7, 1), 2025)


@given(DAYS)
def test_the_next_school_year_never_began_before_the_agreement(executed: date) -> None:
    effect = Effect(begins="next-school-year", citation="a law")
    begins = effect_from(effect, executed, None)
    assert executed < begins <= executed + timedelta(days=366)


def test_colorado_reviews_every_three_years_from_local_approval() -> None:
    plan = instrument("co-innovation-plan")
    [rule] = plan.reviews
    found = [review.on for review in reviews(rule, plan.effect, date(2021, 4, 22), date(2028, 1, 1))]
    assert found == [date(2024, 4, 22), date(2027, 4, 22)]


def test_a_los_angeles_pilot_is_reviewed_in_its_fourth_year_and_then_every_five() -> None:
    plan = instrument("ca-la-pilot-plan")
    [rule] = plan.reviews
    found = [review.school_year for review in reviews(rule, plan.effect, date(2021, 7, 1), date(2031, 1, 1))]
    assert found == [2025, 2030]


def test_a_review_on_a_leap_day_falls_on_the_last_of_february() -> None:
    rule = Review(kind="anniversary", after="execute", first=1, every=4, citation="a law")
    effect = Effect(begins="on-date", citation="a law")
    found = [review.on for review in reviews(rule, effect, date(2024, 2, 29), date(2030, 1, 1))]
    assert found == [date(2025, 2, 28), date(2029, 2, 28)]
