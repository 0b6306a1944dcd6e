"""The verbs of tenures: begin one, end it, hand the post over; and who holds a post, for the rest of the service."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from libs.common.aggregates import require_version
from libs.common.announcing import Announced
from libs.common.db import Tx
from libs.common.ids import new_id
from libs.common.places import area_range
from libs.contracts import tenures as told
from services.responsibility_registry.copies.store import may_act
from services.responsibility_registry.organizations import actions as organizations
from services.responsibility_registry.organizations.actions import Post
from services.responsibility_registry.tenures import rules, store
from services.responsibility_registry.tenures.rules import Tenure

KEEPER = "security_administrator"


@dataclass(frozen=True, kw_only=True, slots=True)
class NewTenure:
    """What a security administrator says of a tenure to be; from now on where no beginning is said."""

    id: UUID
    post_id: UUID
    subject: str
    valid_from: datetime | None
    valid_to: datetime | None
    document: str


async def begin_tenure(tx: Tx, new: NewTenure) -> Tenure:
    """Somebody holds a post from an instant on; the database refuses a second holder where the post is not shared.

    For who administers the security of the whole of the post's area and sectors, and never for oneself. Raises
    PostBeyondOwn, NotToOneself (403), TenureWrong (422), PostStandsVacant, PostIsHeld (409).
    """
    post = (await organizations.posts_by_id(tx, [new.post_id])).get(new.post_id)
    if post is None:
        raise rules.TenureWrong(("/post_id", "unknown_post", ("台账中没有该岗位。", "the registry has no such post")))
    _require(tx, post, new.subject)
    if post.vacant:
        raise rules.PostStandsVacant
    tenure = Tenure(
        id=new.id, version=0, area_code=post.area_code, sectors=post.sectors, exercise=False,
        correlation_id=tx.cause.correlation_id or new_id(), post_id=post.id, subject=new.subject,
        sole=not post.shared, valid_from=new.valid_from or tx.now, valid_to=new.valid_to, document=new.document,
    )  # fmt: skip
    rules.check(tenure, known=await may_act(tx, new.subject))
    async with tx.system("tenures: is it held"):
        if await store.is_held(tx, tenure):
            raise rules.PostIsHeld
    event = told.TenureBegun(state=state_of(tenure))
    return await store.record_tenure(tx, tenure, event, why=tenure.document)


async def end_tenure(tx: Tx, tenure_id: UUID, expected: int | None, at: datetime | None, reason: str) -> Tenure:
    """The post is held by them no more, from now on or from a later instant; what follows from it ends with it.

    Raises TenureAlreadyEnded (409), TenureWrong (422), PostBeyondOwn, NotToOneself (403).
    """
    tenure = await store.lock_tenure(tx, tenure_id)
    _require(tx, tenure, tenure.subject)
    require_version(tenure, expected)
    return await _end(tx, tenure, at, reason)


async def hand_over(
    tx: Tx, tenure_id: UUID, expected: int | None, *, to: str, at: datetime | None, document: str
) -> Tenure:
    """The post passes from one to another at one instant, in one step; returns the new tenure.

    Raises what ending and beginning raise.
    """
    tenure = await store.lock_tenure(tx, tenure_id)
    _require(tx, tenure, tenure.subject)
    require_version(tenure, expected)
    ended = await _end(tx, tenure, at, document)
    new = NewTenure(
        id=new_id(), post_id=tenure.post_id, subject=to, valid_from=ended.valid_to, valid_to=None, document=document
    )
    return await begin_tenure(tx, new)


async def find_tenure(tx: Tx, tenure_id: UUID) -> Tenure:
    """One tenure; NotFound (404) for whoever neither administers nor audits the security of its area."""
    return await store.find_tenure(tx, tenure_id)


async def holders_of(tx: Tx, posts: Collection[UUID]) -> dict[UUID, frozenset[str]]:
    """The subjects who hold these posts now, by post; nothing of a post that nobody is known to hold.

    A subject is an account's name: it is compared in this service, and told to nobody.
    """
    return await holders_at(tx, posts, tx.now)


async def holders_at(tx: Tx, posts: Collection[UUID], at: datetime) -> dict[UUID, frozenset[str]]:
    """The subjects who held these posts at an instant, by post; compared in this service, and told to nobody."""
    if not posts:
        return {}
    async with tx.system("tenures: holders"):
        return await store.holders_at(tx, posts, at)


async def posts_of_holders(tx: Tx, posts: Collection[UUID], at: datetime) -> list[tuple[UUID, ...]]:
    """Of each person who holds any of these posts at an instant, every post that they hold then; for another slice,
    which counts by it and tells nobody which posts go together."""
    if not posts:
        return []
    async with tx.system("tenures: posts of one person"):
        return await store.posts_of_holders(tx, posts, at)


def state_of(tenure: Tenure) -> told.TenureState:
    """The tenure as events carry it."""
    return told.TenureState(
        post_id=tenure.post_id, subject=tenure.subject, valid_from=tenure.valid_from, valid_to=tenure.valid_to
    )


ANNOUNCED = Announced(table=store.TABLE, row=Tenure, stated=told.TenureStated, state_of=state_of)
"""What other services keep copies of."""


async def _end(tx: Tx, tenure: Tenure, at: datetime | None, reason: str) -> Tenure:
    ended = rules.end(tenure, at=at or tx.now, now=tx.now, reason=reason)
    return await store.record_tenure(tx, ended, told.TenureEnded(state=state_of(ended), reason=reason), why=reason)


def _require(tx: Tx, about: Post | Tenure, subject: str) -> None:
    tx.caller.require_every(KEEPER, area_code=about.area_code, sectors=about.sectors)
    rules.require_reach(tx.caller.grants, KEEPER, area_range(about.area_code), about.sectors)
    if subject == tx.caller.subject:
        raise rules.NotToOneself
