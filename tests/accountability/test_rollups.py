"""The home district's figures: who counts in it by which rule, pooled three ways, beside the state's own."""

from datetime import date, timedelta
from uuid import UUID

from contracts.accountability import RollupComputed
from contracts.registry import CountDate, DistrictCalendarChanged, OrganizationChanged
from sqlalchemy import text

from tests.accountability.districts import NOW, WORKED, District, figure, values

STRANGER = UUID(int=4711)


async def test_counts_are_pooled_again_and_not_averaged(district: District) -> None:
    await district.rate(*WORKED)
    view = (await district.roll_up()).json()
    assert values(view, district.passed) == [50.0, 35.0, 47.0]
    assert values(view, district.passed, "byStudents") == [50.0, 35.0, 47.0]
    assert values(view, district.passed, "simple") == [50.0, 35.0, 42.5]
    combined = figure(view, district.passed)["parts"]["combined"]
    assert (combined["schools"], combined["students"], combined["numerator"]) == (2, 10_000, 4_700)


async def test_the_frameworks_own_result_is_averaged_and_its_ratings_counted(district: District) -> None:
    await district.rate(*WORKED)
    view = (await district.roll_up()).json()
    assert values(view, "rating", "byStudents") == [50.0, 35.0, 47.0]
    assert values(view, "rating", "ratings") == [{"C": 1}, {"D": 1}, {"C": 1, "D": 1}]


async def test_a_school_that_is_not_rated_is_counted_and_named_and_is_no_zero(district: District) -> None:
    await district.assign("small")
    await district.rate(*WORKED, "small 0 4")
    view = (await district.roll_up()).json()
    rating = figure(view, "rating")
    assert rating["parts"]["combined"]["schools"] == 2
    assert rating["notCounted"] == [{"schoolId": str(district.school_id("small")), "reason": "too-few-students"}]


async def test_a_day_on_which_the_district_had_no_school_is_refused_and_named(district: District) -> None:
    await district.rate(*WORKED)
    answer = await district.roll_up(countDate="2009-10-01")
    (error,) = answer.json()["errors"]
    assert (answer.status_code, error["field"], error["rule"]) == (422, "countDate", "no-schools")
    assert (await district.roll_up()).status_code == 201


async def test_a_school_without_a_figure_is_named(district: District) -> None:
    await district.rate("own 4000 8000")
    of = figure((await district.roll_up()).json(), district.passed)
    assert of["notCounted"] == [{"schoolId": str(district.school_id("free")), "reason": "no-figure"}]
    assert of["parts"]["autonomous"]["byCounts"] is None


async def test_an_agreement_signed_in_march_counts_from_the_next_school_year(district: District) -> None:
    await district.rate(*WORKED)
    await district.agree("own", since=date(2025, 3, 14), first_year=2026)
    view = (await district.roll_up(countDate="2025-04-15")).json()
    own = next(each for each in view["standings"] if each["schoolId"] == str(district.school_id("own")))
    assert (own["part"], own["rule"], own["treatment"]) == ("district-run", "agreement-not-yet", "included")
    assert values(view, district.passed) == [50.0, 35.0, 47.0]


async def test_who_is_autonomous_is_asked_on_the_first_count_date_of_the_districts_calendar(district: District) -> None:
    await district.hear(
        DistrictCalendarChanged(
            id=district.organization("calendar"),
            version=1,
            organization_id=district.id,
            school_year=2025,
            first_day=date(2024, 8, 1),
            last_day=date(2025, 5, 30),
            business_weekdays=["monday"],
            closures=[],
            count_dates=[CountDate(name="spring", day=date(2025, 2, 3)), CountDate(name="fall", day=date(2024, 9, 16))],
            source="Board",
        )
    )
    await district.rate(*WORKED)
    view = (await district.roll_up()).json()
    assert (view["countDate"], view["countDateSource"]) == ("2024-09-16", "the district's calendar: fall")


