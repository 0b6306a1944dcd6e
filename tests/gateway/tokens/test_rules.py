"""The token request is read as the RFCs say, and nothing else is accepted."""

import base64
from datetime import UTC, datetime
from uuid import UUID

import pytest

from gateway.tokens.rules import (
    FORM,
    TokenLife,
    TokenRefused,
    claims,
    credentials_of,
    read_form,
    scope_of,
)

SCOPES = ("shoutu", "shoutu:read", "risk_grading")


def basic(text: str) -> str:
    return "Basic " + base64.b64encode(text.encode()).decode()


def test_the_header_is_urldecoded_after_base64() -> None:
    credentials = credentials_of(basic("grid%3Aapp:a%2Bb+c%2F%3D"), {})
    assert (credentials.client_id, credentials.secret) == ("grid:app", "a+b c/=")
    assert credentials.by_header


def test_the_form_may_carry_the_credentials_instead() -> None:
    credentials = credentials_of(None, {"client_id": "grid-app", "client_secret": "s"})
    assert (credentials.client_id, credentials.secret, credentials.by_header) == ("grid-app", "s", False)


@pytest.mark.parametrize(
    ("authorization", "form", "error"),
    [
        (None, {}, "invalid_client"),
        (None, {"client_id": "a"}, "invalid_client"),
        (basic("a:b"), {"client_secret": "b"}, "invalid_request"),
        (basic("a:b"), {"client_id": "c"}, "invalid_request"),
        (basic("no colon"), {}, "invalid_client"),
        ("Basic %%%", {}, "invalid_client"),
        ("Bearer abc", {}, "invalid_client"),
    ],
)
def test_unclear_credentials_are_refused(authorization: str | None, form: dict[str, str], error: str) -> None:
    with pytest.raises(TokenRefused) as refused:
        credentials_of(authorization, form)
    assert refused.value.error == error


@pytest.mark.parametrize(
    ("form", "error"),
    [
        ({}, "invalid_request"),
        ({"grant_type": "password"}, "unsupported_grant_type"),
        ({"grant_type": "client_credentials", "scope": "shoutu admin"}, "invalid_scope"),
    ],
)
def test_other_grants_and_scopes_are_refused(form: dict[str, str], error: str) -> None:
    with pytest.raises(TokenRefused) as refused:
        scope_of(form, SCOPES)
    assert refused.value.error == error


@pytest.mark.parametrize(
    ("content_type", "body"),
    [
        ("application/json", b"{}"),
        (None, b"a=b"),
        (FORM, b"a=1&a=2"),
        (FORM, b"\xff\xfe"),
        (FORM, b"no pairs at all"),
        (FORM, b"a=" + b"x" * 600),
        (FORM, b"a=%00"),
    ],
)
def test_what_is_no_clean_form_is_refused(content_type: str | None, body: bytes) -> None:
    with pytest.raises(TokenRefused) as refused:
        read_form(content_type, body)
    assert refused.value.error == "invalid_request"


def test_a_form_is_read_whatever_the_charset_says() -> None:
    body = b"grant_type=client_credentials&scope="
    assert read_form(f"{FORM}; charset=utf-8", body) == {"grant_type": "client_credentials", "scope": ""}


def test_the_scope_is_what_was_asked_for_or_the_widest() -> None:
    form = {"grant_type": "client_credentials"}
    assert scope_of(form, SCOPES) == "shoutu"
    assert scope_of({**form, "scope": ""}, SCOPES) == "shoutu"
    assert scope_of({**form, "scope": "risk_grading shoutu:read risk_grading"}, SCOPES) == "risk_grading shoutu:read"


def test_the_claims_are_those_of_rfc_9068() -> None:
    life = TokenLife(issuer="http://city.test", audience="shoutu", seconds=600)
    at = datetime(2026, 10, 12, tzinfo=UTC)
    said = claims(life, subject="grid-1", client_id="grid-app", scope="shoutu", token_id=UUID(int=1), at=at)
    assert set(said) == {"iss", "sub", "aud", "exp", "iat", "jti", "client_id", "scope"}
    assert said["exp"] - said["iat"] == 600
