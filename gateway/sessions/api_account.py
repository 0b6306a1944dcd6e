"""The doors of one's own account: take it up with an enrolment code, change the password, sign out."""

from __future__ import annotations

from collections.abc import Mapping
from urllib.parse import parse_qsl, urlencode

from fastapi import Request, Response

from gateway.passwords import Hashing, TooManySignIns
from gateway.sessions import actions, actions_codes, actions_ends, actions_passwords, actions_providers
from gateway.sessions import rules_pages as pages
from gateway.sessions import rules_words as words
from gateway.sessions.actions import MustWait, Visitor
from gateway.sessions.actions_passwords import InvitationOutgrown, PasswordRefused
from gateway.sessions.api_browser import (
    FORM_ROUTE,
    AtBrowser,
    Browser,
    Public,
    Told,
    filled,
    gate,
    judged,
    start_again,
)
from gateway.sessions.rules import Stage
from gateway.sessions.rules_asked import RequestRefused, read_once
from gateway.sessions.rules_browser import ACCOUNT, LOGOUT
from gateway.sessions.rules_pages import Offer
from gateway.sessions.rules_words import Both
from gateway.settings import Settings
from libs.common.doors import Door
from libs.common.strict_routes import LenientRoute, router

routes = router("sign-in", route_class=LenientRoute)


@routes.get("/oauth/enrol", include_in_schema=False)
async def show_enrol(browser: AtBrowser, _: Public) -> Response:
    """Where an enrolment code is typed in. It is in no address, for addresses are kept in histories and logs."""
    return _enrol_page(browser)


@routes.post("/oauth/enrol", **FORM_ROUTE)
async def enrol(request: Request, door: Public, browser: AtBrowser, settings: Settings, hashing: Hashing) -> Response:
    """Take an enrolment code and a password of the person's own."""
    form = await browser.form()
    if form is None:
        return _enrol_page(browser, Told(words.STALE_FORM, 403))
    if (wrong := _what_lacks(form, "invitation")) is not None:
        return _enrol_page(browser, Told(wrong, 422))
    try:
        return await _enrolled(door, browser, settings, hashing, form)
    except InvitationOutgrown as outgrown:
        return _enrol_page(browser, Told(Both(*outgrown.detail), outgrown.status))
    except PasswordRefused as refused:
        return _enrol_page(browser, Told(Both(*refused.detail), 422))
    except TooManySignIns as busy:
        return _enrol_page(browser, Told(words.BUSY, busy.status, busy.headers))


async def _enrolled(
    door: Door, browser: Browser, settings: Settings, hashing: Hashing, form: Mapping[str, str]
) -> Response:
    invitation = form["invitation"]
    async with door.read() as tx:
        person = await actions_passwords.find_invited(tx, invitation, browser.at)
    if person is None:
        return _enrol_page(browser, Told(words.WRONG_INVITATION, 403))
    hashed = await actions_passwords.hash_new(hashing, form["new_password"], person)
    async with door.read() as tx:
        entered = await actions_passwords.enrol(tx, settings.seals, invitation, hashed, browser.cookie, browser.at)
    if entered is None:
        return _enrol_page(browser, Told(words.WRONG_INVITATION, 403))
    return browser.enter(browser.sent(ACCOUNT), entered)


@routes.get("/oauth/account", include_in_schema=False)
async def show_account(door: Public, browser: AtBrowser, settings: Settings) -> Response:
    """Who is signed in here, or the way to sign in."""
    async with door.read() as tx:
        visitor = await actions.look(tx, browser.cookie, browser.lives, browser.at)
        if visitor.stage is not Stage.READY:
            return await gate(tx, settings.seals, browser, visitor, ACCOUNT)
        return account_page(browser, visitor, offers=await actions_providers.offers(tx))