async def test_the_states_figure_stands_beside_ours_and_the_difference_is_itemized(district: District) -> None:
    await district.rate(*WORKED)
    rollup = await district.roll_up()
    free = str(district.school_id("free"))
    body = {
        "figure": district.passed,
        "value": 50.4,
        "source": "State report card",
        "countsOtherwise": [{"schoolId": free, "counted": False, "source": "list of campuses"}],
        "reason": "published",
    }
    url = f"/v1/rollups/{rollup.json()['id']}/official-figures"
    answer = await district.by(district.id).post(url, json=body)
    assert answer.status_code == 201, answer.text
    beside = figure(answer.json(), district.passed)["reconciliation"]
    assert (beside["ours"], beside["official"]["value"], beside["difference"]) == (47.0, 50.4, 3.4)
    assert [(item["schoolId"], item["effect"]) for item in beside["items"]] == [(free, 3.0)]
    assert beside["items"][0]["rule"] == "law:in-innovation-network-agreement"
    assert beside["unexplained"] == 0.4
    assert beside["whatIf"] == [{"rule": "law:in-innovation-network-agreement", "value": 50.0}]


async def test_a_difference_that_nobody_explains_stays_unexplained(district: District) -> None:
    await district.rate(*WORKED)
    rollup = await district.roll_up()
    body = {"figure": district.passed, "value": 46.2, "source": "Report card", "reason": "published"}
    answer = await district.by(None).post(f"/v1/rollups/{rollup.json()['id']}/official-figures", json=body)
    beside = figure(answer.json(), district.passed)["reconciliation"]
    assert (beside["difference"], beside["items"], beside["unexplained"]) == (-0.8, [], -0.8)


async def test_measures_corrected_and_published_make_a_new_version_and_the_old_one_is_known_then(
    district: District,
) -> None:
    await district.rate(*WORKED)
    rollup = await district.roll_up()
    district.at(NOW + timedelta(days=30))
    await district.load("free 1000 2000")
    assert (await district.show(rollup))["version"] == 1, "what is loaded is not published"
    await district.publish("a file was wrong")
    view = await district.show(rollup)
    assert (view["version"], view["reason"]) == (2, "a file was wrong")
    assert values(view, district.passed) == [50.0, 50.0, 50.0]
    then = await district.show(rollup, knownAt=(NOW + timedelta(days=1)).isoformat())
    assert (then["version"], then["superseded"]) == (1, True)
    assert values(then, district.passed) == [50.0, 35.0, 47.0]


async def test_corrected_measures_count_though_no_rating_changes(district: District) -> None:
    await district.rate(*WORKED, "growth own 6000 8000")
    rollup = await district.roll_up()
    await district.load("growth own 4000 8000")
    await district.publish()
    assert values(await district.show(rollup), district.growth) == [50.0, None, 50.0]


async def test_an_appeal_that_is_upheld_computes_the_roll_up_anew(district: District) -> None:
    await district.assign("free", ("operator", date(2024, 7, 1), None))
    await district.rate(*WORKED)
    rollup = await district.roll_up()
    window = {"purpose": "appeals", "opensOn": "2025-08-01", "closesOn": "2025-10-01", "timeZone": "America/Chicago"}
    await district.by(None).post(f"/v1/runs/{district.run_id}/windows", json=window)
    rating = await district.rating("free")
    body = {"ratingId": rating["id"], "ground": "data-error", "evidence": "Answer sheets"}
    appeal = await district.by(district.organization("operator")).post("/v1/appeals", json=body)
    assert appeal.status_code == 201, appeal.text
    decided = {"status": "rated", "rating": "C", "score": 45, "legalSource": "Order 9"}
    answer = await district.by(None).post(
        f"/v1/appeals/{appeal.json()['id']}/decision",
        json={"decision": "upheld", "reason": "Sheets were lost.", "decided": decided},
        headers={"If-Match": appeal.headers["etag"]},
    )
    assert answer.status_code == 200, answer.text
    view = await district.show(rollup)
    assert view["reason"] == "Sheets were lost."
    assert values(view, "rating", "byStudents") == [50.0, 45.0, 49.0]
    assert values(await district.show(rollup, version=1), "rating", "byStudents") == [50.0, 35.0, 47.0]


