"""The token request is read as the RFCs say, and nothing else is accepted."""

import base64
from datetime import UTC, datetime
from uuid import UUID

import pytest

from gateway.tokens.rules import (
    FORM,
    Credentials,
    Granted,
    TokenLife,
    TokenRefused,
    answer,
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
    assert credentials == Credentials(client_id="grid:app", secret="a+b c/=", by_header=True)


def test_the_form_may_carry_the_credentials_instead() -> None:
    credentials = credentials_of(None, {"client_id": "grid-app", "client_secret": "s"})
    assert credentials == Credentials(client_id="grid-app", secret="s", by_header=False)


def test_who_only_says_a_name_has_proved_nothing_and_who_says_nothing_is_nobody() -> None:
    assert credentials_of(None, {"client_id": "app"}) == Credentials(client_id="app", secret=None, by_header=False)
    assert credentials_of(None, {"grant_type": "client_credentials"}) is None


@pytest.mark.parametrize(
    ("authorization", "form", "error"),
    [
        (None, {"client_secret": "b"}, "invalid_client"),
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


def test_a_scope_that_does_not_exist_is_refused() -> None:
    with pytest.raises(TokenRefused) as refused:
        scope_of({"scope": "shoutu admin"}, SCOPES)
    assert refused.value.error == "invalid_scope"


@pytest.mark.parametrize(
    ("content_type", "body"),
    [
        ("application/json", b"{}"),
        (None, b"a=b"),
        (FORM, b"a=1&a=2"),
        (FORM, b"\xff\xfe"),
        (FORM, b"no pairs at all"),
        (FORM, b"a=" + b"x" * 2_100),
        (FORM, b"subject_token=" + b"x" * 8_200),
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
    assert scope_of({}, SCOPES) == "shoutu"
    assert scope_of({"scope": ""}, SCOPES) == "shoutu"
    assert scope_of({"scope": "risk_grading shoutu:read risk_grading"}, SCOPES) == "risk_grading shoutu:read"


def test_the_claims_are_those_of_rfc_9068() -> None:
    life = TokenLife(issuer="http://city.test", audience="shoutu", seconds=600)
    granted = Granted(subject="grid-1", client_id="grid-app", scope="shoutu")
    said = claims(life, granted, token_id=UUID(int=1), at=datetime(2026, 10, 12, tzinfo=UTC))
    assert set(said) == {"iss", "sub", "aud", "exp", "iat", "jti", "client_id", "scope"}
    assert said["exp"] - said["iat"] == 600


def test_a_grant_adds_to_a_token_and_overwrites_nothing_of_the_issuers() -> None:
    life = TokenLife(issuer="http://city.test", audience="shoutu", seconds=600)
    more = {"iss": "evil", "sub": "evil", "exp": 9, "jti": "x", "amr": ["pwd"]}
    members = {"refresh_token": "r", "access_token": "evil", "expires_in": 9}
    granted = Granted(subject="a", client_id="b", scope="shoutu", seconds=9000, claims=more, members=members)
    said = claims(life, granted, token_id=UUID(int=1), at=datetime(2026, 10, 12, tzinfo=UTC))
    assert (said["iss"], said["sub"], said["amr"], said["exp"] - said["iat"]) == (
        "http://city.test",
        "a",
        ["pwd"],
        600,
    )
    told = answer(life, granted, "signed")
    assert told == {
        "access_token": "signed",
        "token_type": "Bearer",
        "expires_in": 600,
        "scope": "shoutu",
        "refresh_token": "r",
    }
