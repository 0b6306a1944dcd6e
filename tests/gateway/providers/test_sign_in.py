"""A person signs in at a provider's page and comes back as somebody, in the browser that began it and no other."""

from __future__ import annotations

from datetime import timedelta
from typing import Any
from uuid import UUID

import pytest

from gateway.openid import ProviderUnusable, Published
from gateway.providers.actions import providers_for_sign_in
from gateway.providers.actions_links import link_proven, subject_of
from gateway.providers.actions_sign_in import (
    SEALED,
    SignIn,
    SignInUnknown,
    begin_sign_in,
    find_for_sign_in,
    forget_sign_ins,
    prepare,
    redeem,
    take_sign_in,
)
from gateway.providers.rules import SIGN_IN_FOR, ProviderTokenRefused
from libs.common.clocks import system_now
from libs.common.crypto import Seals
from libs.common.db import Tx
from libs.common.problems import NotFound
from libs.common.resealing import reseal
from libs.common.scope import Scope
from tests.gateway.providers.conftest import Joined
from tests.gateway.providers.fake_provider import FakeProvider
from tests.gateway.running import SEAL

CALLBACK = "https://city.test/oauth/callback"


class Browser:
    """One browser on its way to the provider and back."""

    def __init__(self, joined: Joined, cookie: str = "this browser's cookie") -> None:
        self.joined, self.cookie = joined, cookie
        self.published: Published = joined.gateway.app.state.published
        self.seals = joined.gateway.settings.seals

    def tx(self) -> Any:
        """A transaction of the page."""
        return self.joined.gateway.app.state.runtime.database.unit_of_work(Scope.of_system("sign-in page"))

    async def begin(self) -> dict[str, str]:
        """Goes there, and what it comes back with."""
        async with self.tx() as tx:
            provider = await find_for_sign_in(tx, UUID(self.joined.row["id"]))
        configuration = await prepare(self.published, provider)
        async with self.tx() as tx:
            address = await begin_sign_in(
                tx, self.seals, provider, configuration, redirect_uri=CALLBACK, browser=self.cookie
            )
        return self.joined.provider.authorize(address)

    async def take(self, tx: Tx, back: dict[str, str]) -> SignIn:
        """The sign-in that it came back from."""
        return await take_sign_in(tx, self.seals, state=back["state"], browser=self.cookie, issuer=back.get("iss"))

    async def come_back(self, back: dict[str, str]) -> SignIn:
        """The same, in a transaction of its own."""
        async with self.tx() as tx:
            return await self.take(tx, back)


async def test_whoever_signs_in_there_is_whom_the_account_is_linked_to(joined: Joined) -> None:
    browser = Browser(joined)
    async with browser.tx() as tx:
        assert [one.name_en for one in await providers_for_sign_in(tx)] == ["District sign-in"]
    back = await browser.begin()
    sign_in = await browser.come_back(back)
    assert sign_in.nonce not in repr(sign_in)
    assert "what-the-provider-knows-us-by" not in repr(sign_in)
    proven = await redeem(browser.published, sign_in, back["code"])
    async with browser.tx() as tx:
        assert await subject_of(tx, proven) == "inspector-1"


async def test_a_person_who_is_signed_in_here_links_an_account_by_proving_it(joined: Joined) -> None:
    browser = Browser(joined)
    back = await browser.begin()
    sign_in = await browser.come_back(back)
    provider: FakeProvider = joined.provider
    provider.id_token = provider.token(sub="newcomer", aud="shoutu", azp="shoutu", nonce=sign_in.nonce)
    try:
        proven = await redeem(browser.published, sign_in, back["code"])
    finally:
        provider.id_token = None
    async with browser.tx() as tx:
        assert await subject_of(tx, proven) is None, "nobody is let in by itself"
        await link_proven(tx, proven, "person-1")
        assert await subject_of(tx, proven) == "person-1"


