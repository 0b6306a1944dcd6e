"""The verbs of pairings: begin one, end it; and what other slices ask of them."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time
from uuid import UUID

from libs.common.aggregates import require_version
from libs.common.clocks import CITY_ZONE
from libs.common.db import Tx
from libs.common.ids import new_id
from libs.contracts import duty_records as told
from services.responsibility_registry.areas import actions as areas
from services.responsibility_registry.copies.store import KnownObject, find_visible_objects
from services.responsibility_registry.organizations import actions as organizations
from services.responsibility_registry.organizations.actions import Post
from services.responsibility_registry.pairings import rules, store
from services.responsibility_registry.pairings.policies import KINDS, VERSION
from services.responsibility_registry.pairings.rules import Pairing, PairingKind, PairingWrong, Per, holds

__all__ = [
    "KINDS", "PAIRS", "NewPairing", "Pairing", "Per", "begin_pairing", "end_pairing", "find_pairing", "holds",
    "late_to_look", "lock_to_look", "note_look", "of_objects", "shows_key", "wake",
]  # fmt: skip
PAIRS = ("administrator", "leader")
"""Who pairs posts with firms, installations and homes ([DEF])."""


@dataclass(frozen=True, kw_only=True, slots=True)
class NewPairing:
    """Which post with what, from which day on. Area and sectors of an object are its own where they are left out."""

    id: UUID
    kind: str
    post_id: UUID
    object_id: UUID | None
    home_key: str
    area_code: str | None
    sectors: tuple[str, ...]
    valid_from: date
    document: str


async def begin_pairing(tx: Tx, new: NewPairing) -> Pairing:
    """A post is bound to an object or a home from a day on, and sees the pairing from now on.

    For who administers or leads where the target lies and where the post stands: nobody burdens another body's post.
    Raises RoleMissing (403), PairingHeld (409), PairingWrong (422).
    """
    known = await _object(tx, new)
    area_code = new.area_code or (known.area_code if known else None)
    if area_code is None:
        raise PairingWrong(("/area_code", "required", ("请填写区划。", "say in which area")))
    sectors = new.sectors or (known.sectors if known else ())
    tx.caller.require_every(*PAIRS, area_code=area_code, sectors=sectors)
    post = await _post(tx, new.post_id)
    tx.caller.require_every(*PAIRS, area_code=post.area_code, sectors=sectors)
    if not await areas.knows_area(tx, area_code):
        raise PairingWrong(("/area_code", "unknown_area", ("登记册中没有此区划。", "the registry has no such area")))
    begins, kind = datetime.combine(new.valid_from, time(), CITY_ZONE).astimezone(UTC), _kind(new.kind)
    pairing = rules.check(
        Pairing(
            id=new.id, version=0, area_code=area_code, sectors=sectors, exercise=False, correlation_id=new_id(),
            kind=new.kind, post_id=post.id, object_id=new.object_id, home_key=new.home_key, document=new.document,
            record_kinds=kind.record_kinds, rhythm=kind.rhythm, policy_version=VERSION, valid_from=begins,
            counted_from=max(begins, tx.now),
        ),
        kind, known,
    )  # fmt: skip
    await store.lock_targets(tx)
    async with tx.system("pairings: others of the same target"):
        others = await store.alike(tx, pairing)
    rules.require_free(pairing, others, sole=kind.sole)
    look_at = None if pairing.rhythm is None else tx.now
    event = told.PairingBegun(pairing=facts(pairing))
    return await store.record_pairing(
        tx, pairing, event, why=new.document, look_at=look_at, parts=[(post.id, "paired")]
    )


async def end_pairing(tx: Tx, pairing_id: UUID, expected: int | None, at: datetime, reason: str) -> Pairing:
    """The pairing no longer holds from an instant on; what was missed before is still told.

    Raises PairingAlreadyEnded (409), PairingWrong (422).
    """
    pairing = await store.lock_pairing(tx, pairing_id)
    tx.caller.require(*PAIRS, area_code=pairing.area_code, sectors=pairing.sectors)
    require_version(pairing, expected)
    after = rules.end(pairing, at=at, reason=reason)
    look_at = None if after.rhythm is None else tx.now
    event = told.PairingEnded(pairing=facts(after), reason=reason)
    return await store.record_pairing(tx, after, event, why=reason, look_at=look_at)


async def find_pairing(tx: Tx, pairing_id: UUID) -> Pairing:
    """One pairing within the scope; NotFound (404) otherwise."""
    return await store.find_pairing(tx, pairing_id)


async def of_objects(
    tx: Tx, kinds: Collection[str], objects: Collection[UUID], at: datetime
) -> Sequence[Pairing]:  # fmt: skip
    """The pairings of these kinds with objects that the caller was shown, whoever may see the pairings: which post it
    is, and no more, is what another slice tells of them."""
    if not objects or not kinds:
        return ()
    async with tx.system("pairings: of objects"):
        return await store.of_objects(tx, kinds, objects, at)


async def lock_to_look(tx: Tx, now: datetime, limit: int) -> Sequence[Pairing]:
    """Pairings whose periods are to be looked at, locked; for another slice."""
    return await store.lock_to_look(tx, now, limit)


async def note_look(tx: Tx, pairing: Pairing, at: datetime | None) -> None:
    """When to look at it again; for another slice."""
    await store.note_look(tx, pairing.id, at)


async def wake(tx: Tx, pairing_id: UUID) -> None:
    """Something was taken out of its records: its periods are looked at again at once; for another slice."""
    async with tx.system("pairings: a record went out"):
        await store.note_look(tx, pairing_id, tx.now)


async def late_to_look(tx: Tx, since: datetime) -> Sequence[UUID]:
    """Pairings that should have been looked at by an instant, for the watchdog."""
    return await store.ids_unlooked(tx, since, 10)


def shows_key(pairing: Pairing, posts: frozenset[UUID], *, administers: bool) -> bool:
    """Whether the key of a home is for somebody: its own post, who stands in for it, and who administers there."""
    return administers or pairing.post_id in posts


def facts(pairing: Pairing) -> told.PairingFacts:
    """The pairing as its events carry it; of a home not even its key."""
    return told.PairingFacts(
        kind=pairing.kind, post_id=pairing.post_id, object_id=pairing.object_id, valid_from=pairing.valid_from,
        valid_to=pairing.valid_to, document=pairing.document,
    )  # fmt: skip


def _kind(code: str) -> PairingKind:
    if (kind := KINDS.get(code)) is None:
        raise PairingWrong(("/kind", "unknown_kind", ("没有此类结对。", "there is no such kind of pairing")))
    return kind


async def _object(tx: Tx, new: NewPairing) -> KnownObject | None:
    if new.object_id is None:
        return None
    known = (await find_visible_objects(tx, [new.object_id])).get(new.object_id)
    if known is None:
        raise PairingWrong(("/object_id", "unknown_object", ("没有此风险对象。", "there is no such risk object")))
    return known


async def _post(tx: Tx, post_id: UUID) -> Post:
    post = (await organizations.posts_by_id(tx, [post_id])).get(post_id)
    if post is None:
        raise PairingWrong(("/post_id", "unknown_post", ("登记册中没有此岗位。", "the registry has no such post")))
    return post
