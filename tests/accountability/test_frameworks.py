"""Framework documents: registered once, immutable, and refused with the place of every fault."""

import json
import re
from copy import deepcopy
from typing import Any, get_args

import pytest
from accountability.frameworks.library import document_of
from accountability.frameworks.nodes import Node
from accountability.frameworks.reading import read
from kit.errors import Refused

from tests.accountability.conftest import FRAMEWORK, LIBRARY, Accountability
from tests.conftest import ROOT

POINTS = {"kind": "points", "indicator": "growth", "cuts": "rate", "source": "x"}


def changed(path: str, value: Any) -> dict[str, Any]:
    """The small framework as another version, with one thing changed: `nodes.total.input`."""
    document = deepcopy(FRAMEWORK) | {"version": "2"}
    *parents, last = path.split(".")
    part: Any = document
    for parent in parents:
        part = part[int(parent)] if isinstance(part, list) else part[parent]
    part[last] = value
    return document


async def post(accountability: Accountability, body: str | bytes, media_type: str = "application/yaml") -> Any:
    return await accountability.platform.post("/v1/frameworks", content=body, headers={"content-type": media_type})


async def test_a_framework_is_shown_as_it_was_registered(accountability: Accountability) -> None:
    listed = (await accountability.platform.get("/v1/frameworks")).json()["items"]
    shown = (await accountability.platform.get("/v1/frameworks/small/1")).json()
    assert [(one["id"], one["version"], one["title"]) for one in listed] == [("small", "1", "Small policy")]
    assert shown["document"]["nodes"].keys() == FRAMEWORK["nodes"].keys()


async def test_registering_the_same_text_again_changes_nothing(accountability: Accountability) -> None:
    first = (await accountability.platform.get("/v1/frameworks/small/1")).json()
    again = await accountability.platform.post("/v1/frameworks", json=FRAMEWORK)
    assert (again.status_code, again.json()) == (201, first)


async def test_a_registered_framework_cannot_be_changed(accountability: Accountability) -> None:
    answer = await accountability.platform.post("/v1/frameworks", json=FRAMEWORK | {"title": "Another policy"})
    assert (answer.status_code, answer.json()["type"]) == (409, "urn:concordat:problem:framework-immutable")


async def test_an_indicator_of_another_framework_may_widen_but_not_change_its_kind(
    accountability: Accountability,
) -> None:
    wider = changed("indicators.growth", {"title": "Growth", "maximum": 200})
    other = changed("indicators.survey", {"title": "Survey"}) | {"version": "3"}
    answers = [await accountability.platform.post("/v1/frameworks", json=one) for one in (wider, other)]
    loaded = await accountability.load("school,indicator,value\n01,growth,150\n")
    assert [answer.status_code for answer in answers] == [201, 409]
    assert answers[1].json()["errors"][0]["field"] == "indicators.survey"
    assert loaded.status_code == 200


