"""The table of doors: complete, without clashes, and open only where it was decided."""

import importlib

import pytest

from gateway.routes import CITIZEN_PREFIXES, NOUNS, OPEN_ROUTES, SERVICES, UPSTREAMS, routes, service_of


def test_every_noun_has_one_service() -> None:
    nouns = [noun for group in NOUNS.values() for noun in group]
    assert len(nouns) == len(set(nouns))
    assert set(NOUNS) == set(UPSTREAMS)


@pytest.mark.parametrize("name", SERVICES)
def test_every_path_of_a_service_leads_there_from_outside(name: str) -> None:
    """A door that the table forgets answers 404 outside, however well its own tests go."""
    service = importlib.import_module(f"services.{name}.app").SERVICE
    paths = {route.path for router in service.routers for route in router.routes}
    assert {path: service_of(path) for path in paths} == dict.fromkeys(paths, name)


def test_these_doors_and_no_others_need_no_token() -> None:
    assert {route.name for route in OPEN_ROUTES} == {
        "/",
        "/health",
        "/docs",
        "/openapi.json",
        "/asyncapi.json",
        "/.well-known",
        "/oauth/token",
        "/oauth/authorize",
        "/oauth/confirm",
        "/oauth/sign-in",
        "/oauth/second-factor",
        "/oauth/set-up",
        "/oauth/enrol",
        "/oauth/account",
        "/oauth/logout",
        "/oauth/provider",
        "/oauth/callback",
        "/oauth/introspect",
        "/oauth/revoke",
        "GET|HEAD|POST /v1/tracking",
        "GET|HEAD /v1/public-credit",
        "GET|HEAD /v1/published-listings",
        "GET|HEAD /v1/events?ticket",
        "GET|HEAD /v1/file-contents",
        "GET|HEAD /v1/downloads",
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
        ("/oauth/sign-in", "gateway"),
        ("/oauth/sign-in/x", "gateway"),
        ("/v1/people/1/unlock", "gateway"),
        ("/v1/ordersx", None),
        ("/internal/traces/1", None),
        ("/metrics", None),
        ("/openapi.json/x", None),
    ],
)
def test_a_path_names_its_service(path: str, service: str | None) -> None:
    assert service_of(path) == service


def test_files_are_citizens_paths_too() -> None:
    assert {"/v1/files", "/v1/uploads", "/v1/file-contents"} < set(CITIZEN_PREFIXES)


def test_reports_and_tracking_are_the_citizens_paths() -> None:
    open_reporting = {route.prefix for route in OPEN_ROUTES if route.service == "public_reporting"}
    assert open_reporting == {"/v1/tracking"}
    assert open_reporting < set(CITIZEN_PREFIXES)
