"""What the doors of signing in share: the browser behind a request, its form, and the page that it needs next."""

from __future__ import annotations

import secrets as random_secrets
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from math import ceil
from typing import Annotated, Any

from fastapi import Depends, Request, Response

from gateway.passwords import Passwords, TooManySignIns
from gateway.sessions import actions, actions_passwords, actions_providers
from gateway.sessions import rules_pages as pages
from gateway.sessions import rules_words as words
from gateway.sessions.actions import Attempt, Entered, MustWait, Origin, Visitor
from gateway.sessions.actions_passwords import Judged
from gateway.sessions.rules import Lives, Stage
from gateway.sessions.rules_browser import (
    BROWSER,
    FORM_BYTES,
    SESSION,
    Cookies,
    FormRefused,
    check_form,
    form_token,
    read_form,
    redirect_in,
    then_of,
)
from gateway.sessions.rules_pages import Around
from gateway.sessions.rules_words import Both
from gateway.settings import GatewaySettings, settings_of
from libs.common.clocks import system_now
from libs.common.crypto import Seals
from libs.common.db import Tx
from libs.common.doors import Door, public_door
from libs.common.languages import spoken

LINE = "x-shoutu-line"
"""The caller's address as Envoy knows it; it takes the header away where a caller sends one."""
_NEVER_KEPT = {"Cache-Control": "no-store", "Pragma": "no-cache", "Vary": "Accept-Language, Cookie"}
_COOKIE_BYTES = 32
Public = Annotated[Door, Depends(public_door("sign-in", "read"))]
"""The pages are open; a repeat of a form is judged again, so no Idempotency-Key is taken."""
FORM_ROUTE: dict[str, Any] = {"include_in_schema": False, "max_body_size": FORM_BYTES}
"""Pages are for people: the API document tells apps of `/oauth/authorize` only."""


def lives_of(settings: GatewaySettings) -> Lives:
    """How long sign-ins last, by the settings."""
    return Lives(
        session=timedelta(seconds=settings.session_seconds),
        session_idle=timedelta(seconds=settings.session_idle_seconds),
        refresh=timedelta(seconds=settings.refresh_seconds),
        refresh_idle=timedelta(seconds=settings.refresh_idle_seconds),
    )


@dataclass(frozen=True, slots=True)
class Told:
    """What went wrong, as a page says it and as its status and headers do."""

    notice: Both | None
    status: int = 200
    headers: Mapping[str, str] = field(default_factory=dict)


class Browser:
    """The browser behind one request: its cookies, and how it is answered. Times are real ones."""

    def __init__(self, request: Request) -> None:
        settings = settings_of(request)
        self._request = request
        self._cookies = Cookies(secure=settings.issuer.startswith("https://"))
        self.at: datetime = system_now()
        self.lives = lives_of(settings)
        self.cookie = self._cookies.find(request.cookies, SESSION)
        self._fresh: str | None = None

    @property
    def origin(self) -> Origin:
        """Where its attempts come from."""
        peer = self._request.client.host if self._request.client else ""
        address = self._request.headers.get(LINE, peer)
        return Origin(address=address, browser=self._cookies.find(self._request.cookies, BROWSER))

    async def form(self) -> dict[str, str] | None:
        """What was filled in; None unless a page of ours was sent from this browser."""
        try:
            form = read_form(self._request.headers.get("content-type"), await self._request.body())
            check_form(form, self.cookie, self._request.headers.get("sec-fetch-site"))
        except FormRefused:
            return None
        return form

    def around(self, then: str) -> Around:
        """What its next page carries. A browser without a cookie gets one, for the form to follow from."""
        cookie = self.cookie
        if cookie is None:
            cookie = self._fresh = self._fresh or random_secrets.token_urlsafe(_COOKIE_BYTES)
        return Around(language=spoken(), form_token=form_token(cookie), then=then)

    def page(self, around: Around, html: str, told: Told | None = None) -> Response:
        """A page that nobody keeps and nobody frames."""
        said = told or Told(None)
        answer = Response(html, status_code=said.status, media_type="text/html; charset=utf-8")
        policy = pages.policy(redirect_in(around.then))
        answer.headers.update({**_NEVER_KEPT, "Content-Security-Policy": policy, **said.headers})
        if self._fresh is not None:
            answer.headers.append("Set-Cookie", self._cookies.set(SESSION, self._fresh))
        return answer

    def waits(self, wait: MustWait) -> Told:
        """What is said to who has to wait, and the header that says it to programs."""
        seconds = max(1, ceil((wait.until - self.at).total_seconds()))
        return Told(words.waits(ceil(seconds / 60)), 429, {"Retry-After": str(seconds)})

    def enter(self, answer: Response, entered: Entered) -> Response:
        """The answer with the new session's cookie, and the browser's own where it is new."""
        answer.headers.append("Set-Cookie", self._cookies.set(SESSION, entered.cookie))
        if entered.browser is not None:
            answer.headers.append("Set-Cookie", self._cookies.set(BROWSER, entered.browser))
        self._fresh = None
        self.cookie = entered.cookie
        return answer

    def leave(self, answer: Response) -> Response:
        """The answer that takes the session's cookie away."""
        answer.headers.append("Set-Cookie", self._cookies.drop(SESSION))
        return answer

    def sent(self, address: str) -> Response:
        """On to another address, by GET."""
        return Response(status_code=303, headers={**_NEVER_KEPT, "Location": address})


AtBrowser = Annotated[Browser, Depends(Browser)]
"""The browser in a route's signature."""


def filled(form: Mapping[str, str], *names: str) -> bool:
    """Whether each of these fields holds something."""
    return all(form.get(name) for name in names)


async def start_again(door: Door, browser: Browser, form: Mapping[str, str], told: Told) -> Response:
    """The first page once more, with what went wrong."""
    async with door.read() as tx:
        return await first_page(tx, browser, then_of(form), told, form.get("login", ""))


async def first_page(tx: Tx, browser: Browser, then: str, told: Told | None, login: str = "") -> Response:
    """Login name and password, and the sign-in pages of other bodies."""
    around, notice = browser.around(then), None if told is None else told.notice
    return browser.page(around, pages.sign_in(around, login, await actions_providers.offers(tx), notice), told)


async def judged(door: Door, hashing: Passwords, attempt: Attempt, typed: str) -> Judged:
    """The attempt with its password compared; where too many are at it, the count is taken back (TooManySignIns)."""
    try:
        return await actions_passwords.judge(hashing, attempt, typed)
    except TooManySignIns:
        async with door.read() as tx:
            await actions_passwords.drop(tx, attempt)
        raise


async def gate(
    tx: Tx, seals: Seals, browser: Browser, visitor: Visitor, then: str, told: Told | None = None, login: str = ""
) -> Response:
    """The page of what is still to be proved before a sign-in goes on."""
    around, notice = browser.around(then), None if told is None else told.notice
    if visitor.stage is Stage.CODE:
        return browser.page(around, pages.second_factor(around, notice), told)
    if visitor.stage is Stage.SET_UP:
        learns = await actions.show_set_up(tx, seals, visitor)
        return browser.page(around, pages.set_up(around, learns.secret, learns.picture, notice), told)
    if visitor.stage is Stage.PASSWORD and told is None:
        told = Told(words.PASSWORD_FIRST, 403)
    return await first_page(tx, browser, then, told, login)