@pytest.mark.parametrize(
    ("path", "value", "field", "words"),
    [
        ("nodes.total.input", "nowhere", "nodes.total", "no node `nowhere`"),
        ("nodes.total.input", "rating", "nodes.total", "gives no value"),
        ("nodes.a", {"kind": "round", "input": "a", "digits": 1, "source": "x"}, "nodes", "a cycle: a -> a"),
        ("nodes.score.weights.growth_points", 50, "nodes.score.weighted", "add up to 90"),
        ("nodes.score.weights.growth_points", "1/0", "nodes.score.weighted.weights.growth_points", "fraction"),
        ("nodes.score.weights.growth_points", 1e99, "nodes.score.weighted.weights.growth_points", "number"),
        ("nodes.score.reassign.0.shares", {"growth_points": 0.5}, "nodes.score.weighted.reassign.0", "add up to 1/2"),
        ("nodes.score.reassign.0.missing", ["growth_points"], "nodes.score.weighted.reassign.0", "own target"),
        ("nodes.score.required", ["nobody"], "nodes.score.weighted", "nobody"),
        (
            "nodes.second",
            {"kind": "weighted", "weights": {"growth_points": 100}, "source": "x"},
            "nodes.growth_points",
            "weight in score and in second",
        ),
        ("nodes.growth_points", POINTS | {"indicator": "height"}, "nodes.growth_points", "no indicator `height`"),
        ("nodes.growth_points", POINTS | {"indicator": "survey"}, "nodes.growth_points", "is a category"),
        ("nodes.growth_points", POINTS | {"cuts": "none"}, "nodes.growth_points", "no table `none`"),
        ("nodes.growth_points", POINTS | {"penalties": "none"}, "nodes.growth_points", "no penalty table"),
        ("nodes.growth_points", POINTS | {"when": {"size": ["big"]}}, "nodes.growth_points", "`size`"),
        ("nodes.growth_points", POINTS | {"colour": "red"}, "nodes.growth_points.points.colour", "not permitted"),
        ("nodes.growth_points", {"kind": "magic"}, "nodes.growth_points", "magic"),
        ("scale", [{"label": "A", "at_least": 1}, {"label": "B", "at_least": 2}], "scale", "`B` cannot be reached"),
        ("scale", [{"label": "A", "at_least": 3}, {"label": "B", "at_least": 1}], "scale", "have no band"),
        ("scale.0.at_least", float("inf"), "scale.0.at_least", "finite"),
        ("tables.rate.cuts", [{"value": 50, "points": 3}, {"value": 90, "points": 5}], "tables.rate", "from the best"),
        ("tables.rate.otherwise", 4, "tables.rate", "must not earn fewer"),
        ("penalties", {"low": [{"at_least": 95, "lost": 0}]}, "penalties.low", "no row"),
        ("penalties", {"low": []}, "penalties.low", "no row"),
        ("attributes", {"growth": {"kind": "number"}}, "attributes.growth", "indicator"),
        ("scale", [], "nodes.rating", "`band` goes by the scale"),
        ("scale", [{"label": "A", "at_least": 0}], "scale", "`A` alone tells nothing apart"),
        ("result", {}, "result", "give a `rating`"),
        ("result.score", "rating", "result.score", "gives no value"),
        ("result.rating", "gone", "result.rating", "no node `gone`"),
        ("nodes", {}, "nodes", "at least one indicator"),
        ("nodes.a b", POINTS, "nodes.a b.[key]", "pattern"),
        ("school_years", [], "school_years", "at least 1"),
        ("indicators.growth", {"title": "Growth", "minimum": 9, "maximum": 1}, "indicators.growth", "minimum"),
    ],
)
async def test_a_framework_that_breaks_a_rule_is_refused_with_the_place(
    accountability: Accountability, path: str, value: Any, field: str, words: str
) -> None:
    body = json.dumps(changed(path, value)).replace("Infinity", ".inf")
    answer = await post(accountability, body)
    assert (answer.status_code, answer.headers["content-type"]) == (422, "application/problem+json")
    found = [(error["field"], error["message"]) for error in answer.json()["errors"]]
    assert any(place == field and words in message for place, message in found), found
    assert (await accountability.platform.get("/v1/frameworks/small/2")).status_code == 404


BELOW = {"node": "total", "below": 3}


def limit(*where: Any, **more: Any) -> dict[str, Any]:
    """A cap where conditions hold."""
    return {"kind": "limit", "input": "total", "at_most": 2, "where": list(where), "source": "x"} | more


