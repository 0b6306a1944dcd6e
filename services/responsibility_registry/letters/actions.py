"""The verbs of letters: issue one, sign it, return it, withdraw it; and how far a round of them is."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from uuid import UUID

from libs.common.aggregates import require_version
from libs.common.db import Tx
from libs.common.ids import new_id
from libs.contracts import letters as told
from services.responsibility_registry.letters import rules, rules_progress, store
from services.responsibility_registry.letters.rules import Letter, LetterState
from services.responsibility_registry.letters.rules_progress import TierProgress
from services.responsibility_registry.organizations import actions as organizations
from services.responsibility_registry.organizations.actions import Post

ISSUERS = ("leader", "commander", "inspector", "grid_member")
"""Who may bind others by a letter, within what their own grant reaches ([DEF])."""
_UNKNOWN_POST = ("台账中没有该岗位。", "the registry has no such post")
_SWEPT = timedelta(minutes=5)


@dataclass(frozen=True, kw_only=True, slots=True)
class NewLetter:
    """What a post says of a letter to be. Area and sectors are those of the lower post where they are left out."""

    id: UUID
    title: str
    text: str
    to_post_id: UUID | None
    entity: str
    entity_party_id: UUID | None
    under_letter_id: UUID | None
    area_code: str | None
    sectors: tuple[str, ...]
    valid_from: datetime
    valid_to: datetime
    sign_by: datetime


async def issue_letter(tx: Tx, new: NewLetter) -> Letter:
    """Offer a letter in the name of the acting post, whose signature it bears. Its maker has to be somebody who may
    bind the whole of its area and sectors.

    Raises LetterWrong (422), RoleMissing (403), PostUnsaid (422).
    """
    issuer = tx.caller.acting_post()
    post = await _post_of(tx, new)
    area_code, sectors = _place_of(new, post)
    tx.caller.require_every(*ISSUERS, area_code=area_code, sectors=sectors)
    letter = Letter(
        id=new.id, version=0, area_code=area_code, sectors=sectors, exercise=False,
        correlation_id=tx.cause.correlation_id or new_id(), title=new.title, text=new.text, text_sha256="",
        from_post_id=issuer, to_post_id=new.to_post_id, to_tier="entity" if post is None else post.tier,
        entity=new.entity, entity_party_id=new.entity_party_id, under_letter_id=new.under_letter_id,
        valid_from=new.valid_from, valid_to=new.valid_to, sign_by=new.sign_by, state=LetterState.OFFERED,
        signatures=(),
    )  # fmt: skip
    offered = rules.issue(letter, upper=await _upper(tx, new.under_letter_id), now=tx.now)
    bound = new.to_post_id or new.entity_party_id
    parts = [(issuer, "issuer"), *([(bound, "bound")] if bound else [])]
    return await store.record_letter(tx, offered, told.LetterIssued(state=state_of(offered)), parts=parts)


async def sign_letter(tx: Tx, letter_id: UUID, expected: int | None, text_sha256: str) -> Letter:
    """Sign the exact text. Raises NotYoursToSign (403), LetterNotOffered, TextDiffers (409)."""
    letter = await store.lock_letter(tx, letter_id)
    signed = rules.sign(
        letter, text_hash=text_sha256, by_post=tx.caller.post_id, parties=tx.caller.parties, now=tx.now
    )
    require_version(letter, expected)
    return await store.record_letter(tx, signed, told.LetterSigned(state=state_of(signed)))


async def sign_on_paper(tx: Tx, letter_id: UUID, expected: int | None, evidence: Sequence[UUID]) -> Letter:
    """Enter what an entity signed on paper. Raises NotYoursToSign (403), LetterNotOffered (409)."""
    letter = await store.lock_letter(tx, letter_id)
    signed = rules.sign_on_paper(letter, by_post=tx.caller.post_id, evidence=tuple(evidence), now=tx.now)
    require_version(letter, expected)
    event = told.LetterSigned(state=state_of(signed), evidence=tuple(evidence))
    return await store.record_letter(tx, signed, event)


async def return_letter(tx: Tx, letter_id: UUID, expected: int | None, reason: str) -> Letter:
    """Decline to sign, and say why. Raises NotYoursToSign (403), LetterNotOffered (409)."""
    letter = await store.lock_letter(tx, letter_id)
    returned = rules.return_letter(letter, reason=reason, by_post=tx.caller.post_id, parties=tx.caller.parties)
    require_version(letter, expected)
    event = told.LetterReturned(state=state_of(returned), reason=reason)
    return await store.record_letter(tx, returned, event, why=reason)


async def withdraw_letter(tx: Tx, letter_id: UUID, expected: int | None, reason: str) -> Letter:
    """Take a letter back that nobody has signed. Raises NotYoursToWithdraw (403), LetterNotOffered (409)."""
    letter = await store.lock_letter(tx, letter_id)
    withdrawn = rules.withdraw(letter, reason=reason, by_post=tx.caller.post_id)
    require_version(letter, expected)
    event = told.LetterWithdrawn(state=state_of(withdrawn), reason=reason)
    return await store.record_letter(tx, withdrawn, event, why=reason)


async def tell_late_letters(tx: Tx, now: datetime, limit: int) -> int:
    """Tell, once each, of letters that nobody signed in time."""
    late = [letter for letter in await store.lock_late(tx, now, limit) if rules.is_late(letter, now)]
    for letter in late:
        await store.record_letter(tx, replace(letter, late_told_at=now), told.LetterLate(state=state_of(letter)))
    return len(late)


async def untold(now: datetime, tx: Tx) -> Sequence[UUID]:
    """Late letters of which nobody was told in time, for the watchdog."""
    return await store.ids_untold(tx, now - _SWEPT, 10)


async def progress(
    tx: Tx, areas: Sequence[tuple[str, str]], valid: tuple[datetime, datetime]
) -> tuple[TierProgress, ...]:  # fmt: skip
    """How far the letters of areas that begin in a span of time are, tier by tier, within the scope."""
    return rules_progress.by_tier(await store.count_letters(tx, areas, valid, tx.now))


async def find_letter(tx: Tx, letter_id: UUID) -> Letter:
    """One letter within the scope; NotFound (404) otherwise."""
    return await store.find_letter(tx, letter_id)


def state_of(letter: Letter) -> told.LetterTold:
    """The letter as events carry it: no text, and of an entity nothing but its party."""
    return told.LetterTold(
        state=letter.state, from_post_id=letter.from_post_id, to_post_id=letter.to_post_id, to_tier=letter.to_tier,
        entity_party_id=letter.entity_party_id, under_letter_id=letter.under_letter_id,
        text_sha256=letter.text_sha256, valid_from=letter.valid_from, valid_to=letter.valid_to,
        sign_by=letter.sign_by, signed_at=letter.signatures[-1].at if letter.state is LetterState.SIGNED else None,
    )  # fmt: skip


async def _post_of(tx: Tx, new: NewLetter) -> Post | None:
    if new.to_post_id is None:
        return None
    post = (await organizations.posts_by_id(tx, [new.to_post_id])).get(new.to_post_id)
    if post is None:
        raise rules.LetterWrong(("/to_post_id", "unknown_post", _UNKNOWN_POST))
    return post


def _place_of(new: NewLetter, post: Post | None) -> tuple[str, tuple[str, ...]]:
    """Where the duty lies. Raises LetterWrong where a letter to an entity does not say it."""
    area_code = new.area_code or (post.area_code if post else None)
    sectors = new.sectors or (post.sectors if post else ())
    faults = []
    if area_code is None:
        faults.append(("/area_code", "required", ("请填写区划。", "say where the duty lies")))
    if not sectors:
        faults.append(("/sectors", "required", ("请填写行业领域。", "say which sectors it is about")))
    if area_code is None or faults:
        raise rules.LetterWrong(*faults)
    return area_code, sectors


async def _upper(tx: Tx, letter_id: UUID | None) -> Letter | None:
    """The letter above, which binds the issuer and is in its sight. NotFound (404) for any other."""
    return None if letter_id is None else await store.find_letter(tx, letter_id)
