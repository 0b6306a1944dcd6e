"""The blacklist on a real database: who does what, what it does to the grade, repair, the end, and who sees it."""

from __future__ import annotations

import asyncio
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import text

from libs.common.clocks import now
from libs.common.ids import new_id
from libs.common.problems import AlreadyExists, NotFound, RoleMissing, StaleVersion
from libs.common.scope import Scope
from services.responsibility_registry.blacklist import actions, actions_ends, store
from services.responsibility_registry.blacklist import rules_refusals as refusals
from services.responsibility_registry.blacklist.actions import NewEntry, Verdict, Word
from services.responsibility_registry.blacklist.rules_kept import Entry, EntryState, ServedHow
from services.responsibility_registry.credit import actions_facts
from services.responsibility_registry.credit.rules import Firm
from tests.cluster import FreshDatabase
from tests.responsibility_registry.credit.scene import SYSTEM, CreditScene, as_firm, at, credit_scene

PAGE = (new_id(),)
YES, NO = (
    Verdict(yes=True, words="属实", document="决定书 1号"),
    Verdict(yes=False, words="不属实", document="决定书 2号"),
)


def proposer(there: CreditScene) -> Scope:
    """Who proposes and serves."""
    return there.acting("committee", "inspector")


def leader(there: CreditScene, kind: str = "decider") -> Scope:
    """Who decides."""
    return there.acting(kind)


async def act(there: CreditScene, by: Scope, verb: Any, *said: Any) -> Entry:
    """One verb in a transaction of its own."""
    async with there.there.town.database.unit_of_work(by) as tx:
        entry: Entry = await verb(tx, *said)
    return entry


async def grounded(there: CreditScene, **changes: Any) -> Firm:
    """A firm that broke two commitments."""
    firm = await there.firm(**changes)
    for _ in range(2):
        await there.enter(firm)
    await there.sweep()
    return firm


async def proposed(there: CreditScene, firm: Firm, ground: str = "commitments_broken") -> Entry:
    """It is proposed."""
    new = NewEntry(id=new_id(), firm_id=firm.id, ground=ground, words="两次违背承诺")
    return await act(there, proposer(there), actions.propose, new)


async def noticed(there: CreditScene, firm: Firm) -> Entry:
    """And the notice is served."""
    entry = await proposed(there, firm)
    return await act(there, proposer(there), actions.serve, entry.id, 1, ServedHow.DIRECT, "送达回证", PAGE)


async def listed(there: CreditScene, firm: Firm) -> Entry:
    """And it is listed when the time for a defence is over."""
    entry = await noticed(there, firm)
    assert entry.defence_until is not None
    at(entry.defence_until)
    done = await act(there, leader(there), actions.decide, entry.id, entry.version, YES)
    await there.sweep()
    return done


async def public(there: CreditScene) -> list[Any]:
    """What the public is told."""
    async with there.there.town.database.unit_of_work(SYSTEM) as tx:
        return [row["id"] for row in await tx.all(store.list_published(tx.scope, tx.now))]


async def test_a_firm_is_listed_after_notice_and_defence_and_falls_to_the_worst_grade(
    fresh_database: FreshDatabase,
) -> None:
    async with credit_scene(fresh_database) as there:
        firm = await grounded(there)
        entry = await noticed(there, firm)
        assert entry.defence_until is not None
        assert entry.defence_until > now() + timedelta(days=13), "ten working days"
        with pytest.raises(refusals.DefenceRunning):
            await act(there, leader(there), actions.decide, entry.id, 2, YES)
        assert await public(there) == []
        at(entry.defence_until)
        for by in (proposer(there), there.acting("secretary", "inspector")):
            with pytest.raises(RoleMissing):
                await act(there, by, actions.decide, entry.id, 2, YES)
        same_person = there.there.acting("decider", subject="committee")
        with pytest.raises(refusals.AnotherMustDecide):
            await act(there, same_person, actions.decide, entry.id, 2, YES)
        with pytest.raises(StaleVersion):
            await act(there, leader(there), actions.decide, entry.id, 1, YES)
        done = await act(there, leader(there), actions.decide, entry.id, 2, YES)
        await there.sweep()
        fallen = await there.look(firm)
        assert (fallen.grade, fallen.listed, await public(there)) == ("D", True, [done.id])
        async with there.there.town.database.unit_of_work(SYSTEM) as tx:
            told = await tx.all(
                text("SELECT event_type FROM timeline WHERE aggregate_id = :id ORDER BY aggregate_version"),
                {"id": entry.id},
            )
        assert [row["event_type"].split(".")[2] for row in told] == ["proposed", "notice_served", "listed"]


async def test_only_what_meets_a_ground_is_proposed_and_once(fresh_database: FreshDatabase) -> None:
    async with credit_scene(fresh_database) as there:
        firm = await there.firm()
        fact = await there.enter(firm)
        with pytest.raises(refusals.GroundNotMet):
            await proposed(there, firm)
        await there.enter(firm)
        for ground in ("larger_accident", "no_such_ground"):
            with pytest.raises(refusals.GroundNotMet):
                await proposed(there, firm, ground)
        both = await asyncio.gather(proposed(there, firm), proposed(there, firm), return_exceptions=True)
        assert sorted(type(one).__name__ for one in both) in (
            ["AlreadyExists", "Entry"], ["AlreadyProposed", "Entry"],
        ), both  # fmt: skip
        assert AlreadyExists.status == 409
        entry = next(one for one in both if isinstance(one, Entry))
        assert len(entry.facts) == 2
        served = await act(there, proposer(there), actions.serve, entry.id, 1, ServedHow.POST, "邮寄", PAGE)
        assert served.defence_until is not None
        at(served.defence_until)
        async with there.there.town.database.unit_of_work(there.acting("reviewer")) as tx:
            await actions_facts.void_fact(tx, fact.id, None, "同名企业")
        with pytest.raises(refusals.GroundNotMet):
            await act(there, leader(there), actions.decide, entry.id, None, YES)
        gone = await act(there, proposer(there), actions.withdraw, entry.id, None, "事实已撤销")
        assert gone.state is EntryState.WITHDRAWN


