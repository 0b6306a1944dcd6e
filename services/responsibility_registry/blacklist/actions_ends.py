"""The verbs by which a firm comes off the blacklist: repair, revocation, and the end of its period."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta
from uuid import UUID

from libs.common.aggregates import require_version
from libs.common.db import Tx
from libs.contracts import credit as told
from services.responsibility_registry.blacklist import rules, store
from services.responsibility_registry.blacklist.actions import (
    DECIDES,
    Verdict,
    Word,
    listing_fact,
    ruling,
    said_by_firm,
    told_of,
)
from services.responsibility_registry.blacklist.rules_kept import Entry
from services.responsibility_registry.credit import actions_facts
from services.responsibility_registry.credit.rules_facts import CreditFactKind

_SWEPT = timedelta(minutes=5)


async def ask_repair(tx: Tx, entry_id: UUID, expected: int | None, word: Word) -> Entry:
    """The firm asks to be removed early, with what shows that it put things right.

    Raises NotTheFirm (403), EntryNotOpenToThis, RepairTooEarly (409).
    """
    entry = await store.lock_entry(tx, entry_id)
    said = await said_by_firm(tx, entry, word)
    require_version(entry, expected)
    after = rules.ask_repair(entry, said)
    event = told.BlacklistRepairAsked(entry=told_of(after), evidence=word.evidence)
    return await store.record_entry(tx, after, event, why=word.words)


async def decide_repair(tx: Tx, entry_id: UUID, expected: int | None, verdict: Verdict) -> Entry:
    """The authority removes the firm early, or does not. Raises EntryNotOpenToThis, AnotherMustDecide (409)."""
    entry = await _locked(tx, entry_id, expected)
    after = rules.decide_repair(entry, ruling(tx, verdict))
    post = tx.caller.acting_post()
    if not verdict.yes:
        refused = told.BlacklistRepairRefused(entry=told_of(after), decided_by=post, words=verdict.words)
        return await store.record_entry(tx, after, refused, why=verdict.words)
    event = told.BlacklistRepaired(entry=told_of(after), decided_by=post, words=verdict.words)
    written = await store.record_entry(tx, after, event, why=verdict.words)
    await _ends(tx, written)
    return written


async def revoke(tx: Tx, entry_id: UUID, expected: int | None, verdict: Verdict) -> Entry:
    """It should not have been listed: that it was counts for no grade any more. Raises EntryNotOpenToThis,
    AnotherMustDecide (409)."""
    entry = await _locked(tx, entry_id, expected)
    after = rules.revoke(entry, ruling(tx, verdict))
    post = tx.caller.acting_post()
    event = told.BlacklistRevoked(entry=told_of(after), decided_by=post, reason=verdict.words)
    written = await store.record_entry(tx, after, event, why=verdict.words)
    await actions_facts.uncount(tx, CreditFactKind.BLACKLISTED, entry.id, verdict.words, written.version)
    return written


async def expire_entries(tx: Tx, now: datetime, limit: int) -> int:
    """Take off, once each, the firms whose period is over."""
    over = await store.lock_over(tx, now, limit)
    for entry in over:
        after = rules.expire(entry, now)
        written = await store.record_entry(tx, after, told.BlacklistExpired(entry=told_of(after)), why="")
        await _ends(tx, written)
    return len(over)


async def unexpired(now: datetime, tx: Tx) -> Sequence[UUID]:
    """Entries that should have been taken off, for the watchdog."""
    return await store.ids_over(tx, now - _SWEPT)


async def _ends(tx: Tx, entry: Entry) -> None:
    """The listing as a fact of credit ends now; a newer version of it counts."""
    document = entry.decision.document if entry.decision else ""
    await actions_facts.count(tx, listing_fact(entry, document=document), entry.version)


async def _locked(tx: Tx, entry_id: UUID, expected: int | None) -> Entry:
    entry = await store.lock_entry(tx, entry_id)
    tx.caller.require(*DECIDES, area_code=entry.area_code, sectors=entry.sectors)
    require_version(entry, expected)
    return entry
