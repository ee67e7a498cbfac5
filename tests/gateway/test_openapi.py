"""One OpenAPI document of everything."""

import json
from copy import deepcopy
from typing import Any

import pytest
from fastapi import FastAPI
from gateway.openapi import combined
from hypothesis import given
from hypothesis import strategies as st
from launcher.embedded import free_port

from tests.gateway.conftest import District, Gateway, GatewayOf
from tests.gateway.serving import serve

BASE = "https://concordat.example"


def document(operation: str, path: str, **schemas: Any) -> dict[str, Any]:
    """A small OpenAPI document whose one operation answers with the first schema."""
    answer = {"application/json": {"schema": {"$ref": f"#/components/schemas/{next(iter(schemas))}"}}}
    said = {"operationId": operation, "tags": [operation], "responses": {"200": {"content": answer}}}
    return {"openapi": "3.1.0", "info": {}, "paths": {path: {"get": said}}, "components": {"schemas": schemas}}


def answered(merged: dict[str, Any], path: str) -> str:
    """The name of the schema that a path answers with."""
    schema = merged["paths"][path]["get"]["responses"]["200"]["content"]["application/json"]["schema"]
    return schema["$ref"].rsplit("/", 1)[1]  # type: ignore[no-any-return]


def test_a_schema_that_all_define_alike_is_there_once() -> None:
    thing = {"type": "string"}
    merged = combined(document("a", "/a", Thing=thing), {"registry": document("b", "/b", Thing=thing)}, BASE)
    assert merged["components"]["schemas"] == {"Thing": thing}
    assert answered(merged, "/a") == answered(merged, "/b") == "Thing"


def test_schemas_that_differ_are_told_apart() -> None:
    first, second = {"type": "string"}, {"type": "integer"}
    merged = combined(document("a", "/a", Thing=first), {"shared-services": document("b", "/b", Thing=second)}, BASE)
    assert merged["components"]["schemas"] == {"Thing": first, "SharedServicesThing": second}
    assert (answered(merged, "/a"), answered(merged, "/b")) == ("Thing", "SharedServicesThing")


def test_schemas_that_refer_to_different_ones_are_told_apart_too() -> None:
    outer = {"type": "array", "items": {"$ref": "#/components/schemas/Thing"}}
    first = document("a", "/a", Things=outer, Thing={"type": "string"})
    second = document("b", "/b", Things=outer, Thing={"type": "integer"})
    merged = combined(first, {"registry": second}, BASE)
    assert answered(merged, "/b") == "RegistryThings"
    items = merged["components"]["schemas"]["RegistryThings"]["items"]
    assert items == {"$ref": "#/components/schemas/RegistryThing"}


def test_a_service_operation_names_what_the_gateway_may_answer_instead_and_the_gateways_own_does_not() -> None:
    merged = combined(document("a", "/a", T={}), {"registry": document("b", "/b", T={})}, BASE)
    assert {"200", "408", "429", "503", "504"} == set(merged["paths"]["/b"]["get"]["responses"])
    assert {"200"} == set(merged["paths"]["/a"]["get"]["responses"])


def test_operations_of_one_name_are_told_apart() -> None:
    merged = combined(
        document("list_things", "/a", T={}),
        {"registry": document("list_things", "/b", T={}), "accountability": document("list_things", "/c", T={})},
        BASE,
    )
    names = [item["get"]["operationId"] for item in merged["paths"].values()]
    assert names == ["list_things", "registry_list_things", "accountability_list_things"]


SCHEMAS = st.dictionaries(
    st.sampled_from("ABC"),
    st.one_of(
        st.fixed_dictionaries({"type": st.sampled_from(["string", "integer"])}),
        st.sampled_from("ABC").map(lambda name: {"$ref": f"#/components/schemas/{name}"}),
    ),
    min_size=3,
)


@given(st.lists(SCHEMAS, min_size=1, max_size=3))
def test_every_document_keeps_its_meaning(all_schemas: list[dict[str, Any]]) -> None:
    names = ["registry", "accountability", "shared-services"]
    documents = {name: document(name, f"/{name}", **schemas) for name, schemas in zip(names, all_schemas, strict=False)}
    before = deepcopy(documents)
    merged = combined(document("own", "/own", A={"type": "string"}, B={}, C={}), documents, BASE)
    assert documents == before
    for name, service in documents.items():
        path = f"/{name}"
        assert _resolved(merged, answered(merged, path)) == _resolved(service, answered(service, path))


def _resolved(of: dict[str, Any], name: str, depth: int = 5) -> Any:
    """What a name stands for, its references followed."""
    schema = of["components"]["schemas"][name]
    if "$ref" not in schema or depth == 0:
        return schema if depth else "a circle"
    return _resolved(of, schema["$ref"].rsplit("/", 1)[1], depth - 1)


async def test_the_document_of_a_running_service_is_merged_in(district: District) -> None:
    gateway = district.gateway
    merged = (await gateway.anonymous().get("/openapi.json")).json()
    own = district.registry.openapi()
    assert merged["paths"].keys() >= own["paths"].keys() | {"/oauth/token", "/v1/clients"}
    assert merged["servers"] == [{"url": gateway.settings.public_base_url}]
    flow = merged["components"]["securitySchemes"]["OAuth2"]["flows"]["clientCredentials"]
    assert flow["tokenUrl"] == f"{gateway.settings.public_base_url}/oauth/token"
    assert "registry:read" in flow["scopes"]
    assert {tag["name"] for tag in merged["tags"]} >= {"schools", "clients", "tokens"}
    operations = [op["operationId"] for item in merged["paths"].values() for op in item.values()]
    assert len(operations) == len(set(operations))
    _every_reference_leads_somewhere(merged)


def _every_reference_leads_somewhere(merged: dict[str, Any]) -> None:
    text = json.dumps(merged)
    referred = {part.split('"')[0] for part in text.split('"#/components/schemas/')[1:]}
    assert referred
    assert referred <= merged["components"]["schemas"].keys()


async def test_services_that_never_answered_are_left_out(gateway: Gateway) -> None:
    answer = await gateway.anonymous().get("/openapi.json")
    assert answer.status_code == 200
    assert "/v1/clients" in answer.json()["paths"]
    assert "/v1/schools" not in answer.json()["paths"]


async def test_of_a_service_that_went_down_the_last_document_is_shown(
    gateway_of: GatewayOf, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("gateway.openapi.FRESH_SECONDS", 0.0)
    app = FastAPI()

    @app.get("/v1/ratings")
    async def list_ratings() -> None: ...

    port = free_port()
    async with gateway_of(accountability_url=f"http://127.0.0.1:{port}") as gateway:
        async with serve(app, port):
            up = (await gateway.anonymous().get("/openapi.json")).json()
        down = (await gateway.anonymous().get("/openapi.json")).json()
    assert "/v1/ratings" in up["paths"]
    assert down == up
