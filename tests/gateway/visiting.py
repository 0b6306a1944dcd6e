"""A person at a browser: fills in the pages as they are shown, and keeps cookies as browsers do."""

from __future__ import annotations

import re
from base64 import urlsafe_b64encode
from dataclasses import dataclass, field
from hashlib import sha256
from html import unescape
from secrets import token_urlsafe
from typing import Any
from urllib.parse import parse_qsl, urlencode, urlsplit
from uuid import UUID, uuid4

import httpx
import pyotp

from libs.common.scope import Scope
from libs.common.timeline import TimelineRow, history
from tests.gateway.running import Running

PASSWORD = "correct horse battery staple"
OTHER_PASSWORD = "seven grey herons over water"
REDIRECT = "https://app.example.gov.cn/callback"
_HIDDEN = re.compile(r'<input type="hidden" name="(\w+)" value="([^"]*)"')
_ACTION = re.compile(r'<form method="post" action="([^"]+)"')
_KEY = re.compile(r"<code>([A-Z2-7 ]{32,})</code>")
_RECOVERY = re.compile(r"<li><code>([A-Z2-7-]+)</code></li>")


def browser(gateway: Running, language: str = "en") -> httpx.AsyncClient:
    """A browser of its own, which follows no redirect by itself."""
    headers = {"Accept-Language": language}
    return httpx.AsyncClient(base_url=gateway.url, trust_env=False, timeout=20, headers=headers)


def form_of(page: httpx.Response) -> tuple[str, dict[str, str]]:
    """Where the first form of a page goes, and what it carries unseen."""
    action = _ACTION.search(page.text)
    assert action is not None, page.text
    return action[1], {name: unescape(value) for name, value in _HIDDEN.findall(page.text)}


async def fill(at: httpx.AsyncClient, page: httpx.Response, **fields: str) -> httpx.Response:
    """Send the form of a page with these fields filled in."""
    action, hidden = form_of(page)
    return await at.post(action, data={**hidden, **fields})


@dataclass
class App:
    """An app that signs people in, with the verifier of its last request."""

    client_id: str
    secret: str | None
    redirect_uri: str = REDIRECT
    verifier: str = field(default_factory=lambda: token_urlsafe(48))

    def address(self, **changes: str | None) -> str:
        """The address that the app opens in the browser; None leaves a parameter out."""
        asked: dict[str, str | None] = {
            "response_type": "code",
            "client_id": self.client_id,
            "redirect_uri": self.redirect_uri,
            "code_challenge": challenge(self.verifier),
            "code_challenge_method": "S256",
            "state": "a state/of the app",
            "scope": "openid profile shoutu",
            "nonce": "n-1",
            **changes,
        }
        return "/oauth/authorize?" + urlencode({name: value for name, value in asked.items() if value is not None})

    async def change(self, gateway: Running, code: str, **changes: str) -> httpx.Response:
        """Change a code into tokens."""
        form = {
            "grant_type": "authorization_code",
            "code": code,
            "redirect_uri": self.redirect_uri,
            "code_verifier": self.verifier,
            **changes,
        }
        return await self.ask(gateway, form)

    async def refresh(self, gateway: Running, token: str, **changes: str) -> httpx.Response:
        """Change a refresh token into tokens."""
        return await self.ask(gateway, {"grant_type": "refresh_token", "refresh_token": token, **changes})

    async def ask(self, gateway: Running, form: dict[str, str]) -> httpx.Response:
        """The token endpoint's answer to this app."""
        if self.secret is None:
            return await gateway.http.post("/oauth/token", data={"client_id": self.client_id, **form})
        return await gateway.http.post("/oauth/token", data=form, auth=(self.client_id, self.secret))


def challenge(verifier: str) -> str:
    """RFC 7636 §4.2."""
    return urlsafe_b64encode(sha256(verifier.encode()).digest()).rstrip(b"=").decode()


async def public_app(gateway: Running, redirect: str = REDIRECT) -> App:
    """An app on people's phones."""
    made = await gateway.register(public=True)
    assert (await gateway.lead(made, redirect)).status_code == 200
    return App(made["client_id"], None, redirect)


async def invite(gateway: Running, **fields: Any) -> dict[str, Any]:
    """A new account by the administrator."""
    answer = await try_invite(gateway, **fields)
    assert answer.status_code == 201, answer.text
    made: dict[str, Any] = answer.json()
    return made


async def try_invite(gateway: Running, by: dict[str, str] | None = None, **fields: Any) -> httpx.Response:
    """The answer to an invitation."""
    body = {"login_name": f"guo.{uuid4().hex[:10]}", "display_name": "郭某", "area_code": "331002000000", **fields}
    return await gateway.http.post("/v1/people", json=body, headers=by or await gateway.bearer())


async def enrol(gateway: Running, code: str, password: str = PASSWORD) -> httpx.Response:
    """Take an account up in a browser that is forgotten afterwards."""
    async with browser(gateway) as at:
        page = await at.get("/oauth/enrol")
        return await fill(at, page, invitation=code, new_password=password, same_again=password)


async def enrolled(gateway: Running, **fields: Any) -> dict[str, Any]:
    """A person who has set a password and nothing else."""
    made = await invite(gateway, **fields)
    answer = await enrol(gateway, made["enrolment_code"])
    assert answer.status_code == 303, answer.text
    return made


async def sign_in(
    at: httpx.AsyncClient, login: str, password: str = PASSWORD, address: str = "/oauth/account"
) -> httpx.Response:
    """Open an address, and fill in the first page."""
    return await fill(at, await at.get(address), login=login, password=password)


async def code_for(at: httpx.AsyncClient, app: App, **changes: str | None) -> str:
    """The code that a browser which is signed in takes to the app."""
    sent = await at.get(app.address(**changes))
    assert sent.status_code == 303, sent.text
    return answered(sent)["code"]


def answered(sent: httpx.Response) -> dict[str, str]:
    """What the app reads in the address that the browser is sent to."""
    return dict(parse_qsl(urlsplit(sent.headers["location"]).query))


def key_on(page: httpx.Response) -> pyotp.TOTP:
    """The authenticator that has learnt the key of a page."""
    found = _KEY.search(page.text)
    assert found is not None, page.text
    return pyotp.TOTP(found[1].replace(" ", ""))


def recovery_codes_on(page: httpx.Response) -> list[str]:
    """The recovery codes that a page shows."""
    return _RECOVERY.findall(page.text)


async def give_role(gateway: Running, person: dict[str, Any], role: str) -> None:
    """Let a person hold a role over their county."""
    grant = {"area_from": "331002000000", "area_to": "331002999999", "sectors": None, "role": role}
    given = await gateway.give(person["subject"], grant)
    assert given.status_code == 200, given.text


async def timeline_of(gateway: Running, person: dict[str, Any]) -> list[TimelineRow]:
    """What was written down about a person."""
    async with gateway.app.runtime.database.unit_of_work(Scope.of_system("test")) as tx:
        return await history(tx, UUID(person["id"]))
