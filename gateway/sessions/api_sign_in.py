"""The doors of the sign-in page: login name and password, the second factor, and setting one up."""

from __future__ import annotations

from fastapi import Request, Response

from gateway.passwords import Hashing, TooManySignIns
from gateway.sessions import actions, actions_passwords
from gateway.sessions import rules_pages as pages
from gateway.sessions import rules_words as words
from gateway.sessions.actions import MustWait
from gateway.sessions.api_browser import FORM_ROUTE, AtBrowser, Public, Told, filled, gate, judged, start_again
from gateway.sessions.rules import Stage
from gateway.sessions.rules_browser import then_of
from gateway.settings import Settings
from libs.common.strict_routes import LenientRoute, router

routes = router("sign-in", route_class=LenientRoute)
STALE = Told(words.STALE_FORM, 403)


@routes.post("/oauth/sign-in", **FORM_ROUTE)
async def sign_in(
    request: Request, door: Public, browser: AtBrowser, settings: Settings, hashing: Hashing
) -> Response:
    """Take a login name and a password. The words are the same whether there is such an account or not."""
    form = await browser.form()
    if form is None:
        return await start_again(door, browser, {}, STALE)
    if not filled(form, "login", "password"):
        return await start_again(door, browser, form, Told(words.MISSING, 422))
    async with door.read() as tx:
        attempt = await actions_passwords.begin(tx, settings.seals, form["login"], browser.origin, browser.at)
    if isinstance(attempt, MustWait):
        return await start_again(door, browser, form, browser.waits(attempt))
    try:
        shown = await judged(door, hashing, attempt, form["password"])
    except TooManySignIns as busy:
        return await start_again(door, browser, form, Told(words.BUSY, busy.status, busy.headers))
    async with door.read() as tx:
        entered = await actions_passwords.enter(tx, settings.seals, shown, browser.cookie, browser.at)
    if entered is None:
        return await start_again(door, browser, form, Told(words.WRONG, 403))
    return browser.enter(browser.sent(then_of(form)), entered)


@routes.post("/oauth/second-factor", **FORM_ROUTE)
async def second_factor(request: Request, door: Public, browser: AtBrowser, settings: Settings) -> Response:
    """Take the code of the second factor, or a recovery code."""
    form = await browser.form()
    if form is None or browser.cookie is None:
        return await start_again(door, browser, {}, STALE)
    seals, then = settings.seals, then_of(form)
    async with door.read() as tx:
        visitor = await actions.look(tx, browser.cookie, browser.lives, browser.at)
        if visitor.stage is not Stage.CODE:
            return await gate(tx, seals, browser, visitor, then, STALE)
        found = await actions.enter_with_code(
            tx, seals, visitor, form.get("code", ""), browser.cookie, browser.origin, browser.at
        )
        if isinstance(found, MustWait):
            return await gate(tx, seals, browser, visitor, then, browser.waits(found))
        if found is None:
            return await gate(tx, seals, browser, visitor, then, Told(words.WRONG_CODE, 403))
    return browser.enter(browser.sent(then), found)


@routes.post("/oauth/set-up", **FORM_ROUTE)
async def set_up(request: Request, door: Public, browser: AtBrowser, settings: Settings) -> Response:
    """Take the first code of a new authenticator, and show the recovery codes, this once."""
    form = await browser.form()
    if form is None or browser.cookie is None:
        return await start_again(door, browser, {}, STALE)
    seals, then = settings.seals, then_of(form)
    async with door.read() as tx:
        visitor = await actions.look(tx, browser.cookie, browser.lives, browser.at)
        if visitor.stage is not Stage.SET_UP:
            return await gate(tx, seals, browser, visitor, then, STALE)
        found = await actions.enter_with_set_up(
            tx, seals, visitor, form.get("code", ""), browser.cookie, browser.origin, browser.at
        )
        if isinstance(found, MustWait):
            return await gate(tx, seals, browser, visitor, then, browser.waits(found))
        if found is None:
            return await gate(tx, seals, browser, visitor, then, Told(words.WRONG_CODE, 403))
    around = browser.around(then)
    shown = browser.page(around, pages.recovery_codes(around, found.recovery_codes))
    return browser.enter(shown, found.entered)
