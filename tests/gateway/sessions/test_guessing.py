"""A guesser is slowed down, learns nothing, and cannot keep the rightful person out."""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import AsyncIterator
from uuid import uuid4

import httpx
import pytest

from gateway.passwords import Passwords, TooManySignIns
from gateway.sessions.api_browser import LINE
from gateway.settings import GatewaySettings
from tests.gateway.running import Running
from tests.gateway.visiting import PASSWORD, browser, enrolled, fill, sign_in, timeline_of


class Counting(Passwords):
    """The hashing of the app, with a count of what it did."""

    def __init__(self, settings: GatewaySettings) -> None:
        super().__init__(settings)
        self.compared = 0

    async def verify(self, kept: str | None, password: str, *, known: bool = False) -> bool:
        self.compared += 1
        return await super().verify(kept, password, known=known)


@pytest.fixture
async def counting(gateway: Running) -> AsyncIterator[Counting]:
    """The app with a count of its comparisons."""
    before = gateway.app.state.passwords
    gateway.app.state.passwords = Counting(gateway.settings)
    yield gateway.app.state.passwords
    gateway.app.state.passwords = before


async def guess(
    at: httpx.AsyncClient, login: str, password: str = "not the right one", line: str = ""
) -> httpx.Response:
    """One attempt from a line."""
    at.headers[LINE] = line or "203.0.113.7"
    return await sign_in(at, login, password)


async def test_an_unknown_login_name_is_told_the_same_after_the_same_work(
    gateway: Running, counting: Counting
) -> None:
    person, told, spent = await enrolled(gateway), [], []
    for login, password in (
        (person["login_name"], "not the right one"),
        (f"nobody.{uuid4().hex[:6]}", "not the right one"),
        ("guо.zz", "letters of another script"),
        (person["login_name"], "x" * 900),
    ):
        before = counting.compared
        async with browser(gateway) as at:
            answer = await guess(at, login, password)
        told.append((answer.status_code, "The login name or the password is wrong." in answer.text))
        spent.append(counting.compared - before)
    assert told == [(403, True)] * 4
    assert spent == [1] * 4


async def test_an_unknown_login_name_is_locked_like_a_known_one(gateway: Running) -> None:
    person = await enrolled(gateway)
    for login in (person["login_name"], f"nobody.{uuid4().hex[:6]}"):
        async with browser(gateway) as at:
            answers = [await guess(at, login) for _ in range(7)]
        assert [one.status_code for one in answers] == [403] * 5 + [429] * 2
        assert 0 < int(answers[-1].headers["retry-after"]) <= 60
        assert "try again in 1 min" in answers[-1].text


async def test_the_right_password_is_not_looked_at_while_a_line_waits(gateway: Running) -> None:
    person = await enrolled(gateway)
    async with browser(gateway) as at:
        for _ in range(5):
            await guess(at, person["login_name"])
        assert (await guess(at, person["login_name"], PASSWORD)).status_code == 429
    async with browser(gateway) as at:
        assert (await guess(at, person["login_name"], PASSWORD, "198.51.100.4")).status_code == 303, "another line"


async def test_a_hundred_guesses_at_once_spend_the_same_few(gateway: Running, counting: Counting) -> None:
    person = await enrolled(gateway)
    before = counting.compared

    async def once() -> int:
        async with browser(gateway) as at:
            return (await guess(at, person["login_name"])).status_code

    answers = Counter(await asyncio.gather(*(once() for _ in range(30))))
    assert answers == {403: 5, 429: 25}
    assert counting.compared - before == 5


async def test_many_lines_together_are_bounded_and_keep_nobody_out_of_a_browser_that_they_have_used(
    gateway: Running,
) -> None:
    person = await enrolled(gateway)
    async with browser(gateway) as own, browser(gateway) as strange:
        assert (await sign_in(own, person["login_name"])).status_code == 303
        await fill(own, await own.get("/oauth/logout"))
        answers = [await guess(strange, person["login_name"], line=f"203.0.113.{number}") for number in range(51)]
        assert [one.status_code for one in answers] == [403] * 50 + [429]
        assert (await guess(strange, person["login_name"], PASSWORD, "2001:db8::1")).status_code == 429
        assert (await guess(own, person["login_name"], PASSWORD, "203.0.113.7")).status_code == 303


