"""The API document lists, for every operation, what it answers, what it reads and who may come."""

from typing import Any

import pytest

from tests.common.counter_service import FakeDatabase, counters_app


@pytest.fixture(scope="module")
def document() -> dict[str, Any]:
    return counters_app(FakeDatabase()).openapi()


def codes(operation: dict[str, Any]) -> set[str]:
    return {code for answer in operation["responses"].values() for code in answer.get("x-problem-codes", [])}


def headers(operation: dict[str, Any]) -> set[str]:
    return {one["$ref"].rpartition("/")[2] for one in operation["parameters"] if "$ref" in one}


def test_every_operation_needs_a_token_unless_its_door_is_public(document: dict[str, Any]) -> None:
    security = {
        f"{method} {path}": operation["security"]
        for path, methods in document["paths"].items()
        for method, operation in methods.items()
    }
    public = {name for name, needed in security.items() if needed == []}
    assert public == {"post /v1/public-counts", "post /v1/own-errors", "get /open/things"}
    assert "/health/live" not in document["paths"]


def test_verb_tells_its_preconditions_and_its_rules(document: dict[str, Any]) -> None:
    verb = document["paths"]["/v1/counters/{counter_id}/raise"]["post"]
    assert headers(verb) == {"Accept-Language", "Acting-Post", "Idempotency-Key", "If-Match"}
    wanted = {"if_match_required", "stale_version", "counter_already_full", "not_found", "still_running"}
    assert wanted | {"token_missing", "role_missing", "unavailable"} <= codes(verb)
    assert "duplicate_key" not in codes(verb)
    assert set(verb["responses"]["409"]["x-problem-codes"]) == {"counter_already_full", "still_running"}
    assert document["components"]["parameters"]["If-Match"]["required"] is True


def test_creation_tells_its_location_and_how_its_body_is_read(document: dict[str, Any]) -> None:
    creation = document["paths"]["/v1/counters"]["post"]
    assert "Location" in creation["responses"]["201"]["headers"]
    assert {"duplicate_key", "invalid_body", "unsupported_media_type", "body_too_large"} <= codes(creation)
    assert creation["operationId"] == "counters_add_counter"
    assert "if_match_required" not in codes(creation)


def test_reading_tells_304_and_integers_their_bounds(document: dict[str, Any]) -> None:
    assert "304" in document["paths"]["/v1/counters/{counter_id}"]["get"]["responses"]
    assert "422" not in document["paths"]["/open/things"]["get"]["responses"]
    count = document["components"]["schemas"]["CounterOut"]["properties"]["count"]
    assert (count["minimum"], count["maximum"]) == (-(2**63), 2**63 - 1)
    by = document["paths"]["/v1/counters/{counter_id}/raise"]["post"]["parameters"]
    assert next(one for one in by if one.get("name") == "by")["schema"]["minimum"] == 1


def test_every_refusal_is_a_problem_with_an_example(document: dict[str, Any]) -> None:
    for methods in document["paths"].values():
        for operation in methods.values():
            for status, answer in operation["responses"].items():
                if int(status) < 400:
                    continue
                content = answer["content"]["application/problem+json"]
                assert content["schema"] == {"$ref": "#/components/schemas/Problem"}
                assert set(content["examples"]) == set(answer["x-problem-codes"])
                assert {one["value"]["status"] for one in content["examples"].values()} == {int(status)}
    assert "HTTPValidationError" not in document["components"]["schemas"]


def test_own_form_of_a_standard_stays_beside_problems(document: dict[str, Any]) -> None:
    content = document["paths"]["/v1/own-errors"]["post"]["responses"]["400"]["content"]
    assert set(content) == {"application/json", "application/problem+json"}
    assert content["application/json"]["schema"] == {"$ref": "#/components/schemas/OwnError"}


async def test_document_is_served(document: dict[str, Any]) -> None:
    from tests.common.counter_service import client_of

    async with client_of(counters_app(FakeDatabase()), None) as client:
        assert (await client.get("/openapi.json")).json() == document
        assert (await client.get("/docs")).status_code == 404
