"""The table of doors: complete, without clashes, and open only where it was decided."""

import pytest

from gateway.routes import CITIZEN_PREFIXES, NOUNS, OPEN_ROUTES, UPSTREAMS, routes, service_of


def test_every_noun_has_one_service() -> None:
    nouns = [noun for group in NOUNS.values() for noun in group]
    assert len(nouns) == len(set(nouns))
    assert set(NOUNS) == set(UPSTREAMS)


def test_these_doors_and_no_others_need_no_token() -> None:
    assert {route.name for route in OPEN_ROUTES} == {
        "/",
        "/health",
        "/docs",
        "/openapi.json",
        "/asyncapi.json",
        "/.well-known",
        "/oauth/token",
        "GET|HEAD|POST /v1/tracking",
    }
    assert {route.name for route in routes() if route.open} == {route.name for route in OPEN_ROUTES}


@pytest.mark.parametrize(
    ("path", "service"),
    [
        ("/v1/orders", "responsibility_registry"),
        ("/v1/orders/1/accept", "responsibility_registry"),
        ("/v1/risk-objects/1", "risk_grading"),
        ("/v1/leader-calls", "emergency_command"),
        ("/v1/tracking/abc", "public_reporting"),
        ("/v1/traces/1", "gateway"),
        ("/oauth/token", "gateway"),
        ("/v1/ordersx", None),
        ("/internal/traces/1", None),
        ("/metrics", None),
        ("/openapi.json/x", None),
    ],
)
def test_a_path_names_its_service(path: str, service: str | None) -> None:
    assert service_of(path) == service


def test_reports_and_tracking_are_the_citizens_paths() -> None:
    open_reporting = {route.prefix for route in OPEN_ROUTES if route.service == "public_reporting"}
    assert open_reporting == {"/v1/tracking"}
    assert open_reporting < set(CITIZEN_PREFIXES)