@pytest.mark.parametrize(
    ("node", "field", "words"),
    [
        ({"kind": "measure", "indicator": "height"}, "nodes.new", "no indicator `height`"),
        ({"kind": "mean", "weights": {"total": 0}}, "nodes.new.mean", "above 0"),
        ({"kind": "mean", "weights": {"total": 1}, "required": ["score"]}, "nodes.new.mean", "not among the weights"),
        ({"kind": "mean", "weights": {"rating": 1}}, "nodes.new", "gives no value"),
        ({"kind": "aggregate", "how": "sum", "of": ["nowhere"]}, "nodes.new", "no node `nowhere`"),
        ({"kind": "first", "of": ["total", "score"], "where": {"rating": [BELOW]}}, "nodes.new.first", "rating"),
        (limit(BELOW, at_least=1), "nodes.new.limit", "either `at_most` or `at_least`"),
        (limit({"node": "nowhere", "below": 3}), "nodes.new", "no node `nowhere`"),
        (limit({"node": "rating", "below": 3}), "nodes.new", "gives no value"),
        (limit({"node": "total", "one_of": ["Good"]}), "nodes.new", "gives no label"),
        (limit({"attribute": "size", "one_of": ["big"]}), "nodes.new", "no attribute `size`"),
        (limit({"attribute": "unit", "one_of": ["state"]}), "nodes.new", "`unit` is never `state`"),
        (limit({"attribute": "unit", "below": 3}), "nodes.new", "is a category"),
        (limit(BELOW | {"above": 1}), "nodes.new.limit.where.0.test", "ask one thing"),
        (limit({"below": 1}), "nodes.new.limit.where.0.test", "either a `node` or an `attribute`"),
        (limit({"least": 2, "of": [BELOW]}), "nodes.new.limit.where.0.some", "can never hold"),
        ({"kind": "decide", "cases": []}, "nodes.new.decide.cases", "at least 1"),
        ({"kind": "decide", "cases": [{"where": [BELOW]}]}, "nodes.new.decide.cases.0", "`reason` why there is none"),
        ({"kind": "lookup", "table": "none", "by": {"a": {"constant": "1"}}}, "nodes.new", "no look-up table `none`"),
        ({"kind": "lookup", "table": "scaled", "by": {"kind": {"constant": "1"}}}, "nodes.new", "kind, raw"),
        (
            {"kind": "lookup", "table": "scaled", "by": {"kind": {"value": "total"}, "raw": {"label": "rating"}}},
            "nodes.new",
            "column `kind` is a text",
        ),
        (
            {"kind": "lookup", "table": "scaled", "by": {"kind": {"attribute": "size"}, "raw": {"constant": "x"}}},
            "nodes.new",
            "`x` is none",
        ),
        (
            {"kind": "lookup", "table": "scaled", "by": {"kind": {"constant": "a"}, "raw": {"attribute": "unit"}}},
            "nodes.new",
            "`unit` is a category, its column is a number",
        ),
        ({"kind": "rollup", "members": "unit", "how": "sum", "of": "total"}, "nodes.new", "of kind `subject`"),
        ({"kind": "rollup", "members": "parent", "how": "share", "of": "rating"}, "nodes.new.rollup", "`one_of`"),
        (
            {"kind": "band", "input": "total", "bands": [{"label": "A", "at_least": 3}, {"label": "B", "at_least": 1}]},
            "nodes.new",
            "`B` must begin at 0, or lower values have no band",
        ),
        ({"kind": "borrow", "attribute": "unit", "of": "total"}, "nodes.new", "of kind `subject`"),
        ({"kind": "linear", "of": {}}, "nodes.new.linear.of", "at least 1"),
        ({"kind": "linear", "of": {"total": "-"}}, "nodes.new.linear.of.total", "-12.5"),
        ({"kind": "linear", "of": {"nowhere": -1}}, "nodes.new", "no node `nowhere`"),
        ({"kind": "product", "of": ["total"], "times": 0}, "nodes.new.product", "above 0"),
        ({"kind": "product", "of": ["total"], "over": ["rating"]}, "nodes.new", "`rating` (band) gives no value"),
        ({"kind": "percentile", "of": "rating", "counting": "below"}, "nodes.new", "gives no value"),
        ({"kind": "percentile", "of": "total", "counting": "most"}, "nodes.new.percentile.counting", "'middle'"),
        (
            {"kind": "percentile", "of": "total", "counting": "below", "within": ["size"]},
            "nodes.new",
            "no attribute `size` of kind `category` or `subject`",
        ),
        (
            {"kind": "rollup", "members": "parent", "how": "sum", "of": "total", "weighted_by": "score"},
            "nodes.new.rollup",
            "`weighted_by` belongs to `mean`",
        ),
    ],
)
async def test_a_node_that_refers_to_nothing_is_refused_at_the_node(
    accountability: Accountability, node: dict[str, Any], field: str, words: str
) -> None:
    document = changed("nodes.new", {"source": "x"} | node)
    document["attributes"] = {"unit": {"kind": "category", "values": ["school"]}, "parent": {"kind": "subject"}}
    table = {"csv": "kind,raw,scaled\na,1,2\n", "result": "scaled", "numbers": ["raw", "scaled"]}
    document["lookups"] = {"scaled": table}
    answer = await accountability.platform.post("/v1/frameworks", json=document)
    found = [(error["field"], error["message"]) for error in answer.json()["errors"]]
    assert answer.status_code == 422
    assert any(place == field and words in message for place, message in found), found


