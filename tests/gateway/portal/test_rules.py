"""Five documents become one without a name that means two things."""

from typing import Any

from gateway.portal.rules import Source, merge, operations

INFO = {"title": "Shoutu", "version": "1"}


def answers_for(path: str) -> str | None:
    return {"orders": "registry", "hazards": "grading"}.get(path.split("/")[2])


def document(path: str, schemas: dict[str, Any], operation_id: str = "list_items") -> dict[str, Any]:
    first = next(iter(schemas), None)
    schema = {"$ref": f"#/components/schemas/{first}"} if first else {}
    answer = {"200": {"content": {"application/json": {"schema": schema}}}}
    operation = {"operationId": operation_id, "tags": [path], "responses": answer}
    return {"paths": {path: {"get": operation}}, "components": {"schemas": schemas}}


def merged(*sources: Source) -> dict[str, Any]:
    return merge(sources, info=INFO, server="https://city.test", answers_for=answers_for)


def schema_of(found: dict[str, Any], path: str) -> dict[str, Any]:
    answer = found["paths"][path]["get"]["responses"]["200"]
    name = answer["content"]["application/json"]["schema"]["$ref"].rsplit("/", 1)[-1]
    schema: dict[str, Any] = found["components"]["schemas"][name]
    return schema


def test_equal_components_are_shared_and_different_ones_get_the_services_name() -> None:
    problem = {"type": "object", "title": "Problem"}
    ours, theirs = {"title": "Order item"}, {"title": "Hazard item"}
    found = merged(
        Source(service="registry", document=document("/v1/orders", {"Item": ours, "Problem": problem})),
        Source(service="grading", document=document("/v1/hazards", {"Item": theirs, "Problem": problem})),
    )
    assert schema_of(found, "/v1/orders") == {"title": "ItemRegistry"}
    assert schema_of(found, "/v1/hazards") == {"title": "ItemGrading"}
    assert set(found["components"]["schemas"]) == {"Item_registry", "Item_grading"}


def test_a_shared_name_that_leads_to_different_things_is_renamed_as_well() -> None:
    page = {"items": {"$ref": "#/components/schemas/Item"}}
    found = merged(
        Source(service="registry", document=document("/v1/orders", {"Page": page, "Item": {"title": "a"}})),
        Source(service="grading", document=document("/v1/hazards", {"Page": page, "Item": {"title": "b"}})),
    )
    for path, title in (("/v1/orders", "ItemRegistry"), ("/v1/hazards", "ItemGrading")):
        item = schema_of(found, path)["items"]["$ref"].rsplit("/", 1)[-1]
        assert found["components"]["schemas"][item] == {"title": title}


def test_paths_without_a_public_door_are_left_out_with_what_only_they_used() -> None:
    internal = document("/internal/traces/{id}", {"Secret": {"title": "internal"}})
    stray = document("/v1/hazards", {"Stray": {"title": "not mine"}})
    public = document("/v1/orders", {"Order": {"title": "public"}})
    found = merged(
        Source(service="registry", document=internal),
        Source(service="registry", document=stray),
        Source(service="registry", document=public),
    )
    assert list(found["paths"]) == ["/v1/orders"]
    assert set(found["components"]["schemas"]) == {"Order"}


def test_operation_ids_are_unique() -> None:
    found = merged(
        Source(service="registry", document=document("/v1/orders", {})),
        Source(service="grading", document=document("/v1/hazards", {})),
    )
    names = {operation["operationId"] for _, _, operation in operations(found)}
    assert names == {"registry_list_items", "grading_list_items"}


def test_merging_is_repeatable() -> None:
    sources = (
        Source(service="registry", document=document("/v1/orders", {"Item": {"title": "a"}})),
        Source(service="grading", document=document("/v1/hazards", {"Item": {"title": "b"}})),
    )
    assert merged(*sources) == merged(*sources)
