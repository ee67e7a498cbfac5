"""What a hostile reader fetches, by kind of answer, and the attacker after it."""

from tests.accountability.privacy import answers
from tests.accountability.privacy.attacker import Attacker
from tests.accountability.privacy.district import SUBJECTS
from tests.accountability.privacy.world import CORRECTION, UPHELD, District


async def attacked(district: District, *kinds: str) -> Attacker:
    """The attacker after reading every answer of these kinds."""
    attacker = Attacker(district.truths)
    for kind in kinds:
        await READERS[kind](district, attacker)
    attacker.add_up()
    return attacker


async def read_explanations(district: District, attacker: Attacker) -> None:
    """Every explanation of every revision."""
    for rating in await district.ratings():
        for revision in range(1, rating["revision"] + 1):
            said = await district.read(f"/ratings/{rating['id']}/explanation", revision=revision)
            answers.read_explanation(attacker, said)


async def read_rollups(district: District, attacker: Attacker) -> None:
    """Every version of both roll-ups: after the appeal the figures of one school are of a newer file."""
    files = [truth.since for truth in district.truths]
    versions = dict.fromkeys(SUBJECTS, files[0])
    for rollup in district.rollups.values():
        for version in (await district.read(f"/rollups/{rollup}/versions"))["items"]:
            if version["reason"] == UPHELD:
                versions = versions | {"01": files[1]}
            elif version["reason"] == CORRECTION:
                versions = dict.fromkeys(SUBJECTS, files[-1])
            view = await district.read(f"/rollups/{rollup}", version=version["version"])
            answers.read_rollup(attacker, view, versions)


async def read_goals(district: District, attacker: Attacker) -> None:
    """Every goal, and every evaluation of it."""
    for goal in district.goals:
        evaluations = (await district.read(f"/goals/{goal}/evaluations"))["items"]
        answers.read_goal(attacker, await district.read(f"/goals/{goal}"), evaluations)


async def read_comparisons(district: District, attacker: Attacker) -> None:
    """Every comparison, and all that it read."""
    for comparison in district.comparisons:
        said = await district.read(f"/comparisons/{comparison}")
        inputs = await district.read(f"/comparisons/{comparison}/inputs")
        answers.read_comparison(attacker, said["asked"], inputs, said["result"]["points"])


READERS = {
    "explanations": read_explanations,
    "rollups": read_rollups,
    "goals": read_goals,
    "comparisons": read_comparisons,
}
