"""The verbs of circular notices: proposed by the ladder, decided, signed for; and what is told of late ones."""

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
from libs.contracts import circular_notices as told
from libs.contracts.event import Event
from services.responsibility_registry.circular_notices import rules, store
from services.responsibility_registry.circular_notices.policies import POLICY, VERSION
from services.responsibility_registry.circular_notices.rules import (
    Addressed,
    CircularNotice,
    CircularState,
    CircularWrong,
    Receipt,
    ReceiptClock,
)
from services.responsibility_registry.organizations import actions as organizations
from services.responsibility_registry.organizations.actions_organizations import organizations_by_id

DECIDES = ("leader",)
"""Who decides where the chain names no post for it ([DEF])."""
_SWEPT = timedelta(minutes=5)
_MOST_POSTS = 50
"""So many posts of an organisation that is addressed see the notice; any of its posts signs."""
_UNKNOWN = ("台账中没有该单位。", "the registry has no such organisation")


@dataclass(frozen=True, kw_only=True, slots=True)
class About:
    """The late order, as the ladder knows it: what is proposed about it, to whom, by whom to be decided."""

    order_id: UUID
    area_code: str
    sectors: tuple[str, ...]
    exercise: bool
    correlation_id: UUID
    step: str
    words: str
    source: str
    addressed: tuple[UUID, ...]
    deciding: tuple[UUID, ...]
    is_proposal: bool


async def propose_notice(tx: Tx, about: About) -> CircularNotice:
    """The ladder has come to a circular notice: proposed to who decides, or issued where nobody has to."""
    receipts = tuple(Receipt(party_id=post, kind=Addressed.POST) for post in about.addressed)
    notice = CircularNotice(
        id=new_id(), version=0, area_code=about.area_code, sectors=about.sectors, exercise=about.exercise,
        correlation_id=about.correlation_id, order_id=about.order_id, step=about.step, state=CircularState.PROPOSED,
        words=about.words, source=about.source, policy_version=VERSION, proposed_at=tx.now, deciding=about.deciding,
        receipts=receipts,
    )  # fmt: skip
    parts = [*((post, "addressed") for post in about.addressed), *((post, "deciding") for post in about.deciding)]
    if about.is_proposal or not receipts:
        proposed = replace(notice, decide_by=await _until(tx, POLICY.decide))
        event: Event = told.CircularNoticeProposed(notice=facts(proposed), deciding_posts=about.deciding)
        return await store.record_notice(tx, proposed, event, why=about.source, parts=parts)
    issued = rules.issue(
        notice, by=None, words="", also_to=(), at=tx.now, sign_by=await _until(tx, POLICY.sign)
    )  # fmt: skip
    event = told.CircularNoticeIssued(notice=facts(issued), decided_by=None, words="")
    return await store.record_notice(tx, issued, event, why=about.source, parts=parts)


async def decide_notice(
    tx: Tx, notice_id: UUID, expected: int | None, *, issued: bool, words: str, also_to: Sequence[UUID]
) -> CircularNotice:
    """It goes out, to organisations besides those whom the ladder names; or it does not, and why.

    Raises NotYoursToDecideOn, RoleMissing (403), CircularCannotMove (409), CircularWrong (422).
    """
    notice = await store.lock_notice(tx, notice_id)
    own = tx.caller.acting_post()
    rules.require_decider(notice, own)
    if not notice.deciding:
        tx.caller.require(*DECIDES, area_code=notice.area_code, sectors=notice.sectors)
    require_version(notice, expected)
    if not issued:
        after = rules.refuse(notice, by=own, words=words, at=tx.now)
        return await store.record_notice(
            tx, after, told.CircularNoticeRefused(notice=facts(after), reason=words), why=words
        )
    more, posts = await _organizations(tx, also_to)
    after = rules.issue(
        notice, by=own, words=words, also_to=more, at=tx.now, sign_by=await _until(tx, POLICY.sign)
    )  # fmt: skip
    event = told.CircularNoticeIssued(notice=facts(after), decided_by=own, words=words)
    return await store.record_notice(tx, after, event, why=words, parts=[(post, "addressed") for post in posts])


async def sign_notice(tx: Tx, notice_id: UUID, expected: int | None, words: str) -> CircularNotice:
    """The acting post signs for itself, and for its organisation. Raises NotAddressed (403), ReceiptThere,
    CircularCannotMove (409)."""
    notice = await store.lock_notice(tx, notice_id)
    own = tx.caller.acting_post()
    post = (await organizations.posts_by_id(tx, [own])).get(own)
    organization = None if post is None else post.organization_id
    rules.require_addressed(notice, own, organization)
    require_version(notice, expected)
    after = rules.sign(notice, post=own, organization=organization, words=words, at=tx.now)
    late = after.sign_by is not None and tx.now >= after.sign_by
    event = told.CircularNoticeSigned(notice=facts(after), signed_by=own, words=words, late=late)
    return await store.record_notice(tx, after, event, why=words)


async def tell_late_notices(tx: Tx, now: datetime, limit: int) -> int:
    """Tell, once each, of notices that nobody decided on, and of receipts that are not there."""
    late = await store.lock_late(tx, now, limit)
    for notice in late:
        after = replace(notice, late_told_for=rules.waits_until(notice))
        parties = tuple(one.party_id for one in rules.missing(notice)) or notice.deciding
        event = told.CircularNoticeLate(
            notice=facts(after), undecided=notice.state is CircularState.PROPOSED, missing=parties
        )
        await store.record_notice(tx, after, event)
    return len(late)


async def untold(now: datetime, tx: Tx) -> Sequence[UUID]:
    """Late notices of which nobody was told: for the watchdog."""
    return await store.ids_untold(tx, now - _SWEPT)


async def notices_of(tx: Tx, order_id: UUID) -> Sequence[CircularNotice]:
    """The circular notices about an order, for whoever may see the order; for another slice of this service."""
    async with tx.system("circular notices: of an order"):
        return await store.notices_of_order(tx, order_id)


def facts(notice: CircularNotice) -> told.CircularFacts:
    """The notice as its events carry it."""
    return told.CircularFacts(
        order_id=notice.order_id, step=notice.step, state=notice.state, sign_by=notice.sign_by,
        addressed=tuple(one.party_id for one in notice.receipts),
        missing=tuple(one.party_id for one in rules.missing(notice)),
    )  # fmt: skip


async def _until(tx: Tx, clock: ReceiptClock) -> datetime:
    return due_at(tx.now, clock, await load_calendar(tx)).at


async def _organizations(tx: Tx, ids: Sequence[UUID]) -> tuple[list[Receipt], list[UUID]]:
    """Receipts of organisations, and those of their posts that see the notice from now on."""
    known = await organizations_by_id(tx, ids)
    unknown = [number for number, one in enumerate(ids) if one not in known]
    if unknown:
        raise CircularWrong(*((f"/also_to/{number}", "unknown_organization", _UNKNOWN) for number in unknown))
    posts = [
        post.id for one in ids for post in await organizations.posts_of_organization(tx, one, _MOST_POSTS)
    ]  # fmt: skip
    return [Receipt(party_id=one, kind=Addressed.ORGANIZATION) for one in ids], posts
