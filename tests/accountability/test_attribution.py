"""To which operator a year counts when operators change in it; and what an operator's scorecard says."""

from datetime import date, timedelta
from typing import Any
from uuid import UUID

import pytest
from accountability.attribution.rules import attribute, days_held
from accountability.calendars import calendar_days
from contracts.registry import CalendarClosure, DistrictCalendarChanged
from hypothesis import given
from hypothesis import strategies as st

from tests.accountability.conftest import school
from tests.accountability.districts import District
from tests.conftest import Service

CHANGE = date(2025, 1, 15)
STRANGER = UUID(int=4711)


@pytest.fixture
async def district(service: Service) -> District:
    """A school whose operator changes on 15 January 2025, after 92 of 180 school days."""
    made = District(service)
    await made.open()
    await made.assign("s", ("first", date(2020, 7, 1), CHANGE), ("second", CHANGE, None))
    await made.hear(calendar_of(made))
    return made


def calendar_of(district: District) -> DistrictCalendarChanged:
    """92 school days before 15 January 2025 and 88 from then on; school is every day but on the days off."""
    first = CHANGE - timedelta(days=102)
    return DistrictCalendarChanged(
        id=district.organization("calendar"),
        version=1,
        organization_id=district.id,
        school_year=2025,
        first_day=first,
        last_day=CHANGE + timedelta(days=87),
        business_weekdays=["monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday"],
        closures=[CalendarClosure(name="winter", first_day=first, last_day=first + timedelta(days=9))],
        count_dates=[],
        source="Board",
    )


async def rule(district: District, method: str, by: UUID | None = None, **changes: Any) -> Any:
    """Record by which rule the district's years are attributed."""
    body = {
        "organizationId": str(district.id),
        "dataYear": 2025,
        "method": method,
        "citation": "Board policy 6.3",
        "reason": "The operator changed.",
    }
    return await district.by(by).post("/v1/attributions/rules", json=body | changes)


async def attribution(district: District, key: str = "s", year: int = 2025) -> dict[str, Any]:
    """To whom a school's year counts."""
    params = {"schoolId": str(district.school_id(key)), "dataYear": year}
    answer = await district.by(STRANGER).get("/v1/attributions", params=params)
    assert answer.status_code == 200, answer.text
    return dict(answer.json())


async def scorecard(district: District, operator: str, by: UUID | None = None, **params: Any) -> list[dict[str, Any]]:
    """An operator's scorecard."""
    answer = await district.by(by).get(f"/v1/operator-scorecards/{district.organization(operator)}", params=params)
    assert answer.status_code == 200, answer.text
    return list(answer.json()["items"])


async def test_by_the_majority_of_days_the_year_is_the_first_operators(district: District) -> None:
    await rule(district, "majority-of-days")
    said = await attribution(district)
    assert said["organizationId"] == str(district.organization("first"))
    assert (said["basis"], said["days"], said["daysFrom"]) == ("majority-of-days", 180, "school-calendar")
    assert {each["organizationId"]: each["days"] for each in said["held"]} == {
        str(district.organization("first")): 92,
        str(district.organization("second")): 88,
    }


async def test_by_the_test_date_the_year_is_the_second_operators(district: District) -> None:
    await rule(district, "majority-of-days")
    made = (await rule(district, "test-date", day="2025-04-10")).json()
    said = await attribution(district)
    assert said["organizationId"] == str(district.organization("second"))
    assert (said["basis"], said["day"], said["ruleId"]) == ("test-date", "2025-04-10", made["id"])
    assert said["citation"] == "Board policy 6.3"


async def test_by_the_count_date_the_year_is_whose_the_school_was_then(district: District) -> None:
    await rule(district, "count-date", day="2024-10-01")
    assert (await attribution(district))["organizationId"] == str(district.organization("first"))


@pytest.mark.parametrize("method", ["none", None])
async def test_without_a_rule_or_by_the_rule_none_nobody_is_credited_or_blamed(
    district: District, method: str | None
) -> None:
    if method:
        await rule(district, method)
    said = await attribution(district)
    assert (said["organizationId"], said["basis"]) == (None, method or "no-rule")
    assert said["reason"]


async def test_one_operator_alone_needs_no_rule(district: District) -> None:
    said = await attribution(district, year=2024)
    assert (said["organizationId"], said["basis"]) == (str(district.organization("first")), "one-operator")
    assert (said["days"], said["daysFrom"]) == (366, "calendar-days")


async def test_a_school_without_an_operator_is_the_districts_own(district: District) -> None:
    await district.assign("own")
    assert (await attribution(district, "own"))["organizationId"] == str(district.id)


async def test_the_scorecard_says_what_counts_and_the_schools_rating_is_untouched(district: District) -> None:
    await rule(district, "test-date", day="2025-04-10")
    await district.rate("s 45 100")
    [second] = await scorecard(district, "second")
    [first] = await scorecard(district, "first")
    assert (second["attributed"], second["rating"], second["operatorYear"]) == (True, "C", 1)
    assert (first["attributed"], first["rating"], first["operatorYear"]) == (False, "C", 5)
    assert first["attribution"]["basis"] == "test-date"
    rating = (await district.by(STRANGER).get(f"/v1/ratings/{second['ratingId']}")).json()
    assert (rating["rating"], rating["revision"]) == ("C", 1)


async def test_the_scorecard_shows_the_measures_behind_a_rating(district: District) -> None:
    await district.rate("s 45 100", "growth s 60 100")
    [line] = await scorecard(district, "second", schoolYear=2025)
    assert {each["title"]: (each["value"], each["n"]) for each in line["measures"]} == {
        "Growth": (60.0, 100),
        "Passed": (45.0, 100),
    }
    await district.load("growth s 70 100")
    [line] = await scorecard(district, "second")
    assert {each["title"]: each["value"] for each in line["measures"]}["Growth"] == 60.0, "not published yet"