@pytest.mark.parametrize(
    ("table", "words"),
    [
        ({"csv": "raw,scaled\n1,2\n1,3\n"}, "it stands twice: 1"),
        ({"csv": "raw,scaled\n1\n"}, "row 2 has not as many values"),
        ({"csv": "raw,scaled\n1,x\n", "numbers": ["scaled"]}, "could not convert"),
        ({"csv": "raw,scaled\n1,nan\n", "numbers": ["scaled"]}, "not a number up to"),
        ({"csv": f"raw,scaled\n1,{'x' * 200_000}\n"}, "not readable as CSV"),
        ({"csv": "raw,other\n1,2\n"}, "the header needs `scaled`"),
        ({"csv": "raw,scaled\n"}, "this one 0"),
        ({"csv": "raw,scaled\n1,2\n", "numbers": ["none"]}, "not in the header: none"),
    ],
)
async def test_a_look_up_table_that_cannot_be_read_is_refused(
    accountability: Accountability, table: dict[str, Any], words: str
) -> None:
    document = changed("lookups", {"scaled": table | {"result": "scaled"}})
    answer = await accountability.platform.post("/v1/frameworks", json=document)
    found = [(error["field"], error["message"]) for error in answer.json()["errors"]]
    assert answer.status_code == 422
    assert any(place == "lookups.scaled" and words in message for place, message in found), found


async def test_all_faults_are_named_at_once(accountability: Accountability) -> None:
    document = changed("nodes.total.input", "nowhere")
    document["result"] = {"score": "gone", "rating": "score"}
    answer = await accountability.platform.post("/v1/frameworks", json=document)
    fields = {error["field"] for error in answer.json()["errors"]}
    assert fields == {"nodes.total", "result.score", "result.rating"}


LAUGHS = "a0: &a0 [x, x, x, x, x, x, x, x, x, x]\n" + "".join(
    f"a{n}: &a{n} [{', '.join([f'*a{n - 1}'] * 10)}]\n" for n in range(1, 9)
)


@pytest.mark.parametrize(
    ("body", "media_type", "status"),
    [
        ("{not: [yaml", "application/yaml", 400),
        (b"\xff\xff", "application/yaml", 400),
        ("", "application/json", 422),
        ("[1, 2]", "application/json", 422),
        ("1: 2", "application/yaml", 422),
        ("!!python/object/apply:os.system [ls]", "application/yaml", 400),
        ("&a [*a]", "application/yaml", 422),
        (LAUGHS, "application/yaml", 422),
        ("[" * 100_000, "application/yaml", 422),
        (json.dumps(FRAMEWORK | {"version": "2", "owner": "a\x00b"}), "application/json", 422),
        (json.dumps(FRAMEWORK | {"version": "2", "owner": "\ud800"}), "application/json", 400),
        (json.dumps(FRAMEWORK), "text/plain", 415),
        ("a" * 1_100_000, "application/yaml", 413),
    ],
)
async def test_a_document_that_cannot_be_read_is_a_problem(
    accountability: Accountability, body: str | bytes, media_type: str, status: int
) -> None:
    answer = await post(accountability, body, media_type)
    assert (answer.status_code, answer.headers["content-type"]) == (status, "application/problem+json")


@pytest.mark.parametrize("path", sorted((LIBRARY / "frameworks").glob("*.yaml")), ids=lambda path: path.stem)
def test_every_framework_of_the_library_fits_together(path: Any) -> None:
    try:
        framework = read(json.dumps(document_of(path)).encode())
    except Refused as refused:
        pytest.fail(f"{refused.message} {refused.errors}")
    assert framework.sources
    assert all(node.source for node in framework.nodes.values())


async def test_all_frameworks_of_the_library_have_their_place_in_one_installation(
    accountability: Accountability,
) -> None:
    paths = sorted((LIBRARY / "frameworks").glob("*.yaml"))
    for path in paths:
        answer = await accountability.platform.post("/v1/frameworks", json=document_of(path))
        assert answer.status_code == 201, f"{path.stem}: {answer.text}"
    listed = (await accountability.platform.get("/v1/frameworks", params={"limit": 100})).json()["items"]
    assert len(listed) == len(paths) + 1
    versions = [(one["id"], one["version"]) for one in listed if one["id"] == "texas-a-f"]
    assert versions == [("texas-a-f", "2019"), ("texas-a-f", "2022")]


def test_the_page_on_frameworks_shows_every_kind_of_node_in_a_document_that_has_it() -> None:
    kinds = {get_args(one.model_fields["kind"].annotation)[0] for one in get_args(get_args(Node)[0])}
    rows = re.findall(r"^\| `(\w+)` \|.*\|(.*)\|$", (ROOT / "docs" / "frameworks.md").read_text(), flags=re.MULTILINE)
    shown = {kind: re.findall(r"`([\w-]+)`", examples) for kind, examples in rows if kind in kinds}
    assert shown.keys() == kinds
    for kind, documents in shown.items():
        assert documents, kind
        for document in documents:
            nodes = document_of(LIBRARY / "frameworks" / f"{document}.yaml")["nodes"].values()
            assert any(node["kind"] == kind for node in nodes), f"{kind} in {document}"