async def test_a_known_browser_is_bounded_as_well_and_known_for_its_person_only(gateway: Running) -> None:
    person, other = await enrolled(gateway), await enrolled(gateway)
    async with browser(gateway) as own:
        assert (await sign_in(own, person["login_name"])).status_code == 303
        await fill(own, await own.get("/oauth/logout"))
        answers = [(await guess(own, person["login_name"])).status_code for _ in range(6)]
        assert answers == [403] * 5 + [429]
        for _ in range(5):
            await guess(own, other["login_name"])
        rows = [row.details for row in await timeline_of(gateway, other) if row.event_type.endswith("failed.v1")]
    assert {row["place"] for row in rows if row} == {"stranger"}


async def test_an_administrator_unlocks_and_a_sign_in_starts_anew(gateway: Running) -> None:
    person = await enrolled(gateway)
    async with browser(gateway) as at:
        for _ in range(6):
            await guess(at, person["login_name"])
    by = {**await gateway.bearer(), "If-Match": "*"}
    shown = (await gateway.http.get(f"/v1/people/{person['id']}", headers=by)).json()
    assert shown["locked_until"] is not None
    path = f"/v1/people/{person['id']}/unlock"
    unlocked = (await gateway.http.post(path, json={"reason": "本人来电"}, headers=by)).json()
    assert (unlocked["locked_until"], unlocked["version"]) == (None, shown["version"])
    async with browser(gateway) as at:
        for _ in range(4):
            await guess(at, person["login_name"])
        assert (await guess(at, person["login_name"], PASSWORD)).status_code == 303
        await fill(at, await at.get("/oauth/logout"))
    async with browser(gateway) as at:
        answers = [(await guess(at, person["login_name"])).status_code for _ in range(6)]
    assert answers == [403] * 5 + [429], "a right one forgot the four before"
    facts = [row.event_type.split(".")[2] for row in await timeline_of(gateway, person)]
    assert facts.count("unlocked") == 1
    assert facts.count("sign_in_locked") == 2


async def test_a_planted_cookie_is_worth_nothing_after_the_sign_in(gateway: Running) -> None:
    person = await enrolled(gateway)
    async with browser(gateway) as victim, browser(gateway) as thief:
        await victim.get("/oauth/account")
        planted = victim.cookies["shoutu-session"]
        assert (await sign_in(victim, person["login_name"])).status_code == 303
        assert victim.cookies["shoutu-session"] != planted
        thief.cookies.set("shoutu-session", planted)
        assert "Login name" in (await thief.get("/oauth/account")).text


async def test_a_form_that_another_site_sends_signs_nobody_in(gateway: Running) -> None:
    person = await enrolled(gateway)
    fields = {"login": person["login_name"], "password": PASSWORD}
    async with browser(gateway) as at, browser(gateway) as evil:
        stolen = await evil.get("/oauth/account")
        page = await at.get("/oauth/account")
        bare = await at.post("/oauth/sign-in", data=fields)
        foreign = await fill(at, stolen, **fields)
        at.headers["Sec-Fetch-Site"] = "cross-site"
        told = await fill(at, page, **fields)
        del at.headers["Sec-Fetch-Site"]
        for answer in (bare, foreign, told):
            assert (answer.status_code, "gone stale" in answer.text) == (403, True)
        assert (await fill(at, page, **fields)).status_code == 303


async def test_a_room_full_of_strangers_keeps_nobody_out_of_a_browser_that_they_have_used(gateway: Running) -> None:
    hashing = Passwords(gateway.settings)
    kept = await hashing.hash(PASSWORD)
    strangers = [asyncio.create_task(hashing.verify(None, "a guess")) for _ in range(100)]
    await asyncio.wait(strangers, return_when=asyncio.FIRST_EXCEPTION)
    with pytest.raises(TooManySignIns):
        await hashing.verify(kept, PASSWORD)
    assert await hashing.verify(kept, PASSWORD, known=True)
    answers = await asyncio.gather(*strangers, return_exceptions=True)
    assert Counter(type(one) for one in answers) == {bool: 48, TooManySignIns: 52}