async def test_a_rating_that_is_withdrawn_leaves_the_roll_up_with_its_measures(district: District) -> None:
    await district.rate(*WORKED)
    rollup = await district.roll_up()
    rating = await district.rating("free")
    url, body = f"/v1/ratings/{rating['id']}/withdrawal", {"reason": "Another school's figures."}
    answer = await district.by(None).post(url, json=body, headers={"If-Match": '"1"'})
    assert answer.status_code == 200, answer.text
    view = await district.show(rollup)
    assert view["reason"] == "Another school's figures."
    assert values(view, district.passed) == [50.0, None, 50.0]
    assert values(view, "rating", "byStudents") == [50.0, None, 50.0]


async def test_an_agreement_that_changes_retroactively_makes_a_new_version(district: District) -> None:
    await district.rate(*WORKED)
    rollup = await district.roll_up()
    await district.agree("free", since=date(2025, 7, 1), first_year=2026)
    view = await district.show(rollup)
    assert view["version"] == 2
    assert values(view, district.passed) == [47.0, None, 47.0]


async def test_a_school_whose_assignment_changes_retroactively_leaves_the_roll_up(district: District) -> None:
    await district.rate(*WORKED)
    rollup = await district.roll_up()
    elsewhere = district.held(STRANGER, "accountable-lea", date(2020, 7, 1), None)
    await district.assign("free", assignments=[elsewhere])
    assert values(await district.show(rollup), district.passed) == [50.0, None, 50.0]


async def test_an_agreement_heard_again_computes_nothing(district: District) -> None:
    await district.rate(*WORKED)
    rollup = await district.roll_up()
    await district.hear(district.agreements["free"])
    await district.agree("free")
    assert (await district.show(rollup))["version"] == 1


async def test_others_hear_of_each_version_without_any_figure(district: District) -> None:
    await district.rate(*WORKED)
    rollup = await district.roll_up()
    await district.rule("excluded", instrument="in-innovation-network-agreement")
    subject = f"concordat.accountability.rollup.{rollup.json()['id']}"
    async with district.service.app.state.database.snapshot() as session:
        rows = await session.scalars(
            text("select data from journal where subject = :s order by version"), {"s": subject}
        )
        events = [RollupComputed.read(row) for row in rows]
    assert [(event.version, event.reason) for event in events] == [(1, "first computed"), (2, "The state decided so.")]


async def test_nothing_is_rolled_up_before_it_is_published(district: District) -> None:
    answer = await district.roll_up()
    assert answer.status_code == 422
    assert [(error["field"], error["rule"]) for error in answer.json()["errors"]] == [("framework", "not-published")]


async def test_a_district_is_rolled_up_once_for_a_framework_and_year(district: District) -> None:
    await district.rate(*WORKED)
    first = (await district.roll_up(by=district.id)).json()
    again = await district.roll_up()
    assert (again.status_code, again.json()["rollupId"]) == (409, first["id"])


async def test_only_the_district_itself_and_the_state_roll_it_up(district: District) -> None:
    await district.rate(*WORKED)
    other = district.organization("other")
    await district.hear(OrganizationChanged(id=other, version=1, name="South", types=["district"]))
    answers = [await district.roll_up(by=other), await district.roll_up(by=other, organizationId=str(STRANGER))]
    assert [answer.status_code for answer in answers] == [403, 403]
    assert answers[0].json()["detail"] == answers[1].json()["detail"]
    assert (await district.rule("excluded", by=other, instrument="x")).status_code == 403


async def test_versions_are_listed_with_when_and_why(district: District) -> None:
    await district.rate(*WORKED)
    rollup = await district.roll_up()
    await district.rule("excluded", instrument="in-innovation-network-agreement")
    listed = await district.by(STRANGER).get(f"/v1/rollups/{rollup.json()['id']}/versions")
    assert [item["reason"] for item in listed.json()["items"]] == ["first computed", "The state decided so."]
    found = await district.by(STRANGER).get("/v1/rollups", params={"organizationId": str(district.id)})
    assert [item["version"] for item in found.json()["items"]] == [2]
    rules = await district.by(STRANGER).get("/v1/rollup-rules", params={"organizationId": str(district.id)})
    assert [item["treatment"] for item in rules.json()["items"]] == ["excluded"]