async def test_an_answer_counts_once_in_its_own_browser_and_in_time(joined: Joined) -> None:
    browser, other = Browser(joined), Browser(joined, "somebody else's cookie")
    back = await browser.begin()
    await browser.come_back(back)
    with pytest.raises(SignInUnknown):
        await browser.come_back(back)
    slipped = await browser.begin()
    with pytest.raises(SignInUnknown):
        await other.come_back(slipped)
    mixed_up = await browser.begin()
    with pytest.raises(SignInUnknown):
        await browser.come_back(mixed_up | {"iss": "https://another.example"})
    with pytest.raises(SignInUnknown):
        await browser.come_back({"state": "made up"})


async def test_a_provider_that_says_its_name_in_every_answer_is_believed_in_none_without_it(joined: Joined) -> None:
    silent = Browser(joined)
    plain = await silent.begin()
    del plain["iss"]
    assert (await silent.come_back(plain)).redirect_uri == CALLBACK, "its metadata promised none"
    joined.provider.documents["authorization_response_iss_parameter_supported"] = True
    try:
        browser = Browser(joined)
        browser.published = Published(joined.gateway.settings.egress)
        nameless, named = await browser.begin(), await browser.begin()
    finally:
        joined.provider.documents.clear()
    del nameless["iss"]
    with pytest.raises(SignInUnknown):
        await browser.come_back(nameless)
    assert (await browser.come_back(named)).redirect_uri == CALLBACK


async def test_a_sign_in_under_way_outlives_a_change_of_the_seal(joined: Joined) -> None:
    browser = Browser(joined)
    back = await browser.begin()
    browser.seals = Seals(
        current_id="2", current="another-seal-with-other-256-random-bits-in-it", retired={"1": SEAL}
    )
    async with browser.tx() as tx:
        done = await reseal(tx, browser.seals, SEALED)
    assert done.moved >= 1
    assert not done.broken
    assert (await browser.come_back(back)).redirect_uri == CALLBACK


async def test_sign_ins_that_nobody_came_back_to_are_forgotten(joined: Joined) -> None:
    browser = Browser(joined)
    back = await browser.begin()
    async with browser.tx() as tx:
        assert await forget_sign_ins(tx, system_now()) == 0
        assert await forget_sign_ins(tx, system_now() + SIGN_IN_FOR + timedelta(seconds=1)) >= 1
    with pytest.raises(SignInUnknown):
        await browser.come_back(back)


@pytest.mark.parametrize(
    "changed",
    [{"nonce": "another"}, {"nonce": None}, {"aud": "another-client"}, {"azp": "another-client"}, {"exp": 1}],
)
async def test_an_id_token_of_another_sign_in_or_client_proves_nothing(
    joined: Joined, changed: dict[str, Any]
) -> None:
    browser = Browser(joined)
    back = await browser.begin()
    sign_in = await browser.come_back(back)
    good = {"aud": ["shoutu"], "azp": "shoutu", "nonce": sign_in.nonce}
    joined.provider.id_token = joined.provider.token(**(good | changed))
    try:
        with pytest.raises(ProviderTokenRefused):
            await redeem(browser.published, sign_in, back["code"])
    finally:
        joined.provider.id_token = None


async def test_a_provider_that_speaks_for_another_issuer_is_not_used(joined: Joined) -> None:
    joined.provider.documents["issuer"] = "https://another.example"
    try:
        async with Browser(joined).tx() as tx:
            provider = await find_for_sign_in(tx, UUID(joined.row["id"]))
        with pytest.raises(ProviderUnusable, match="byte for byte"):
            await prepare(Published(joined.gateway.settings.egress), provider)
        with pytest.raises(ProviderUnusable, match="cannot be called"):
            await prepare(Published(type(joined.gateway.settings.egress)()), provider)
    finally:
        del joined.provider.documents["issuer"]


async def test_a_provider_that_does_not_exist_is_not_found(joined: Joined) -> None:
    async with Browser(joined).tx() as tx:
        with pytest.raises(NotFound):
            await find_for_sign_in(tx, UUID(int=1))