async def test_an_operator_that_comes_back_begins_anew(district: District) -> None:
    back = ("first", date(2024, 7, 1), None)
    await district.assign("s", ("first", date(2010, 7, 1), date(2015, 7, 1)), back)
    await district.rate("s 45 100")
    [line] = await scorecard(district, "first")
    assert line["operatorYear"] == 1


async def test_a_new_operators_first_year_is_not_its_predecessors(district: District) -> None:
    await district.assign("s", ("first", date(2020, 7, 1), date(2024, 7, 1)), ("second", date(2024, 7, 1), None))
    await district.rate("s 45 100")
    assert await scorecard(district, "first") == []
    [line] = await scorecard(district, "second")
    assert (line["attributed"], line["operatorYear"]) == (True, 1)


async def test_an_operator_that_moves_does_not_carry_the_ratings_of_the_school_it_left(district: District) -> None:
    await district.assign("s", ("ignite", date(2017, 7, 1), date(2024, 7, 1)), ("next", date(2024, 7, 1), None))
    await district.assign("genius", ("ignite", date(2024, 7, 1), None))
    await district.rate("s 45 100", "genius 90 100")
    [line] = await scorecard(district, "ignite")
    assert (line["schoolId"], line["rating"], line["operatorYear"]) == (str(district.school_id("genius")), "A", 1)
    assert [each["schoolId"] for each in await scorecard(district, "next")] == [str(district.school_id("s"))]


async def test_a_school_reconstituted_under_a_new_id_begins_with_its_new_operator(district: District) -> None:
    await district.assign("s", ("first", date(2020, 7, 1), date(2024, 7, 1)))
    await district.assign("rebuilt", ("second", date(2024, 7, 1), None))
    await district.rate("rebuilt 45 100")
    [line] = await scorecard(district, "second")
    assert (line["schoolId"], line["operatorYear"]) == (str(district.school_id("rebuilt")), 1)
    assert await scorecard(district, "first") == []


async def test_an_operator_sees_its_own_scorecard_and_a_district_its_own_schools(district: District) -> None:
    await district.rate("s 45 100")
    assert len(await scorecard(district, "first", by=district.organization("first"))) == 1
    assert len(await scorecard(district, "first", by=district.id)) == 1


async def test_a_district_that_a_school_left_does_not_see_the_measures_of_later_years(district: District) -> None:
    await district.rate("s 45 100")
    said, other = district.schools["s"], district.organization("other")
    moved = [
        district.held(other, "accountable-lea", date(2010, 7, 1), date(2024, 7, 1)),
        district.held(district.id, "accountable-lea", date(2024, 7, 1), None),
        *(held for held in said.assignments if held.role == "operator"),
    ]
    await district.hear(said.model_copy(update={"version": said.version + 1, "assignments": moved}))
    assert await scorecard(district, "first", by=other) == []
    assert len(await scorecard(district, "first", by=district.id)) == 1


async def test_a_scorecard_of_others_is_refused_like_one_that_is_not_there(district: District) -> None:
    await district.rate("s 45 100")
    client = district.by(district.organization("second"))
    answers = [await client.get(f"/v1/operator-scorecards/{key}") for key in (district.organization("first"), STRANGER)]
    assert [answer.status_code for answer in answers] == [404, 404]
    words = [answer.json()["detail"].split(" of ")[0] for answer in answers]
    assert words[0] == words[1]


async def test_the_scorecard_is_a_file_too(district: District) -> None:
    await rule(district, "majority-of-days")
    await district.rate("s 45 100")
    url = f"/v1/operator-scorecards/{district.organization('first')}"
    answer = await district.by(None).get(url, headers={"accept": "text/csv"})
    assert answer.headers["content-type"].startswith("text/csv")
    assert "majority-of-days" in answer.text
    assert "92 of 180 days" in answer.text


async def test_a_rule_with_a_date_needs_one_in_its_year(district: District) -> None:
    answers = [
        await rule(district, "test-date"),
        await rule(district, "majority-of-days", day="2025-04-10"),
        await rule(district, "test-date", day="2026-04-10"),
    ]
    assert [answer.status_code for answer in answers] == [422, 422, 422]
    assert (await rule(district, "none", by=STRANGER)).status_code == 403
    listed = await district.by(None).get("/v1/attributions/rules", params={"organizationId": str(district.id)})
    assert listed.json()["items"] == []


@given(st.integers(1, 364))
def test_every_day_is_held_by_one_of_two_operators_that_follow_each_other(passed: int) -> None:
    days = calendar_days(2025)
    change, first, second = days[passed], UUID(int=1), UUID(int=2)
    held = [
        District.held(first, "operator", date(2020, 7, 1), change),
        District.held(second, "operator", change, None),
    ]
    said = school("1").model_copy(update={"assignments": held})
    assert days_held(said, days) == {first: passed, second: 365 - passed}
    longest = first if passed > 365 - passed else second
    assert attribute(said, days, "majority-of-days", None).organization_id == longest


def test_of_equal_days_nobody_has_the_majority() -> None:
    days = calendar_days(2025)[:10]
    held = [
        District.held(UUID(int=1), "operator", date(2020, 7, 1), days[5]),
        District.held(UUID(int=2), "operator", days[5], None),
    ]
    found = attribute(school("1").model_copy(update={"assignments": held}), days, "majority-of-days", None)
    assert (found.organization_id, found.reason) == (None, "no operator held it longest")
