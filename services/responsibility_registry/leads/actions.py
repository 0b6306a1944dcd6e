"""The verbs of leads: hand one over, sign for it, refuse it, forward it, tell what came of it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from uuid import UUID

from libs.common.aggregates import require_version
from libs.common.calendars import load_calendar
from libs.common.clocks import due_at
from libs.common.db import Tx
from libs.common.ids import new_id
from libs.common.problems import NotFound
from libs.common.sensitive_reads import Sensitive, note_read
from libs.contracts import leads as told
from services.responsibility_registry.accountability import actions_looks as cases
from services.responsibility_registry.areas import actions as areas
from services.responsibility_registry.leads import rules, store
from services.responsibility_registry.leads.policies import KINDS, VERSION
from services.responsibility_registry.leads.rules import Fault, Hop, Lead, LeadOutcome, LeadWrong, Part
from services.responsibility_registry.organizations import actions as posts
from services.responsibility_registry.organizations import actions_organizations as organizations

SENDS = ("leader", "inspector", "auditor")
"""Who hands over what their body came upon ([DEF])."""
MOST_POSTS = 200
"""So many posts of one body at most take part in a lead."""
LEAD = Sensitive(
    noun="lead", why="may say of whom something is suspected", source="个人信息保护法 Art 51; 监察法 Art 34"
)
_SWEPT = timedelta(minutes=5)


@dataclass(frozen=True, kw_only=True, slots=True)
class NewLead:
    """What is handed over to whom, as which kind, and on which grounds."""

    id: UUID
    kind: str
    title: str
    grounds: str
    attachments: tuple[UUID, ...]
    case_id: UUID | None
    to_organization_id: UUID
    area_code: str
    sectors: tuple[str, ...]


@dataclass(frozen=True, kw_only=True, slots=True)
class Answer:
    """What came of a lead, and by which paper where it came back on one."""

    outcome: LeadOutcome
    words: str
    attachments: tuple[UUID, ...]
    document: str


async def transfer_lead(tx: Tx, new: NewLead) -> Lead:
    """Hand a lead over in the name of the acting post's body. A case that it comes of is one that the caller reads.

    Raises RoleMissing (403), PostUnsaid, LeadWrong (422), NotFound (404) for the case.
    """
    tx.caller.require_every(*SENDS, area_code=new.area_code, sectors=new.sectors)
    by_post = tx.caller.acting_post()
    own = await _organization_of(tx, by_post)
    if own is None:
        said = ("经办岗位未登记所属单位。", "the acting post belongs to no organisation of the registry")
        raise LeadWrong(("/to_organization_id", "sender_without_organization", said))
    if new.case_id is not None:
        await cases.look_into_case(tx, new.case_id)
    kind = KINDS.get(new.kind)
    lead = Lead(
        id=new.id, version=0, area_code=new.area_code, sectors=new.sectors, exercise=False, correlation_id=new_id(),
        kind=new.kind, title=new.title, grounds=new.grounds, attachments=new.attachments, case_id=new.case_id,
        from_organization_id=own, to_organization_id=new.to_organization_id, sent_at=tx.now,
        hops=(Hop(from_organization_id=own, to_organization_id=new.to_organization_id, by_post=by_post, at=tx.now),),
        receipt_due_at=tx.now, policy_version=VERSION,
    )  # fmt: skip
    faults = [*rules.faults_of(lead, kind), *await _unknown(tx, new)]
    if faults or kind is None:
        raise LeadWrong(*faults)
    lead = replace(lead, receipt_due_at=await _receipt_due(tx, lead))
    parts = await _parts(tx, (own, Part.SENDER), (new.to_organization_id, Part.RECEIVER))
    event = told.LeadTransferred(state=state_of(lead), attachments=lead.attachments)
    return await store.record_lead(tx, lead, event, parts=[(by_post, Part.SENDER), *parts])


async def receive_lead(tx: Tx, lead_id: UUID, expected: int | None, document: str) -> Lead:
    """Sign for a lead. Raises NotTheReceiver (403), LeadCannotMove (409)."""
    lead = await _lock(tx, lead_id, expected, document)
    after = rules.receive(lead, by_post=tx.caller.acting_post(), document=document, now=tx.now)
    return await store.record_lead(tx, after, told.LeadReceived(state=state_of(after)))


async def refuse_lead(tx: Tx, lead_id: UUID, expected: int | None, reason: str) -> Lead:
    """Not taken, and why. Raises NotTheReceiver (403), LeadCannotMove (409)."""
    lead = await _lock(tx, lead_id, expected, "")
    after = rules.refuse(lead, reason=reason)
    return await store.record_lead(tx, after, told.LeadRefused(state=state_of(after)))


async def forward_lead(tx: Tx, lead_id: UUID, expected: int | None, to: UUID, reason: str) -> Lead:
    """Hand it on to whose it is; the limit begins anew. Raises NotTheReceiver (403), LeadCannotMove,
    ForwardedTooOften (409), LeadWrong (422)."""
    lead = await _lock(tx, lead_id, expected, "")
    if to not in await organizations.organizations_by_id(tx, [to]):
        raise LeadWrong(_no_such_organization())
    after = rules.forward(
        lead, to=to, by_post=tx.caller.acting_post(), reason=reason, now=tx.now,
        due_at=await _receipt_due(tx, lead),
    )  # fmt: skip
    parts = await _parts(tx, (to, Part.RECEIVER))
    return await store.record_lead(tx, after, told.LeadForwarded(state=state_of(after)), parts=parts)


async def conclude_lead(tx: Tx, lead_id: UUID, expected: int | None, answer: Answer) -> Lead:
    """Tell the sender what came of it. Raises NotTheReceiver (403), LeadCannotMove (409)."""
    lead = await _lock(tx, lead_id, expected, answer.document)
    after = rules.conclude(
        lead, outcome=answer.outcome, words=answer.words, attachments=answer.attachments,
        document=answer.document, now=tx.now,
    )  # fmt: skip
    event = told.LeadConcluded(
        state=state_of(after), outcome=answer.outcome, attachments=after.outcome_attachments
    )  # fmt: skip
    return await store.record_lead(tx, after, event)


async def tell_missed(tx: Tx, now: datetime, limit: int) -> int:
    """Tell, once each, of leads that nobody signed for in time."""
    missed = [lead for lead in await store.lock_missed(tx, now, limit) if rules.is_missed(lead, now)]
    for lead in missed:
        after = replace(lead, missed_told_at=now)
        await store.record_lead(tx, after, told.LeadReceiptMissed(state=state_of(after)))
    return len(missed)


async def untold(now: datetime, tx: Tx) -> Sequence[UUID]:
    """Missed receipts of which nobody was told in time, for the watchdog."""
    return await store.ids_untold(tx, now - _SWEPT, 10)


async def find_lead(tx: Tx, lead_id: UUID) -> Lead:
    """One lead, for whoever may know of it: a post that its sender or receiver has got since is let in."""
    await _let_in(tx, lead_id)
    return await store.find_lead(tx, lead_id)


async def look_into_lead(tx: Tx, lead_id: UUID) -> Lead:
    """The same, and the row of the look; NotFound otherwise."""
    lead = await find_lead(tx, lead_id)
    await note_read(tx, lead, LEAD)
    return lead


async def own_organization(tx: Tx) -> UUID | None:
    """The body for which the caller acts; None for who acts for no post, or for one without a body."""
    return None if tx.caller.post_id is None else await _organization_of(tx, tx.caller.post_id)


def state_of(lead: Lead) -> told.LeadState:
    """The lead as events carry it: who has it since when, and nothing of what it says."""
    return told.LeadState(
        kind=lead.kind, state=lead.state, from_organization_id=lead.from_organization_id,
        to_organization_id=lead.to_organization_id, hops=len(lead.hops), case_id=lead.case_id, sent_at=lead.sent_at,
        receipt_due_at=lead.receipt_due_at, received_at=lead.received_at,
    )  # fmt: skip


async def _lock(tx: Tx, lead_id: UUID, expected: int | None, document: str) -> Lead:
    """The lead, for its receiver, or for its sender with a paper of a receiver who has no post here."""
    await _let_in(tx, lead_id)
    lead = await store.lock_lead(tx, lead_id)
    own = await _organization_of(tx, tx.caller.acting_post())
    absent = not await posts.posts_of_organization(tx, lead.to_organization_id, 1)
    rules.part_of(lead, own, receiver_absent=absent, document=document)
    require_version(lead, expected)
    return lead


async def _let_in(tx: Tx, lead_id: UUID) -> None:
    held = sorted(tx.caller.posts)
    if not held:
        return
    units = {one.id: one.organization_id for one in (await posts.posts_by_id(tx, held)).values()}
    async with tx.system("leads: who takes part"):
        try:
            lead = await store.find_lead(tx, lead_id)
        except NotFound:
            return
        ends = {lead.from_organization_id, *(hop.to_organization_id for hop in lead.hops)}
        taking = [post for post, unit in units.items() if unit in ends]
        await store.let_in(tx, lead, taking, Part.RECEIVER)


async def _organization_of(tx: Tx, post_id: UUID) -> UUID | None:
    post = (await posts.posts_by_id(tx, [post_id])).get(post_id)
    return None if post is None else post.organization_id


async def _parts(tx: Tx, *bodies: tuple[UUID, Part]) -> list[tuple[UUID, str]]:
    return [
        (post.id, part)
        for organization_id, part in bodies
        for post in await posts.posts_of_organization(tx, organization_id, MOST_POSTS)
    ]


async def _unknown(tx: Tx, new: NewLead) -> list[Fault]:
    faults: list[Fault] = []
    if new.to_organization_id not in await organizations.organizations_by_id(tx, [new.to_organization_id]):
        faults.append(_no_such_organization())
    if new.area_code not in await areas.known_areas(tx, {new.area_code}):
        faults.append(("/area_code", "unknown_area", ("登记册中没有此区划。", "the registry has no such area")))
    return faults


def _no_such_organization() -> Fault:
    said = ("登记册中没有此单位。", "the registry has no such organisation")
    return ("/to_organization_id", "unknown_organization", said)


async def _receipt_due(tx: Tx, lead: Lead) -> datetime:
    """By the limit of its kind, from now on."""
    return due_at(tx.now, KINDS[lead.kind].receipt, await load_calendar(tx)).at
