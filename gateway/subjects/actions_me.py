"""What a caller is told of itself: what holds at this instant, and nothing of anybody else."""

from __future__ import annotations

from dataclasses import replace

from gateway.subjects import store
from gateway.subjects.rules import Subject, holds_at, roles_at
from libs.common.db import Tx


async def find_me(tx: Tx) -> tuple[Subject | None, frozenset[str]]:
    """The caller with what it holds now, and every role that follows; None for one that is not known here."""
    async with tx.system("subjects: oneself"):
        known = await store.find_named(tx, tx.caller.subject)
    if known is None:
        return None, frozenset()
    now = replace(
        known,
        grants=tuple(one for one in known.grants if holds_at(one.valid_from, one.valid_to, tx.now)),
        parties=tuple(one for one in known.parties if holds_at(one.valid_from, one.valid_to, tx.now)),
        held=tuple(one for one in known.held if holds_at(one.valid_from, one.valid_to, tx.now)),
    )
    return now, roles_at(known, tx.now)