@routes.post("/oauth/account", **FORM_ROUTE)
async def change_password(
    request: Request, door: Public, browser: AtBrowser, settings: Settings, hashing: Hashing
) -> Response:
    """Take the present password and another one; every other sign-in of the person ends."""
    form = await browser.form()
    async with door.read() as tx:
        visitor = await actions.look(tx, browser.cookie, browser.lives, browser.at)
        if form is None or visitor.stage is not Stage.READY:
            return await gate(tx, settings.seals, browser, visitor, ACCOUNT, Told(words.STALE_FORM, 403))
    if (wrong := _what_lacks(form, "password")) is not None:
        return account_page(browser, visitor, Told(wrong, 422))
    try:
        return await _changed(door, browser, visitor, settings, hashing, form)
    except PasswordRefused as refused:
        return account_page(browser, visitor, Told(Both(*refused.detail), 422))
    except TooManySignIns as busy:
        return account_page(browser, visitor, Told(words.BUSY, busy.status, busy.headers))


async def _changed(
    door: Door,
    browser: Browser,
    visitor: Visitor,
    settings: Settings,
    hashing: Hashing,
    form: Mapping[str, str],
) -> Response:
    seals = settings.seals
    hashed = await actions_passwords.hash_another(hashing, form["new_password"], visitor)
    async with door.read() as tx:
        attempt = await actions_passwords.begin_of(tx, seals, visitor, browser.origin, browser.at)
    if isinstance(attempt, MustWait):
        return account_page(browser, visitor, browser.waits(attempt))
    shown = await judged(door, hashing, attempt, form["password"])
    async with door.read() as tx:
        if not shown.right:
            await actions_passwords.fail(tx, attempt)
            return account_page(browser, visitor, Told(words.WRONG_PRESENT, 403))
        entered = await actions_passwords.change(
            tx, seals, visitor, attempt, hashed, browser.cookie or "", browser.at
        )
    if entered is None:
        return await start_again(door, browser, {}, Told(words.STALE_FORM, 403))
    return browser.enter(browser.sent(ACCOUNT), entered)


@routes.get("/oauth/logout", include_in_schema=False)
async def show_logout(request: Request, door: Public, browser: AtBrowser) -> Response:
    """Ask whether to sign out (OpenID Connect RP-Initiated Logout 1.0): no other site can do it by a link."""
    query = urlencode(parse_qsl(request.url.query))
    around = browser.around(f"{LOGOUT}{query}" if await _leads_on(door, query) else ACCOUNT)
    return browser.page(around, pages.sign_out(around))


@routes.post("/oauth/logout", **FORM_ROUTE)
async def logout(request: Request, door: Public, browser: AtBrowser) -> Response:
    """Sign out: the session ends, and with it what apps got by it."""
    form = await browser.form()
    around = browser.around(ACCOUNT)
    if form is None:
        return browser.page(around, pages.sign_out(around), Told(words.STALE_FORM, 403))
    async with door.read() as tx:
        await actions_ends.sign_out(tx, browser.cookie, browser.at)
    then = form.get("then", "")
    address = await _leads_on(door, then.removeprefix(LOGOUT)) if then.startswith(LOGOUT) else None
    return browser.leave(browser.page(around, pages.signed_out(around)) if address is None else browser.sent(address))


async def _leads_on(door: Door, query: str) -> str | None:
    """Where the app wants the person back after signing out; None unless that is an address of the app's."""
    try:
        given = read_once(parse_qsl(query))
        asked = {"client_id": given.get("client_id", ""), "redirect_uri": given.get("post_logout_redirect_uri", "")}
        async with door.read() as tx:
            target, _ = await actions_codes.find_target(tx, {**asked, "state": given.get("state", "")})
    except RequestRefused:
        return None
    return target.left()


def _what_lacks(form: Mapping[str, str], proof: str) -> Both | None:
    if not filled(form, proof, "new_password", "same_again"):
        return words.MISSING
    return None if form["new_password"] == form["same_again"] else words.NOT_THE_SAME


def _enrol_page(browser: Browser, told: Told | None = None) -> Response:
    around = browser.around(ACCOUNT)
    return browser.page(around, pages.enrol(around, None if told is None else told.notice), told)


def account_page(
    browser: Browser, visitor: Visitor, told: Told | None = None, offers: tuple[Offer, ...] = ()
) -> Response:
    """The page of who is signed in."""
    around = browser.around(ACCOUNT)
    login = "" if visitor.person is None else visitor.person.login_name
    return browser.page(around, pages.account(around, login, offers, None if told is None else told.notice), told)
