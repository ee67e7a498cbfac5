"""By which rule a school counts in its district: that of the law of its instrument, or one that was recorded."""

from uuid import UUID

from tests.accountability.districts import WORKED, District, figure, values

STRANGER = UUID(int=4711)


async def test_every_school_tells_by_which_rule_it_counts_and_where_that_is_written(district: District) -> None:
    await district.rate(*WORKED)
    standings = {each["schoolId"]: each for each in (await district.roll_up()).json()["standings"]}
    free, own = standings[str(district.school_id("free"))], standings[str(district.school_id("own"))]
    assert free["rule"] == "law:in-innovation-network-agreement"
    assert free["citation"].startswith("IC 20-25.7-4")
    assert own["rule"] == "district-run"


async def test_a_school_under_an_instrument_that_no_rule_is_about_is_never_counted_silently(district: District) -> None:
    await district.agree("own", "novel-agreement", jurisdiction="ZZ")
    await district.rate(*WORKED)
    view = (await district.roll_up()).json()
    own = next(each for each in view["standings"] if each["schoolId"] == str(district.school_id("own")))
    assert (own["part"], own["treatment"], own["rule"]) == ("autonomous", "excluded", "no-rule")
    assert values(view, district.passed) == [None, 35.0, 35.0]


async def test_a_separate_unit_stands_beside_the_three_figures(district: District) -> None:
    await district.agree("free", "nj-renaissance-contract", jurisdiction="NJ")
    await district.rate(*WORKED)
    view = (await district.roll_up()).json()
    assert values(view, district.passed) == [50.0, None, 50.0]
    assert figure(view, district.passed)["parts"]["separate-unit"]["byCounts"] == 35.0


async def test_a_recorded_rule_goes_before_the_law_and_makes_a_new_version(district: District) -> None:
    await district.rate(*WORKED)
    rollup = await district.roll_up()
    rule = await district.rule("excluded", schoolId=str(district.school_id("free")))
    assert rule.status_code == 201, rule.text
    view = await district.show(rollup)
    assert (view["version"], view["reason"]) == (2, "The state decided so.")
    assert values(view, district.passed) == [50.0, None, 50.0]
    assert figure(view, district.passed)["notCounted"][0]["reason"] == "excluded"
    assert values(await district.show(rollup, version=1), district.passed) == [50.0, 35.0, 47.0]


async def test_a_school_may_count_for_growth_only(district: District) -> None:
    await district.rate(*WORKED, "growth own 6000 8000", "growth free 1000 2000")
    rollup = await district.roll_up(growthIndicators=[district.growth])
    await district.rule("growth-only", instrument="in-innovation-network-agreement")
    view = await district.show(rollup)
    assert values(view, district.growth) == [75.0, 50.0, 70.0]
    assert values(view, district.passed) == [50.0, None, 50.0]
    assert figure(view, district.passed)["notCounted"][0]["reason"] == "growth-only"


async def test_a_rule_names_one_thing_and_years_in_order(district: District) -> None:
    both = await district.rule("excluded", schoolId=str(STRANGER), instrument="x")
    backwards = await district.rule("excluded", instrument="x", toYear=2020)
    unknown = await district.rule("excluded", schoolId=str(STRANGER))
    assert [answer.status_code for answer in (both, backwards, unknown)] == [422, 422, 422]
    assert unknown.json()["errors"][0]["field"] == "schoolId"


async def test_the_rules_of_law_are_there_to_read(district: District) -> None:
    laws = (await district.by(STRANGER).get("/v1/rollup-rules/of-law")).json()
    assert {law["jurisdiction"] for law in laws} >= {"IN", "CO", "MA", "IL", "CA", "GA", "NJ"}
    assert all(law["citation"] for law in laws)
