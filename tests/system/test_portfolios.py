"""The nine real systems, played through the gateway as anybody could, beside one another and beside the demo."""

from collections.abc import Callable, Iterator
from dataclasses import replace
from functools import cache, partial

import pytest
from launcher.api import Api
from launcher.portfolio import library_folder
from launcher.portfolios.document import Chapter, read_system, systems
from launcher.portfolios.play import Outcome, Play

from tests.system.conftest import Concordat

pytestmark = pytest.mark.timeout(400)

LIBRARY = library_folder()


@pytest.fixture(scope="module")
def platform(concordat: Concordat) -> Iterator[Api]:
    """The platform's client."""
    api = Api(concordat.url, "platform", (concordat.data / "secrets" / "platform").read_text().strip())
    yield api
    api.close()


def play(platform: Api, name: str) -> list[Outcome]:
    return list(Play(read_system(LIBRARY / "portfolios" / name), LIBRARY, platform).outcomes())


@pytest.fixture(scope="module")
def played(platform: Api) -> Callable[[str], list[Outcome]]:
    """`played(name)`: what came of the first play of a system."""
    return cache(partial(play, platform))


def troubles(outcomes: list[Outcome]) -> list[Outcome]:
    return [outcome for outcome in outcomes if outcome.trouble]


@pytest.mark.parametrize("name", systems(LIBRARY))
def test_everything_holds_that_a_system_says_of_its_year(played: Callable[[str], list[Outcome]], name: str) -> None:
    assert troubles(played(name)) == []


@pytest.mark.parametrize("name", ["camden-renaissance", "denver-luminary"])
def test_a_second_play_records_nothing_and_everything_still_holds(
    platform: Api, played: Callable[[str], list[Outcome]], name: str
) -> None:
    played(name)
    again = play(platform, name)
    assert troubles(again) == []
    assert [outcome for outcome in again if outcome.recorded] == []


def test_what_does_not_hold_is_said_in_plain_words(platform: Api) -> None:
    wrong = {
        "kind": "start",
        "title": "A mistake",
        "certainty": "guessed",
        "source": "I",
        "holds": [{"school": {"of": "molina", "asOf": "2016-10-01"}, "shows": {"arrangement": "traditional"}}],
    }
    system = read_system(LIBRARY / "portfolios" / "camden-renaissance")
    mistaken = replace(system, setting=[], chapters=[Chapter.model_validate(wrong)])
    outcomes = list(Play(mistaken, LIBRARY, platform).outcomes())
    assert [outcome.trouble for outcome in outcomes] == ["arrangement is state-approved-project, not traditional"]


def test_a_play_ends_at_what_is_refused_although_it_must_not_be(platform: Api) -> None:
    wrong = {
        "kind": "start",
        "title": "A mistake",
        "certainty": "guessed",
        "source": "I",
        "do": [{"enroll": {"of": "molina", "policyType": "by-lot", "source": "s", "validFrom": "2031-07-01"}}],
    }
    system = read_system(LIBRARY / "portfolios" / "camden-renaissance")
    mistaken = replace(system, setting=[], chapters=[Chapter.model_validate(wrong)])
    (outcome,) = Play(mistaken, LIBRARY, platform).outcomes()
    assert outcome.words == "The play ends here."
    assert "policyType" in outcome.trouble


def test_the_command_prints_what_held(concordat: Concordat) -> None:
    done = concordat.command("portfolios", "run", "fulton-charter-system", f"--url={concordat.url}")
    assert done.returncode == 0, done.stdout + done.stderr
    assert "held     The waiver died that night (pitfall 40)." in done.stdout


def test_an_unknown_portfolio_is_refused_with_those_there_are(concordat: Concordat) -> None:
    done = concordat.command("portfolios", "run", "atlantis", f"--url={concordat.url}")
    assert done.returncode == 1
    assert "There is no portfolio atlantis; there are:" in done.stderr
    assert "springfield-zone" in done.stderr
