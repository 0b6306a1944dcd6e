"""Letters on a real database: who may issue and sign, one signature alone, late ones told once, rounds counted."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import timedelta

import pytest
from sqlalchemy import text

from libs.common.clocks import system_now
from libs.common.ids import new_id
from libs.common.problems import NotFound, PostUnsaid, RoleMissing, StaleVersion
from libs.common.scope import Grant, Scope
from services.responsibility_registry.letters import actions, rules
from services.responsibility_registry.letters.actions import NewLetter
from services.responsibility_registry.letters.rules import Letter, LetterState
from tests.cluster import FreshDatabase
from tests.responsibility_registry.stage import COUNTY, SYSTEM, TOWNSHIP, VILLAGE, Stage, stage

YEAR = (system_now() + timedelta(days=1), system_now() + timedelta(days=30))


@pytest.fixture
async def town(fresh_database: FreshDatabase) -> AsyncIterator[Stage]:
    async with stage(fresh_database) as made:
        yield made


def new(town: Stage, **changes: object) -> NewLetter:
    now = system_now()
    usual = NewLetter(
        id=new_id(), title="2027年度责任书", text="每季度走访一次。", to_post_id=town.posts["grid_post"], entity="",
        entity_party_id=None, under_letter_id=None, area_code=None, sectors=("fire",),
        valid_from=now + timedelta(days=10), valid_to=now + timedelta(days=375), sign_by=now + timedelta(days=20),
    )  # fmt: skip
    return replace(usual, **changes)  # type: ignore[arg-type]


def head(town: Stage) -> Scope:
    """Who leads the township."""
    return town.acting("township_government_first", "leader")


def member(town: Stage) -> Scope:
    """Who holds the grid post."""
    return town.acting("grid_post", "grid_member", VILLAGE)


async def issued(town: Stage, letter: NewLetter | None = None, by: Scope | None = None) -> Letter:
    async with town.database.unit_of_work(by or head(town)) as tx:
        return await actions.issue_letter(tx, letter or new(town))


async def sign(town: Stage, letter: Letter, by: Scope, text_hash: str | None = None) -> Letter:
    async with town.database.unit_of_work(by) as tx:
        return await actions.sign_letter(tx, letter.id, letter.version, text_hash or letter.text_sha256)


async def test_a_letter_goes_from_tier_to_tier(town: Stage) -> None:
    county = town.acting("county_government_first", "leader", COUNTY)
    top = await issued(town, new(town, to_post_id=town.posts["township_government_first"]), county)
    below = new(town, under_letter_id=top.id)
    with pytest.raises(rules.LetterWrong, match="not_signed"):
        await issued(town, below)
    await sign(town, top, head(town))
    lower = await issued(town, below)
    done = await sign(town, lower, member(town))
    assert (done.state, done.area_code, done.to_tier, done.version) == (LetterState.SIGNED, VILLAGE, "village", 2)
    assert all(rules.proves(done, one) for one in done.signatures)
    with pytest.raises(rules.LetterWrong, match="binds_another"):
        await issued(town, new(town, under_letter_id=lower.id))


async def test_who_may_issue(town: Stage) -> None:
    for by in (
        town.acting("township_government_first", "call_taker"),
        town.acting("township_government_first", "leader", "331002005000"),
        town.acting("township_government_first", "leader", sectors=("gas",)),
    ):
        with pytest.raises(RoleMissing):
            await issued(town, by=by)
    with pytest.raises(PostUnsaid):
        await issued(town, by=replace(head(town), posts=frozenset(), post_id=None))
    with pytest.raises(rules.LetterWrong, match="unknown_post"):
        await issued(town, new(town, to_post_id=new_id()))
    with pytest.raises(rules.LetterWrong, match="/area_code"):
        await issued(town, new(town, to_post_id=None, entity="甲厂", sectors=()))


async def test_whom_it_binds_signs_and_nobody_else(town: Stage) -> None:
    letter = await issued(town)
    with pytest.raises(rules.NotYoursToSign):
        await sign(town, letter, head(town))
    with pytest.raises(rules.TextDiffers):
        await sign(town, letter, member(town), "0" * 64)
    with pytest.raises(StaleVersion):
        await sign(town, replace(letter, version=7), member(town))
    beyond = Grant(area_from="331003000000", area_to="331003999999", sectors=None, role="leader")
    with pytest.raises(NotFound):
        await sign(town, letter, Scope(subject="stranger", grants=(beyond,)))


async def test_a_post_signs_also_where_its_grant_does_not_reach(town: Stage) -> None:
    """It takes part in the letter: that is how it sees what is to bind it."""
    letter = await issued(town)
    bare = replace(member(town), grants=())
    assert (await sign(town, letter, bare)).state is LetterState.SIGNED


async def test_an_entity_signs_by_its_party_or_on_paper(town: Stage) -> None:
    party, page = new_id(), [new_id()]
    family = new(town, to_post_id=None, entity="独居老人子女", entity_party_id=party, area_code=VILLAGE)
    letter = await issued(town, family)
    son = Scope(subject="son", client_id="link", parties=frozenset({party}))
    assert (await sign(town, letter, son)).signatures[1].party_id == party
    on_paper = await issued(town, replace(family, id=new_id(), entity_party_id=None))
    async with town.database.unit_of_work(head(town)) as tx:
        entered = await actions.sign_on_paper(tx, on_paper.id, on_paper.version, page)
    assert list(entered.signatures[1].evidence) == page


async def test_of_a_signature_a_return_and_a_withdrawal_at_once_one_wins(town: Stage) -> None:
    letter = await issued(town)

    async def try_return() -> Letter:
        async with town.database.unit_of_work(member(town)) as tx:
            return await actions.return_letter(tx, letter.id, None, "片区已调整")

    async def try_withdraw() -> Letter:
        async with town.database.unit_of_work(head(town)) as tx:
            return await actions.withdraw_letter(tx, letter.id, None, "文本有误")

    done = await asyncio.gather(
        sign(town, letter, member(town)), try_return(), try_withdraw(), return_exceptions=True
    )
    won = [one for one in done if isinstance(one, Letter)]
    assert len(won) == 1
    lost = [one for one in done if not isinstance(one, Letter)]
    assert all(isinstance(one, rules.LetterNotOffered | StaleVersion) for one in lost), lost
    async with town.database.unit_of_work(SYSTEM) as tx:
        assert (await actions.find_letter(tx, letter.id)).state is won[0].state


async def test_nobody_but_the_issuer_withdraws(town: Stage) -> None:
    letter = await issued(town)
    async with town.database.unit_of_work(member(town)) as tx:
        with pytest.raises(rules.NotYoursToWithdraw):
            await actions.withdraw_letter(tx, letter.id, letter.version, "x")


async def test_a_late_letter_is_told_once_and_may_still_be_signed(town: Stage) -> None:
    letter, waiting = await issued(town), await issued(town, new(town, sign_by=system_now() + timedelta(days=300)))
    later = letter.sign_by + timedelta(minutes=6)
    async with town.database.unit_of_work(SYSTEM) as tx:
        assert await actions.untold(later, tx) == [letter.id]
        assert await actions.tell_late_letters(tx, later, 10) == 1
    async with town.database.unit_of_work(SYSTEM) as tx:
        assert await actions.tell_late_letters(tx, later, 10) == 0
        assert await actions.untold(later, tx) == []
        told = await tx.all(text("SELECT aggregate_id FROM outbox WHERE event_type LIKE '%letter.late%'"))
        late = await actions.find_letter(tx, letter.id)
    assert [row["aggregate_id"] for row in told] == [letter.id] != [waiting.id]
    assert (await sign(town, late, member(town))).state is LetterState.SIGNED


async def test_a_round_is_counted_tier_by_tier_within_the_scope(town: Stage) -> None:
    first = await issued(town)
    await issued(town)
    await issued(town, new(town, to_post_id=town.posts["police_station"]))
    await sign(town, first, member(town))
    whole = (f"{TOWNSHIP[:9]}000", f"{TOWNSHIP[:9]}999")
    async with town.database.unit_of_work(head(town)) as tx:
        township, village = await actions.progress(tx, [whole], YEAR)
    assert (township.tier, township.issued, township.signed, township.light) == ("township", 1, 0, "yellow")
    assert (village.issued, village.signed, village.signed_share) == (2, 1, 0.5)
    async with town.database.unit_of_work(member(town)) as tx:
        assert [one.tier for one in await actions.progress(tx, [whole], YEAR)] == ["village"]