async def test_the_firm_objects_itself_or_on_paper_and_nobody_for_it(fresh_database: FreshDatabase) -> None:
    async with credit_scene(fresh_database) as there:
        party = new_id()
        firm = await grounded(there, party_ids=(party,))
        entry = await proposed(there, firm)
        with pytest.raises(NotFound):
            await act(there, as_firm(party), actions.find_entry, entry.id)
        entry = await act(there, proposer(there), actions.serve, entry.id, 1, ServedHow.DIRECT, "送达回证", PAGE)
        assert (await act(there, as_firm(party), actions.find_entry, entry.id)).id == entry.id
        with pytest.raises(refusals.NotTheFirm):
            await act(there, leader(there), actions.object_to, entry.id, None, Word(words="x", evidence=()))
        with pytest.raises(NotFound):
            await act(there, as_firm(new_id()), actions.object_to, entry.id, None, Word(words="x", evidence=PAGE))
        said = await act(there, as_firm(party), actions.object_to, entry.id, 2, Word(words="已改正", evidence=()))
        assert said.objection is not None
        assert (said.state, said.objection.by_party) == (EntryState.OBJECTED, party)
        assert entry.defence_until is not None
        at(entry.defence_until)
        with pytest.raises(refusals.EntryNotOpenToThis):
            await act(there, leader(there), actions.decide, entry.id, None, YES)
        ended = await act(there, leader(there), actions.review_objection, entry.id, None, YES)
        assert ended.state is EntryState.DISMISSED


async def test_repair_removes_early_and_lifts_the_cap_and_the_removal_is_shown(fresh_database: FreshDatabase) -> None:
    async with credit_scene(fresh_database) as there:
        firm = await grounded(there)
        entry = await listed(there, firm)
        word = Word(words="已整改", evidence=PAGE)
        with pytest.raises(refusals.RepairTooEarly):
            await act(there, as_firm(firm.id), actions_ends.ask_repair, entry.id, None, word)
        assert entry.repair_from is not None
        at(entry.repair_from)
        await act(there, as_firm(firm.id), actions_ends.ask_repair, entry.id, None, word)
        refused = await act(there, leader(there), actions_ends.decide_repair, entry.id, None, NO)
        assert refused.state is EntryState.LISTED
        await act(there, proposer(there), actions_ends.ask_repair, entry.id, None, word)
        done = await act(there, leader(there), actions_ends.decide_repair, entry.id, None, YES)
        await there.sweep()
        lifted = await there.look(firm)
        assert (done.state, lifted.listed, lifted.grade) == (EntryState.REPAIRED, False, "B")
        assert (await there.stands(firm, entry.repair_from - timedelta(hours=1))).standing.listed
        assert await public(there) == [entry.id], "the removal is shown"
        at(now() + timedelta(days=31))
        assert await public(there) == []


async def test_its_period_ends_by_itself_once_and_a_revoked_one_never_counted(fresh_database: FreshDatabase) -> None:
    async with credit_scene(fresh_database) as there:
        firm = await grounded(there)
        first = await listed(there, firm)
        undone = await act(there, leader(there), actions_ends.revoke, first.id, None, YES)
        await there.sweep()
        assert (undone.state, (await there.look(firm)).listed, await public(there)) == (
            EntryState.REVOKED,
            False,
            [],
        )
        assert not (await there.stands(firm, undone.ended_at - timedelta(microseconds=1))).standing.listed  # type: ignore[operator]  # it has ended
        second = await listed(there, firm)
        assert second.ends_at is not None
        at(second.ends_at + timedelta(minutes=6))
        async with there.there.town.database.unit_of_work(SYSTEM) as tx:
            assert await actions_ends.unexpired(now(), tx) == [second.id]
        await there.sweep()
        async with there.there.town.database.unit_of_work(SYSTEM) as tx:
            over = await actions.find_entry(tx, second.id)
            assert await actions_ends.expire_entries(tx, now(), 10) == 0
        assert (over.state, over.ended_at, (await there.look(firm)).listed) == (
            EntryState.EXPIRED,
            second.ends_at,
            False,
        )
        again = await act(there, proposer(there), actions.find_entry, second.id)
        assert again.state is EntryState.EXPIRED


async def test_who_reads_proposals_and_no_sole_trader_is_shown_to_the_public(fresh_database: FreshDatabase) -> None:
    async with credit_scene(fresh_database) as there:
        trader = await grounded(there, credit_code="92331002MA2DEM002M")
        entry = await listed(there, trader)
        assert await public(there) == []
        for by in (there.acting("committee", "grid_member"), there.acting("neighbour")):
            with pytest.raises(NotFound):
                await act(there, by, actions.find_entry, entry.id)
        assert (await act(there, there.acting("committee", "auditor"), actions.find_entry, entry.id)).id == entry.id
