"""A request of an app is read as the RFCs say, a form as our pages send it, and sign-ins last as long as said."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateway.sessions.rules import (
    CODE,
    PASSWORD,
    PROVIDER,
    Lives,
    Session,
    Stage,
    is_fresh,
    lasts,
    proof_claims,
    stage_of,
)
from gateway.sessions.rules_asked import (
    AskedWrongly,
    RequestRefused,
    afterwards,
    asked_of,
    proves,
    read_once,
    target_of,
)
from gateway.sessions.rules_browser import (
    ACCOUNT,
    FORM,
    Cookies,
    FormRefused,
    check_form,
    form_token,
    read_form,
    redirect_in,
    then_of,
)
from gateway.sessions.rules_pages import Around, policy, sign_in

AT = datetime(2026, 10, 12, 1, tzinfo=UTC)
HOUR = timedelta(hours=1)
LIVES = Lives(session=12 * HOUR, session_idle=2 * HOUR, refresh=720 * HOUR, refresh_idle=168 * HOUR)
# RFC 7636, appendix B.
VERIFIER = "dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk"
CHALLENGE = "E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM"
GOOD = {
    "response_type": "code",
    "client_id": "app",
    "redirect_uri": "https://app.example.gov.cn/cb",
    "code_challenge": CHALLENGE,
    "code_challenge_method": "S256",
    "state": "s",
}


def asked(**changes: str | None) -> Any:
    given_ = {name: value for name, value in {**GOOD, **changes}.items() if value is not None}
    return asked_of(given_, target_of(given_), {"shoutu", "openid"}, "shoutu")


@pytest.mark.parametrize(
    ("changes", "error"),
    [
        ({"response_type": "token"}, "unsupported_response_type"),
        ({"response_type": None}, "unsupported_response_type"),
        ({"response_mode": "fragment"}, "invalid_request"),
        ({"code_challenge": None}, "invalid_request"),
        ({"code_challenge_method": "plain"}, "invalid_request"),
        ({"code_challenge_method": None}, "invalid_request"),
        ({"code_challenge": "short"}, "invalid_request"),
        ({"code_challenge": CHALLENGE + "="}, "invalid_request"),
        ({"request": "e30.e30."}, "request_not_supported"),
        ({"request_uri": "https://evil/"}, "request_uri_not_supported"),
        ({"prompt": "none login"}, "invalid_request"),
        ({"prompt": "create"}, "invalid_request"),
        ({"max_age": "-1"}, "invalid_request"),
        ({"max_age": "１"}, "invalid_request"),
        ({"scope": "openid admin"}, "invalid_scope"),
    ],
)
def test_a_request_that_cannot_be_granted_is_refused_in_oauths_words(changes: dict[str, Any], error: str) -> None:
    with pytest.raises(AskedWrongly) as wrong:
        asked(**changes)
    assert wrong.value.error == error


def test_a_good_request_is_read_whole() -> None:
    found = asked(prompt="login consent", max_age="60", nonce="n", login_hint="guo", scope="openid shoutu openid")
    assert (found.again, found.silent, found.max_age) == (True, False, 60)
    assert (found.nonce, found.login_hint, found.scope) == ("n", "guo", "openid shoutu")
    assert asked().scope == "shoutu"


@pytest.mark.parametrize(
    "pairs", [[("a", "1"), ("a", "2")], [("state", "x" * 1_025)], [("redirect_uri", "https://a/" + "x" * 500)]]
)
def test_a_request_that_can_be_read_in_two_ways_leads_nowhere(pairs: list[tuple[str, str]]) -> None:
    with pytest.raises(RequestRefused):
        read_once(pairs)


def test_a_request_goes_on_as_it_was_but_asks_for_no_second_sign_in() -> None:
    assert afterwards({"prompt": "login", "max_age": "0", "state": "a b&c"}) == "state=a+b%26c"


def test_the_verifier_of_the_rfc_proves_its_challenge_and_no_other_does() -> None:
    assert proves(CHALLENGE, VERIFIER)
    for wrong in (VERIFIER[:-1] + "l", CHALLENGE, "", VERIFIER + "\n", "ü" * 43, "x" * 129):
        assert not proves(CHALLENGE, wrong)


def test_the_answer_keeps_the_query_of_the_address_and_says_whose_it_is() -> None:
    target = target_of({**GOOD, "redirect_uri": "https://a/cb?x=1", "state": "a b"})
    assert target.answered("https://city", code="c") == "https://a/cb?x=1&code=c&iss=https%3A%2F%2Fcity&state=a+b"


def session(**changes: Any) -> Session:
    values: dict[str, Any] = {
        "id": UUID(int=1),
        "person": UUID(int=2),
        "epoch": 1,
        "factors": (PASSWORD,),
        "proved_at": AT,
        "begun_at": AT,
        "seen_at": AT,
        "ended_at": None,
    }
    return Session(**{**values, **changes})


def test_a_session_ends_by_absence_by_age_and_by_signing_out() -> None:
    assert lasts(session(), LIVES, AT + HOUR)
    assert not lasts(session(), LIVES, AT + 2 * HOUR)
    assert lasts(session(seen_at=AT + 11 * HOUR), LIVES, AT + 11.5 * HOUR)
    assert not lasts(session(seen_at=AT + 11 * HOUR), LIVES, AT + 12 * HOUR)
    assert not lasts(session(ended_at=AT), LIVES, AT)


@pytest.mark.parametrize(
    ("factors", "has", "must", "later", "stage"),
    [
        ((PASSWORD,), False, False, HOUR, Stage.READY),
        ((PASSWORD,), False, True, timedelta(), Stage.SET_UP),
        ((PROVIDER,), False, True, timedelta(), Stage.PASSWORD),
        ((PROVIDER,), True, True, timedelta(), Stage.CODE),
        ((PASSWORD,), True, False, timedelta(), Stage.CODE),
        ((PASSWORD,), True, True, HOUR, Stage.NOBODY),
        ((PASSWORD, CODE), True, True, HOUR, Stage.READY),
    ],
)
def test_a_password_alone_goes_on_only_where_no_second_factor_is_needed(
    factors: tuple[str, ...], has: bool, must: bool, later: timedelta, stage: Stage
) -> None:
    found = stage_of(session(factors=factors), has_second=has, must_have_second=must, at=AT + later)
    assert found is stage


def test_a_token_says_when_and_how_it_was_proved() -> None:
    assert proof_claims((PASSWORD,), AT) == {"auth_time": 1791766800, "amr": ["pwd"], "acr": "aal1"}
    assert proof_claims((PASSWORD, CODE), AT)["amr"] == ["pwd", "otp", "mfa"]
    assert is_fresh(session(), 60, AT + timedelta(seconds=60))
    assert not is_fresh(session(), 60, AT + timedelta(seconds=61))


@pytest.mark.parametrize(
    ("content_type", "body"),
    [
        ("application/json", b"{}"),
        (None, b"a=b"),
        (FORM, b"a=1&a=2"),
        (FORM, b"\xff\xfe=1"),
        (FORM, b"a=%00"),
        (FORM, b"a=" + b"x" * 1_100),
        (FORM, b"no pairs"),
        (FORM, b"&".join(b"a%d=1" % number for number in range(30))),
    ],
)
def test_what_no_page_of_ours_sends_is_no_form(content_type: str | None, body: bytes) -> None:
    with pytest.raises(FormRefused):
        read_form(content_type, body)


def test_a_form_counts_only_from_the_browser_to_which_it_was_shown() -> None:
    form = {"form_token": form_token("mine")}
    check_form(form, "mine", "same-origin")
    check_form(form, "mine", None)
    for cookie, site in ((None, None), ("other", None), ("mine", "cross-site"), ("mine", "same-site")):
        with pytest.raises(FormRefused):
            check_form(form, cookie, site)
    with pytest.raises(FormRefused):
        check_form({}, "mine", None)
    with pytest.raises(FormRefused):
        check_form({"form_token": "ü"}, "mine", None)


@pytest.mark.parametrize(
    "then",
    [
        "https://evil/",
        "//evil/",
        "/oauth/authorize@evil",
        "/\\evil",
        "",
        "/oauth/authorize?x=\r\nSet-Cookie: a=b",
        "javascript:1",
    ],
)
def test_a_sign_in_goes_on_nowhere_but_here(then: str) -> None:
    assert then_of({"then": then}) == ACCOUNT


@given(st.text(max_size=200))
def test_no_text_breaks_out_of_a_page_or_its_policy(text: str) -> None:
    around = Around(language="en", form_token="t", then=text)
    shown = sign_in(around, text, ())
    assert "<script" not in shown.replace("&lt;", "")
    assert shown.count("<form") == 1
    said = policy(redirect_in(f"/oauth/authorize?redirect_uri={text}"))
    assert said.count(";") == 4
    assert "\n" not in said


def test_the_policy_names_the_app_that_a_form_may_lead_on_to() -> None:
    assert "form-action 'self' https://app.example.gov.cn;" in policy("https://app.example.gov.cn/cb?x=1")
    assert "form-action 'self' http://127.0.0.1:51004;" in policy("http://127.0.0.1:51004/cb")
    assert "form-action 'self' com.example.app:;" in policy("com.example.app:/cb")
    assert "form-action 'self';" in policy("javascript:alert(1)")


def test_with_tls_the_cookie_belongs_to_this_host_alone() -> None:
    told = Cookies(secure=True).set("session", "v")
    assert told == "__Host-shoutu-session=v; Path=/; HttpOnly; SameSite=Lax; Secure"
    assert "Secure" not in Cookies(secure=False).set("session", "v")
    assert Cookies(secure=True).find({"shoutu-session": "v"}, "session") is None
