"""The doors for apps that sign people in: the authorization endpoint, and what an app may know of who signed in."""

from __future__ import annotations

from typing import Annotated, Any
from urllib.parse import parse_qsl, urlencode

from fastapi import Depends, Request, Response
from pydantic import BaseModel, Field

from gateway.sessions import actions, actions_codes
from gateway.sessions import rules_pages as pages
from gateway.sessions.actions_codes import Halted, Issuing, Sent, Unconfirmed
from gateway.sessions.api_browser import FORM_ROUTE, AtBrowser, Browser, Public, Told, gate, start_again
from gateway.sessions.api_sign_in import STALE
from gateway.sessions.rules import OPENID, Stage
from gateway.sessions.rules_asked import LONGEST_REQUEST, RequestRefused, afterwards, read_once
from gateway.sessions.rules_browser import ACCOUNT, AUTHORIZE, FormRefused, read_form, then_of
from gateway.settings import GatewaySettings, Settings
from libs.common.doors import Door, Entrance
from libs.common.strict_routes import LenientRoute, router

routes = router("sign-in", route_class=LenientRoute)
Knowing = Annotated[Door, Depends(Entrance("read", accepted=(OPENID,)))]


def _parameter(name: str, description: str, *, required: bool = False, **schema: Any) -> dict[str, Any]:
    shape = {"type": "string", **schema}
    return {"name": name, "in": "query", "required": required, "description": description, "schema": shape}


_PARAMETERS = [
    _parameter("response_type", "`code`", required=True, enum=["code"]),
    _parameter("client_id", "the app, as it is registered", required=True),
    _parameter("redirect_uri", "one of the addresses that the app registered, exactly", required=True),
    _parameter("code_challenge", "SHA-256 of the verifier, base64url (RFC 7636)", required=True),
    _parameter("code_challenge_method", "`S256`", required=True, enum=["S256"]),
    _parameter("state", "comes back with the answer; tie it to the person's session in your app"),
    _parameter("nonce", "comes back in the identity token"),
    _parameter("scope", "space-separated; `openid` for an identity token, `profile` for the name"),
    _parameter("prompt", "`none` never shows a page; `login` asks for the password again"),
    _parameter("max_age", "how long ago the person may have signed in, in seconds"),
    _parameter("login_hint", "the login name to begin with"),
]


class UserInfo(BaseModel):
    """Who signed in (OpenID Connect Core §5.3)."""

    sub: str = Field(description="as whom the person acts here; it says nothing about them")
    name: str | None = Field(default=None, description="only with the scope `profile`")
    preferred_username: str | None = Field(default=None, description="the login name; only with the scope `profile`")


@routes.get(
    "/oauth/authorize",
    summary="让人员登录 Sign a person in",
    openapi_extra={"parameters": _PARAMETERS},
    response_class=Response,
    responses={
        200: {"description": "a page for the person", "content": {"text/html": {"schema": {"type": "string"}}}},
        303: {"description": "back to the app with `code`, `state` and `iss`, or with `error`"},
        400: {"description": "a page that says why nobody is sent anywhere", "content": {"text/html": {}}},
    },
)
async def authorize(request: Request, door: Public, browser: AtBrowser, settings: Settings) -> Response:
    """Open this address in the phone's own browser, never in a view of your app (RFC 8252). The person signs in on
    our page; your app gets a code by the redirect and changes it at `/oauth/token` within 60 seconds, once, with its
    verifier (authorization code with PKCE: RFC 6749 §4.1, RFC 7636, OpenID Connect Core)."""
    return await _authorize(request.url.query, door, browser, settings)


@routes.post("/oauth/authorize", **FORM_ROUTE)
async def authorize_by_form(request: Request, door: Public, browser: AtBrowser) -> Response:
    """OpenID Connect Core §3.1.2.1 wants POST as well: it goes on as a GET, to which browsers add the cookie."""
    try:
        form = read_form(request.headers.get("content-type"), await request.body())
    except FormRefused:
        return _refused(browser, "malformed")
    return browser.sent(AUTHORIZE + urlencode(form))


async def _authorize(query: str, door: Door, browser: Browser, settings: GatewaySettings) -> Response:
    try:
        given = read_once(parse_qsl(query)) if len(query) <= LONGEST_REQUEST else {}
        async with door.read() as tx:
            visitor = await actions.look(tx, browser.cookie, browser.lives, browser.at)
            found = await actions_codes.authorize(tx, given, visitor, _issuing(browser, settings))
            if isinstance(found, Sent):
                return browser.sent(found.address)
            if isinstance(found, Unconfirmed):
                around = browser.around(AUTHORIZE + afterwards(given))
                return browser.page(around, pages.confirm(around, found.app, found.host))
            return await _first(tx, settings, browser, visitor, found, AUTHORIZE + afterwards(given))
    except RequestRefused as refused:
        return _refused(browser, refused.why)


@routes.post("/oauth/confirm", **FORM_ROUTE)
async def confirm(request: Request, door: Public, browser: AtBrowser) -> Response:
    """Take the word of a holder of a separated office that they mean this app, and go on to it."""
    form = await browser.form()
    if form is None:
        return await start_again(door, browser, {}, STALE)
    then = then_of(form)
    try:
        given = read_once(parse_qsl(then.removeprefix(AUTHORIZE)))
        async with door.read() as tx:
            visitor = await actions.look(tx, browser.cookie, browser.lives, browser.at)
            await actions_codes.confirm(tx, given, visitor)
    except RequestRefused as refused:
        return _refused(browser, refused.why)
    return browser.sent(then)


async def _first(
    tx: Any, settings: GatewaySettings, browser: Browser, visitor: actions.Visitor, halted: Halted, then: str
) -> Response:
    """What has to be proved before the app is answered; who is signed in but has to be again begins anew."""
    again = visitor if visitor.stage is not Stage.READY else actions.NOBODY
    return await gate(tx, settings.seals, browser, again, then, login=halted.asked.login_hint)


def _refused(browser: Browser, why: str) -> Response:
    around = browser.around(ACCOUNT)
    return browser.page(around, pages.refused(around, why), Told(None, 400))


def _issuing(browser: Browser, settings: GatewaySettings) -> Issuing:
    return Issuing(issuer=settings.issuer, scopes=settings.oauth_scopes, lives=browser.lives, at=browser.at)


@routes.post("/oauth/userinfo", include_in_schema=False)
@routes.get(
    "/oauth/userinfo",
    response_model=UserInfo,
    response_model_exclude_none=True,
    summary="登录者信息 Who signed in",
)
async def show_userinfo(door: Knowing, settings: Settings) -> Response:
    """For a token with the scope `openid`: as whom the person acts, and with `profile` what they are called
    (OpenID Connect Core §5.3). Personal data: ask for `profile` only where your screen shows a name."""
    async with door.read() as tx:
        told = await actions.tell_who(tx, settings.seals, door.principal)
    return door.answer(UserInfo(**told).model_dump(exclude_none=True), headers={"Cache-Control": "no-store"})
