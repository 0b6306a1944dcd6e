"""The whole API in one document, with a token needed nowhere to read it."""

from gateway.portal.rules import operations
from gateway.routes import OPEN_ROUTES, SERVICES, service_of
from tests.gateway.running import Running
from tests.gateway.stub_service import stubbed

ORDERS = {
    "paths": {"/v1/orders": {"get": {"operationId": "list_orders", "tags": ["orders"], "responses": {}}}},
    "components": {},
}


async def test_the_document_holds_every_service_and_says_who_is_missing(gateway: Running) -> None:
    with stubbed(gateway) as services:
        services.put("responsibility_registry", "/openapi.json", ORDERS)
        answer = await gateway.http.get("/openapi.json")
    assert answer.status_code == 200
    document = answer.json()
    assert document["openapi"].startswith("3.1")
    assert {"/v1/orders", "/v1/clients", "/oauth/token", "/v1/traces/{correlation_id}"} <= document["paths"].keys()
    assert {part["service"] for part in document["x-missing"]} == set(SERVICES) - {"responsibility_registry"}


async def test_every_operation_of_ours_is_public_documented_and_has_its_own_name(gateway: Running) -> None:
    with stubbed(gateway):
        document = (await gateway.http.get("/openapi.json")).json()
    names = []
    for path, _, operation in operations(document):
        assert service_of(path) == "gateway"
        assert operation["summary"]
        assert operation["description"]
        names.append(operation["operationId"])
    assert len(names) == len(set(names))


async def test_the_events_are_described(gateway: Running) -> None:
    document = (await gateway.http.get("/asyncapi.json")).json()
    assert document["asyncapi"] == "3.0.0"
    assert "gateway.client.registered.v1" in document["channels"]
    assert "risk_grading.hazard.verified.v1" in document["channels"]


async def test_open_operations_are_those_of_the_route_table(gateway: Running) -> None:
    with stubbed(gateway):
        document = (await gateway.http.get("/openapi.json")).json()
    # A door that a ticket opens is told of with its token: the ticket is a parameter like any other.
    open_prefixes = tuple(one.prefix for one in OPEN_ROUTES if one.prefix != "/" and one.query is None)
    for path, _, operation in operations(document):
        assert (operation["security"] == []) == path.startswith(open_prefixes), path
