"""Leads on a real database: whose sight they are in, who answers, and that a missed receipt is told once."""

from __future__ import annotations

from collections.abc import AsyncIterator
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from uuid import UUID

import pytest
from sqlalchemy import text

from libs.common.clocks import CITY_ZONE, system_now
from libs.common.db import Tx
from libs.common.ids import new_id
from libs.common.problems import NotFound, PostUnsaid, RoleMissing, StaleVersion
from libs.common.scope import Grant, Scope
from services.responsibility_registry.leads import actions, rules, store
from services.responsibility_registry.leads.actions import Answer, NewLead
from services.responsibility_registry.leads.policies import KINDS
from services.responsibility_registry.leads.rules import Lead, LeadOutcome, LeadState
from services.responsibility_registry.organizations import store as post_store
from services.responsibility_registry.organizations.actions import import_posts
from tests.cluster import FreshDatabase
from tests.responsibility_registry.organizations.units import draw_areas, register, unit
from tests.responsibility_registry.stage import COUNTY, SYSTEM, VILLAGE, Stage, administrator, stage

ANSWER = Answer(outcome=LeadOutcome.CASE_FILED, words="已立案", attachments=(), document="")


@dataclass(slots=True)
class Town:
    """Three bodies: the bureau of the sector supervisor, the police, and a commission without posts."""

    stage: Stage
    bureau: UUID
    police: UUID
    commission: UUID

    def sender(self) -> Scope:
        return self.stage.acting("sector_supervisor", "inspector", COUNTY)

    def police_post(self) -> Scope:
        """Who holds the station's post and no grant there."""
        return replace(self.stage.acting("police_station"), grants=())

    def leader(self, role: str = "leader") -> Scope:
        grant = Grant(area_from=COUNTY, area_to="331002999999", sectors=None, role=role)
        return Scope(subject=role, client_id="test", grants=(grant,))

    def new(self, **changes: object) -> NewLead:
        usual = NewLead(
            id=new_id(), kind="suspected_crime", title="线索", grounds="车间夹层住人", attachments=(new_id(),),
            case_id=None, to_organization_id=self.police, area_code=VILLAGE, sectors=("fire",),
        )  # fmt: skip
        return replace(usual, **changes)  # type: ignore[arg-type]

    async def sent(self, new: NewLead | None = None, by: Scope | None = None) -> Lead:
        async with self.stage.database.unit_of_work(by or self.sender()) as tx:
            return await actions.transfer_lead(tx, new or self.new())

    async def seen_by(self, who: Scope, lead: Lead) -> bool:
        async with self.stage.database.unit_of_work(who) as tx:
            listed = [
                row["id"] for row in await tx.all(store.list_leads(tx, areas=None, state=None, organization_id=None))
            ]
            try:
                found = await actions.look_into_lead(tx, lead.id)
            except NotFound:
                assert lead.id not in listed
                return False
        return found.id == lead.id


@pytest.fixture
async def town(fresh_database: FreshDatabase) -> AsyncIterator[Town]:
    async with stage(fresh_database) as made:
        await draw_areas(made)
        units = [unit("bureau"), unit("police"), unit("commission")]
        await register(made, *units)
        await _belongs(made, "sector_supervisor", units[0].id)
        await _belongs(made, "police_station", units[1].id)
        yield Town(made, *(one.id for one in units))


async def _belongs(made: Stage, link: str, organization_id: UUID) -> None:
    async with made.database.unit_of_work(administrator()) as tx:
        post = replace(await post_store.find_post(tx, made.posts[link]), organization_id=organization_id)
        await import_posts(tx, [post])


async def test_a_lead_is_seen_by_both_ends_by_auditors_and_leaders_and_by_nobody_else(town: Town) -> None:
    lead = await town.sent()
    seen = (town.sender(), town.police_post(), town.leader(), town.leader("auditor"))
    unseen = (
        town.leader("inspector"), town.leader("agency"), town.leader("administrator"),
        town.stage.acting("grid_post", "grid_member", VILLAGE), replace(town.leader(), grants=()),
        town.stage.acting("county_government_first", "leader", "331003000000"),
    )  # fmt: skip
    for who in seen:
        assert await town.seen_by(who, lead), who.subject
    for who in unseen:
        assert not await town.seen_by(who, lead), who
    async with town.stage.database.unit_of_work(SYSTEM) as tx:
        looks = "SELECT count(*) AS looks FROM timeline WHERE event_type LIKE '%lead.looked_into%'"
        row = await tx.ask(looks)
        told = await tx.ask("SELECT string_agg(CAST(details AS text), '') AS told FROM timeline_details")
    assert row is not None
    assert row["looks"] == len(seen)
    assert told is not None
    assert "夹层" not in told["told"]


async def test_a_post_that_the_receiver_gets_later_is_let_in(town: Town) -> None:
    lead = await town.sent()
    late = replace(town.stage.acting("township_deputy"), grants=())
    assert not await town.seen_by(late, lead)
    await _belongs(town.stage, "township_deputy", town.police)
    async with town.stage.database.unit_of_work(late) as tx:
        assert (await actions.find_lead(tx, lead.id)).id == lead.id
    assert await town.seen_by(late, lead)


