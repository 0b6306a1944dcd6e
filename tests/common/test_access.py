"""A caller's scope, looked up at every request: what was true the last time is only ever a guess."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

import orjson
import pytest

from libs.common.access import ScopesOfCallers
from libs.common.db import Tx
from libs.common.ids import new_id
from libs.common.problems import PostNotHeld
from libs.common.revocations import forget_revoked, keep_revoked
from libs.common.scope import Scope
from libs.common.tokens import Principal, TokenOfEndedClient, TokenWasRevoked
from tests.common.plumbed import Plumbed

HERE = {"area_from": "331002000000", "area_to": "331002999999", "sectors": ["fire"], "role": "inspector"}
THERE = HERE | {"area_from": "331003000000", "area_to": "331003999999", "role": "duty_officer"}
_SETTINGS = (
    "SELECT current_setting('shoutu.system') AS system, current_setting('shoutu.grants') AS grants,"
    " current_setting('shoutu.parties') AS parties, current_setting('shoutu.subject') AS subject,"
    " current_setting('shoutu.client') AS client"
)


class Desk:
    """Where one caller comes in, again and again."""

    def __init__(self, plumbed: Plumbed) -> None:
        self.plumbed, self.scopes = plumbed, ScopesOfCallers()
        self.client = new_id()

    async def give(
        self, *grants: Mapping[str, Any], posts: tuple[UUID, ...] = (), parties: tuple[UUID, ...] = (),
        ended: bool = False, **dated: Any,
    ) -> None:  # fmt: skip
        """What zhang may do from now on."""
        await self.plumbed.superuser.execute(
            "INSERT INTO access_grants AS a (id, subject, kind, version, posts, grants, ended, parties)"
            " VALUES ($1, 'zhang', 'person', 1, $2, $3, $4, $5) ON CONFLICT (id) DO UPDATE SET"
            " posts = excluded.posts, grants = excluded.grants, ended = excluded.ended, parties = excluded.parties",
            self.client, orjson.dumps([{"post_id": post, **dated} for post in posts]).decode(),
            orjson.dumps(grants).decode(), ended, orjson.dumps([{"party_id": one} for one in parties]).decode(),
        )  # fmt: skip

    async def come_in(self, post: UUID | None = None, at: datetime | None = None, token: str = "a token") -> Scope:
        """The scope of a request; the settings in the database are those of exactly this scope."""

        async def find(tx: Tx) -> Scope:
            tx.now = at or tx.now
            who = Principal("zhang", "portal", token, frozenset(), 0.0)
            return await self.scopes.find(tx, who, post)

        async with self.plumbed.app.unit_of_work(find) as tx:
            assert tx.scope == tx.caller
            assert tuple(await tx.ask(_SETTINGS) or ()) == tx.scope.settings()
            return tx.scope


@pytest.fixture
def desk(plumbed: Plumbed) -> Desk:
    """A desk at which nobody has come in yet."""
    return Desk(plumbed)


async def test_who_is_unknown_sees_nothing_and_who_was_ended_is_turned_away(desk: Desk) -> None:
    assert (await desk.come_in()).grants == ()
    await desk.give(HERE)
    assert [grant.area_from for grant in (await desk.come_in()).grants] == ["331002000000"]
    await desk.give(HERE, ended=True)
    for _ in range(2):
        with pytest.raises(TokenOfEndedClient):
            await desk.come_in()
    desk.client = new_id()
    await desk.give(HERE)
    assert len((await desk.come_in()).grants) == 1, "the subject was registered anew"


async def test_a_revoked_token_is_turned_away_and_the_callers_other_tokens_are_not(desk: Desk) -> None:
    await desk.give(HERE)
    now = datetime.now(UTC)
    async with desk.plumbed.app.unit_of_work(Scope.of_system("test")) as tx:
        assert await keep_revoked(tx, "lost", now + timedelta(minutes=9))
        assert not await keep_revoked(tx, "lost", now + timedelta(minutes=9)), "heard twice, kept once"
        assert await keep_revoked(tx, "of yesterday", now - timedelta(days=1))
    for _ in range(2):
        with pytest.raises(TokenWasRevoked):
            await desk.come_in(token="lost")
    assert (await desk.come_in(token="another")).grants
    async with desk.plumbed.app.unit_of_work(Scope.of_system("test")) as tx:
        assert await forget_revoked(now, tx) == 1, "what has run out by itself needs no row any more"
    with pytest.raises(TokenWasRevoked):
        await desk.come_in(token="lost")


async def test_a_subject_that_a_corrupted_copy_knows_twice_sees_nothing(desk: Desk) -> None:
    await desk.give(HERE)
    true_one, desk.client = desk.client, new_id()
    await desk.give(HERE, THERE)
    for _ in range(2):
        assert (await desk.come_in()).grants == ()
    await desk.give(ended=True)
    desk.client = true_one
    assert len((await desk.come_in()).grants) == 1


async def test_what_changed_since_the_last_request_counts_at_once(desk: Desk) -> None:
    post = new_id()
    for grants, posts in [((HERE,), ()), ((HERE,), (post,)), ((HERE, THERE), (post,)), ((), ()), ((THERE,), ())]:
        await desk.give(*grants, posts=posts)
        for _ in range(2):
            scope = await desk.come_in()
            assert [grant.role for grant in scope.grants] == [grant["role"] for grant in grants]
            assert scope.posts == frozenset(posts)


async def test_a_grant_ends_at_its_hour_though_its_row_stays_the_same(desk: Desk) -> None:
    noon = datetime(2026, 10, 12, 4, 0, tzinfo=UTC)
    await desk.give(HERE | {"valid_to": noon.isoformat()}, THERE | {"valid_from": noon.isoformat()})
    hours = [noon - timedelta(seconds=1), noon, noon - timedelta(seconds=1), noon]
    seen = [(await desk.come_in(at=hour)).grants[0].role for hour in hours]
    assert seen == ["inspector", "duty_officer", "inspector", "duty_officer"]


async def test_one_acts_for_a_post_that_one_holds(desk: Desk) -> None:
    first, second = new_id(), new_id()
    await desk.give(HERE, posts=(first,))
    assert (await desk.come_in()).post_id == first
    await desk.give(HERE, posts=(first, second))
    assert (await desk.come_in()).post_id is None
    assert (await desk.come_in(second)).post_id == second
    for _ in range(2):
        with pytest.raises(PostNotHeld):
            await desk.come_in(new_id())


async def test_a_post_is_held_between_its_instants_though_its_row_stays_the_same(desk: Desk) -> None:
    post, noon = new_id(), datetime(2026, 10, 12, 4, 0, tzinfo=UTC)
    await desk.give(
        HERE, posts=(post,), valid_from=noon.isoformat(), valid_to=(noon + timedelta(hours=8)).isoformat()
    )
    hours = [noon - timedelta(seconds=1), noon, noon + timedelta(hours=8)]
    assert [(await desk.come_in(at=hour)).posts for hour in hours] == [frozenset(), frozenset({post}), frozenset()]
    with pytest.raises(PostNotHeld):
        await desk.come_in(post, at=hours[2])


async def test_one_takes_part_for_its_parties_and_acts_for_its_post(desk: Desk) -> None:
    post, house = new_id(), new_id()
    await desk.give(HERE, posts=(post,), parties=(house,))
    scope = await desk.come_in()
    assert (scope.post_id, scope.posts, scope.takes_part_as) == (post, {post}, {post, house})
    with pytest.raises(PostNotHeld):
        await desk.come_in(house)
