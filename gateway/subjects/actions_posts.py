"""Rights follow posts: whatever the registry tells of tenures and posts, their holders' states say soon after."""

from __future__ import annotations

from collections.abc import Iterable

from gateway.copies import store as copies
from gateway.subjects import store
from gateway.subjects.actions import state_of
from gateway.subjects.actions_tables import current_roles
from gateway.subjects.rules import Subject, hold
from gateway.subjects.rules_posts import KnownPost, PostRole, Tenure, held_by
from libs.common.aggregates import load
from libs.common.db import Tx
from libs.contracts.gateway import SubjectChanged


async def follow_tenures(tx: Tx, limit: int) -> int:
    """Let the subjects of tenures that changed hold what they hold now; returns how many tenures were looked at."""
    pending = await copies.pick_tenures(tx, limit)
    await _follow(tx, {row["subject"] for row in pending.rows})
    if pending.ids:
        await copies.mark_tenures(tx, pending)
    return len(pending.ids)


async def follow_posts(tx: Tx, limit: int) -> int:
    """The same for posts that moved, or stand vacant now; most posts of a new city are held by nobody."""
    pending = await copies.pick_posts(tx, limit)
    if not pending.ids:
        return 0
    substitutes = {row["substitute_post_id"] for row in pending.rows if row["vacant"] and row["substitute_post_id"]}
    held = await copies.holders_of(tx, {*pending.ids, *substitutes})
    await _follow(tx, held | await store.followers_of(tx, pending.ids))
    await copies.mark_posts(tx, pending)
    return len(pending.ids)


async def _follow(tx: Tx, subjects: Iterable[str]) -> None:
    names = sorted(subjects)
    if not names:
        return
    roles = await current_roles(tx)
    # In the order of their names: two sweeps that lock the same subjects do not block each other.
    for name in names:
        subject = await store.lock_named(tx, name)
        if subject is not None and subject.ended_at is None:
            await _follow_one(tx, subject, roles)


async def _follow_one(tx: Tx, subject: Subject, roles: Iterable[PostRole]) -> None:
    tenures = [load(Tenure, row) for row in await copies.tenures_of(tx, subject.subject, tx.now)]
    known = await copies.posts_around(tx, {one.post_id for one in tenures}) if tenures else ()
    posts = {row["id"]: load(KnownPost, row) for row in known}
    held = held_by(tenures, posts, roles)
    follows = tuple(sorted({one.post_id for one in held}))
    if (held, follows) == (subject.held, subject.follows):
        return
    after = hold(subject, held, follows, tx.now)
    state = state_of(after)
    await store.write(
        tx, after, SubjectChanged(state=state, by="posts"), state, why="the posts that it holds changed"
    )