async def test_it_is_signed_for_answered_and_the_outcome_is_the_senders_to_see(town: Town) -> None:
    lead = await town.sent()
    database = town.stage.database
    for who in (town.sender(), town.stage.acting("township_deputy", "leader")):
        async with database.unit_of_work(who) as tx:
            with pytest.raises(rules.NotTheReceiver):
                await actions.receive_lead(tx, lead.id, None, "纸质 1号")
    async with database.unit_of_work(town.police_post()) as tx:
        with pytest.raises(rules.LeadCannotMove):
            await actions.conclude_lead(tx, lead.id, None, ANSWER)
        with pytest.raises(StaleVersion):
            await actions.receive_lead(tx, lead.id, 9, "")
        received = await actions.receive_lead(tx, lead.id, lead.version, "")
        with pytest.raises(rules.LeadCannotMove):
            await actions.refuse_lead(tx, lead.id, None, "不收")
        await actions.conclude_lead(tx, lead.id, received.version, ANSWER)
    async with database.unit_of_work(town.sender()) as tx:
        done = await actions.find_lead(tx, lead.id)
    assert (done.state, done.outcome, done.outcome_words) == (LeadState.CONCLUDED, LeadOutcome.CASE_FILED, "已立案")


async def test_a_refused_lead_says_why_and_a_forwarded_one_is_the_next_ones(town: Town) -> None:
    refused, passed = await town.sent(), await town.sent()
    async with town.stage.database.unit_of_work(town.police_post()) as tx:
        assert (await actions.refuse_lead(tx, refused.id, None, "无管辖权")).reason == "无管辖权"
        with pytest.raises(rules.LeadWrong, match="itself"):
            await actions.forward_lead(tx, passed.id, None, town.police, "转")
        with pytest.raises(rules.LeadWrong, match="unknown_organization"):
            await actions.forward_lead(tx, passed.id, None, new_id(), "转")
        onward = await actions.forward_lead(tx, passed.id, None, town.commission, "属监察机关管辖")
        with pytest.raises(rules.NotTheReceiver):
            await actions.receive_lead(tx, passed.id, None, "")
        # The commission has no post here: who forwarded it enters its receipt on paper, and its answer.
        received = await actions.receive_lead(tx, passed.id, None, "回执〔2026〕3号")
        done = await actions.conclude_lead(tx, passed.id, None, replace(ANSWER, document="复函〔2026〕9号"))
    assert [hop.to_organization_id for hop in onward.hops] == [town.police, town.commission]
    assert (received.document, done.document) == ("回执〔2026〕3号", "复函〔2026〕9号")


async def test_who_may_send_and_what_does_not_do(town: Town) -> None:
    with pytest.raises(RoleMissing):
        await town.sent(by=town.stage.acting("sector_supervisor", "agency", COUNTY))
    with pytest.raises(RoleMissing):
        await town.sent(by=town.stage.acting("sector_supervisor", "inspector", COUNTY, sectors=("gas",)))
    with pytest.raises(PostUnsaid):
        await town.sent(by=town.leader())
    with pytest.raises(rules.LeadWrong, match="sender_without_organization"):
        await town.sent(by=town.stage.acting("county_government_first", "leader", COUNTY))
    for wrong, code in (
        (town.new(kind="gossip"), "unknown_kind"), (town.new(to_organization_id=town.bureau), "itself"),
        (town.new(to_organization_id=new_id()), "unknown_organization"),
        (town.new(area_code="331002009000"), "unknown_area"),
    ):  # fmt: skip
        with pytest.raises(rules.LeadWrong, match=code):
            await town.sent(wrong)
    with pytest.raises(NotFound):
        await town.sent(town.new(case_id=new_id()))


async def test_a_missed_receipt_is_told_once_and_may_still_be_given(town: Town) -> None:
    lead, later = await town.sent(), await town.sent(town.new(kind="other_area"))
    assert lead.receipt_due_at == lead.sent_at + timedelta(hours=24)
    end = later.receipt_due_at.astimezone(CITY_ZONE)
    assert (end.hour, end.minute) == (0, 0)
    missed = lead.receipt_due_at + timedelta(minutes=6)

    async def tell(tx: Tx, at: datetime) -> int:
        return await actions.tell_missed(tx, at, 10)

    async with town.stage.database.unit_of_work(SYSTEM) as tx:
        assert await actions.untold(missed, tx) == [lead.id]
        assert await tell(tx, lead.receipt_due_at - timedelta(seconds=1)) == 0
        assert await tell(tx, missed) == 1
    async with town.stage.database.unit_of_work(SYSTEM) as tx:
        assert await tell(tx, missed) == 0
        assert await actions.untold(missed, tx) == []
        told = await tx.all(text("SELECT aggregate_id FROM outbox WHERE event_type LIKE '%receipt_missed%'"))
    assert [row["aggregate_id"] for row in told] == [lead.id]
    async with town.stage.database.unit_of_work(town.police_post()) as tx:
        received = await actions.receive_lead(tx, lead.id, None, "")
    assert received.state is LeadState.RECEIVED


def test_every_kind_has_a_limit_and_a_source_and_nothing_goes_round_for_ever() -> None:
    assert all(kind.receipt.amount > 0 and kind.source.startswith("[") for kind in KINDS.values())
    now, ends = system_now(), [new_id(), new_id()]
    lead = Lead(
        id=new_id(), version=1, area_code=VILLAGE, sectors=("fire",), exercise=False, correlation_id=new_id(),
        kind="other_area", title="t", grounds="g", attachments=(), case_id=None, from_organization_id=ends[0],
        to_organization_id=ends[1], sent_at=now, receipt_due_at=now, policy_version="1",
        hops=(rules.Hop(from_organization_id=ends[0], to_organization_id=ends[1], by_post=new_id(), at=now),),
    )  # fmt: skip
    for number in range(rules.MOST_HOPS - 1):
        lead = rules.forward(lead, to=ends[number % 2], by_post=new_id(), reason="转", now=now, due_at=now)
    with pytest.raises(rules.ForwardedTooOften):
        rules.forward(lead, to=new_id(), by_post=new_id(), reason="转", now=now, due_at=now)
