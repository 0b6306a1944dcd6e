"""The doors of another body's sign-in page: out to it, and back."""

from __future__ import annotations

from typing import Annotated, cast
from urllib.parse import parse_qsl
from uuid import UUID

from fastapi import Depends, Request, Response

from gateway.openid import ProviderUnusable, Published
from gateway.sessions import actions, actions_providers
from gateway.sessions import rules_pages as pages
from gateway.sessions import rules_words as words
from gateway.sessions.actions_providers import (
    Linking,
    Proven,
    ProviderAlreadyEnded,
    ProviderTokenRefused,
    SignIn,
    SignInUnknown,
    begin_sign_in,
    find_for_sign_in,
    prepare,
    redeem,
    take_sign_in,
)
from gateway.sessions.api_account import account_page
from gateway.sessions.api_browser import FORM_ROUTE, AtBrowser, Browser, Public, Told, gate, start_again
from gateway.sessions.api_sign_in import STALE
from gateway.sessions.rules import Stage
from gateway.sessions.rules_asked import LONGEST_REQUEST, RequestRefused, read_once
from gateway.sessions.rules_browser import ACCOUNT, LINK, then_of
from gateway.sessions.rules_words import Both
from gateway.settings import GatewaySettings, Settings
from libs.common.doors import Door
from libs.common.problems import NotFound
from libs.common.strict_routes import LenientRoute, router

routes = router("sign-in", route_class=LenientRoute)
CALLBACK = "/oauth/callback"
_AFTER_LINKING = {
    Linking.DONE: Told(words.LINKED),
    Linking.OWN_ALREADY: Told(words.LINKED_ALREADY),
    Linking.OF_ANOTHER: Told(words.LINKED_TO_ANOTHER, 409),
    Linking.NOT_SIGNED_IN: Told(words.LINK_AFTER_SIGN_IN, 403),
}
_NOT_CONFIRMED = Told(words.NOT_CONFIRMED, 403)
_AWAY = Told(words.PROVIDER_AWAY, 503, {"Retry-After": "30"})


def published_of(request: Request) -> Published:
    """What providers publish, as this app keeps it."""
    return cast(Published, request.app.state.published)


WhatProvidersPublish = Annotated[Published, Depends(published_of)]


@routes.post("/oauth/provider", **FORM_ROUTE)
async def go_out(
    request: Request, door: Public, browser: AtBrowser, settings: Settings, published: WhatProvidersPublish
) -> Response:
    """Lead the browser to another body's sign-in page, to come back to this browser alone."""
    form = await browser.form()
    if form is None or browser.cookie is None:
        return await start_again(door, browser, {}, STALE)
    try:
        async with door.read() as tx:
            provider = await find_for_sign_in(tx, UUID(form.get("provider", "")))
        configuration = await prepare(published, provider)
    except (ValueError, NotFound, ProviderAlreadyEnded):
        return await start_again(door, browser, form, STALE)
    except ProviderUnusable:
        return await start_again(door, browser, form, _AWAY)
    async with door.read() as tx:
        address = await begin_sign_in(
            tx,
            settings.seals,
            provider,
            configuration,
            redirect_uri=f"{settings.issuer}{CALLBACK}",
            browser=browser.cookie,
            kept=LINK if form.get("then") == LINK else then_of(form),
        )
    around = browser.around(ACCOUNT)
    return browser.page(around, pages.on_to(around, Both(provider.name_zh, provider.name_en), address))


@routes.get(CALLBACK, include_in_schema=False)
async def come_back(
    request: Request, door: Public, browser: AtBrowser, settings: Settings, published: WhatProvidersPublish
) -> Response:
    """Take the browser that comes back from there: it enters, or the account is linked to who is signed in here."""
    query = request.url.query
    try:
        given = read_once(parse_qsl(query)) if len(query) <= LONGEST_REQUEST else {}
        async with door.read() as tx:
            sign_in = await take_sign_in(
                tx,
                settings.seals,
                state=given.get("state", ""),
                browser=browser.cookie or "",
                issuer=given.get("iss"),
            )
    except (SignInUnknown, RequestRefused):
        return await start_again(door, browser, {}, STALE)
    try:
        if "error" in given or "code" not in given:
            raise ProviderTokenRefused("the provider sent no code")
        proven = await redeem(published, sign_in, given["code"])
    except (ProviderTokenRefused, ProviderUnusable):
        return await _back(door, browser, settings, sign_in, _NOT_CONFIRMED)
    if sign_in.kept == LINK:
        return await _link(door, browser, settings, proven)
    return await _enter(door, browser, sign_in, proven)


async def _enter(door: Door, browser: Browser, sign_in: SignIn, proven: Proven) -> Response:
    async with door.read() as tx:
        entered = await actions_providers.enter(tx, proven, browser.cookie, browser.at)
    if entered is None:
        return await start_again(door, browser, {"then": sign_in.kept}, Told(words.NOT_LINKED, 403))
    return browser.enter(browser.sent(sign_in.kept), entered)


async def _link(door: Door, browser: Browser, settings: GatewaySettings, proven: Proven) -> Response:
    async with door.read() as tx:
        visitor = await actions.look(tx, browser.cookie, browser.lives, browser.at)
        told = _AFTER_LINKING[await actions_providers.link(tx, proven, visitor, browser.at)]
        if visitor.stage is not Stage.READY:
            return await gate(tx, settings.seals, browser, visitor, ACCOUNT, told)
        return account_page(browser, visitor, told)


async def _back(door: Door, browser: Browser, settings: GatewaySettings, sign_in: SignIn, told: Told) -> Response:
    """To the page that the browser set out from."""
    if sign_in.kept != LINK:
        return await start_again(door, browser, {"then": sign_in.kept}, told)
    async with door.read() as tx:
        visitor = await actions.look(tx, browser.cookie, browser.lives, browser.at)
        if visitor.stage is not Stage.READY:
            return await gate(tx, settings.seals, browser, visitor, ACCOUNT, told)
        return account_page(browser, visitor, told, await actions_providers.offers(tx))
