"""What a hostile reader makes of each kind of answer: equations and ends."""

from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from tests.accountability.privacy.attacker import Attacker
from tests.accountability.privacy.district import INDICATORS, SCHOOLS, SUBJECTS, TOP, WEIGHTS, Name

KEYS = {str(subject): key for key, subject in SUBJECTS.items()}
DIGITS = 6
"""Roll-ups are rounded to so many."""

PARTS: Mapping[str, set[str]] = {
    "district-run": {"district-run"},
    "autonomous": {"autonomous"},
    "combined": {"district-run", "autonomous"},
}


def read_explanation(attacker: Attacker, said: dict[str, Any]) -> None:
    """An explanation, and the rating in it."""
    rating, version = said["rating"], said["inputVersion"]
    at = (rating["schoolYear"], KEYS[rating["schoolId"]], rating["studentGroup"])
    names = {each: attacker.fact((*at, each), version) for each in INDICATORS}
    names |= {each: (each, *at, version) for each in ("score", "total")}
    for outcome in said["outcomes"]:
        if outcome["value"] is not None:
            attacker.known[names[outcome["node"]]] = outcome["value"]
        elif outcome["coded"] is not None:
            attacker.between(names[outcome["node"]], TOP, 100)
    if rating["score"] is not None:
        attacker.known[names["total"]] = rating["score"]
    if rating["rating"] in ("High", "Low"):
        attacker.between(names["total"], *((59.95, 100) if rating["rating"] == "High" else (0, 60)))
    attacker.equal({names["score"]: -100} | {names[each]: weight for each, weight in WEIGHTS.items()}, 0)
    attacker.equal({names["score"]: 1, names["total"]: -1}, 0, slack=0.05)


def read_rollup(attacker: Attacker, view: dict[str, Any], versions: Mapping[str, int]) -> None:
    """A version of a roll-up; `versions`: the file with which each school was public then."""
    counted = {KEYS[each["schoolId"]]: each["part"] for each in view["standings"] if each["treatment"] == "included"}
    for figure in view["figures"]:
        if figure["figure"] == "rating":
            continue  # of scores, which are public where they are not hidden
        names = {key: (view["dataYear"], key, "ALL", figure["figure"].split("-")[-1]) for key in SUBJECTS}
        for part, of in PARTS.items():
            schools = [names[key] for key, its in counted.items() if its in of]
            _read_part(attacker, figure["parts"][part], schools, versions)
        beside = figure["reconciliation"]
        if beside is not None:
            _read_beside(attacker, beside, names, counted, versions)


def _read_part(attacker: Attacker, part: dict[str, Any], schools: list[Name], versions: Mapping[str, int]) -> None:
    by_students, alike = (attacker.mean(schools, versions, simple=simple) for simple in (False, True))
    for how, terms in (("byCounts", by_students), ("byStudents", by_students), ("simple", alike)):
        if part[how] is not None:
            attacker.equal(terms, part[how], slack=10**-DIGITS)
    if part["numerator"] is not None:
        attacker.equal(by_students, 100 * part["numerator"] / part["denominator"], slack=1e-6)


def _read_beside(
    attacker: Attacker,
    beside: dict[str, Any],
    names: Mapping[str, Name],
    counted: Iterable[str],
    versions: Mapping[str, int],
) -> None:
    """The state's figure, ours beside it, and what single schools explain of the difference."""
    state, now = beside["official"]["value"], set(counted)
    if beside["official"]["source"] == "measure of the district":
        attacker.known[attacker.fact(names["D"], versions["D"])] = state
    if beside["difference"] is not None:
        attacker.equal(attacker.mean([names[key] for key in now], versions), state - beside["difference"], slack=2e-6)
    for item in beside["items"]:
        before, now = now, now ^ {KEYS[item["schoolId"]]}
        means = [attacker.mean([names[key] for key in each], versions) for each in (now, before)]
        terms = {one: means[0].get(one, 0) - means[1].get(one, 0) for one in means[0] | means[1]}
        attacker.equal(terms, item["effect"], slack=2e-6)


def read_goal(attacker: Attacker, goal: dict[str, Any], evaluations: Iterable[dict[str, Any]]) -> None:
    """A goal, and all that it was ever evaluated at."""
    [yardstick], subject = goal["yardsticks"], KEYS[goal["schoolId"]]
    for each in evaluations:
        if each["found"] is None:
            continue
        name = (each["year"], subject, yardstick["studentGroup"], yardstick["indicator"].split("-")[-1])
        one, found, target = attacker.fact(name, each["inputVersion"]), each["found"], yardstick["targets"][0]["value"]
        if found["figure"] is not None:
            attacker.known[one] = found["figure"]
        if yardstick["comparison"] == "absolute" and each["status"] in ("met", "not-met"):
            attacker.between(one, *((target, 100) if each["status"] == "met" else (0, target)))
        others = [(name[0], key, *name[2:]) for key in SCHOOLS if key != subject]
        if found["compared"] and found["compared"]["value"] is not None and found["compared"]["schools"] == len(others):
            versions = dict.fromkeys(SCHOOLS, each["inputVersion"])
            attacker.equal(attacker.mean(others, versions), found["compared"]["value"], slack=1e-6)


def read_comparison(
    attacker: Attacker, asked: dict[str, Any], inputs: dict[str, Any], points: list[dict[str, Any]]
) -> None:
    """A comparison of an indicator: the figures that it read, and the means of those that it made."""
    newest = max(truth.since for truth in attacker.truths)
    names = {}
    for school, year, value in _rows(inputs["figures"], "school_id", "year", "value"):
        name = (year, KEYS[school], asked["studentGroup"], asked["indicator"].split("-")[-1])
        if value is not None:
            names[school, year] = name
            attacker.known[attacker.fact(name, newest)] = value
    standing = {(school, year): of for school, year, of in _rows(inputs["standings"], "school_id", "year", "standing")}
    for point in points:
        group = {"autonomous": "autonomous", "others": "traditional"}[point["group"]]
        of = [name for at, name in names.items() if at[1] == point["at"] and standing[at] == group]
        if point["mean"] is not None:
            attacker.equal(attacker.mean(of, dict.fromkeys(SCHOOLS, newest), simple=True), point["mean"], slack=1e-6)


def _rows(columns: dict[str, list[Any]], *names: str) -> Iterator[tuple[Any, ...]]:
    return zip(*(columns[name] for name in names), strict=True)
