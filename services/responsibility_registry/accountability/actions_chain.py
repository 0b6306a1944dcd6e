"""Who answered as was on record at an instant: duties and posts read back from the timeline, not as they are today.

A duty that was assigned, moved or ended after the fact, with a date in the past, changes nobody's answer for it.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from uuid import UUID

from libs.common.db import Tx
from libs.common.places import parents
from services.responsibility_registry.areas.actions_successions import grounds_of
from services.responsibility_registry.duties import actions as duties
from services.responsibility_registry.duties import rules_chain
from services.responsibility_registry.duties.actions_known import PostThen, register_known
from services.responsibility_registry.duties.rules import Claim
from services.responsibility_registry.duties.rules_chain import Chain
from services.responsibility_registry.duties.rules_ground import carried

__all__ = ["Basis", "PostThen", "RegisterThen", "register_then"]


class Basis(StrEnum):
    """Whether the chain is that of the data known then; a register that had nothing at all for the place by then is
    read as it was filled later, and says so."""

    KNOWN_THEN = "known_then"
    ENTERED_LATER = "entered_later"


@dataclass(frozen=True, kw_only=True, slots=True)
class RegisterThen:
    """The duties around a place and their posts, as they were on record, and on what that rests. `code` is the area
    that the place lay in at the instant that is asked about."""

    code: str
    duties: Sequence[Claim]
    posts: dict[UUID, PostThen]
    basis: Basis
    truncated: bool = False

    def who(self, category: str, at: datetime, entity: str = "") -> Chain:
        """Who answered for a category at an instant."""
        return rules_chain.chain(category, self.code, at, self.duties, self.posts, duties.POLICY, entity=entity)


async def register_then(tx: Tx, area_code: str, at: datetime, known_at: datetime) -> RegisterThen:
    """What was on record at an instant about who answers for an area at another, where its ground lay then."""
    ground = (await grounds_of(tx, [area_code], at, known_at)).get(area_code)
    code, counts_as = (ground.code, ground.counts_as) if ground else (area_code, {})
    areas, basis = [code, *parents(code), *counts_as], Basis.KNOWN_THEN
    found = await register_known(tx, areas, known_at)
    if not found.rows:
        basis = Basis.ENTERED_LATER
        found = await register_known(tx, areas, tx.now)
    return RegisterThen(
        code=code, duties=[*carried(found.duties, counts_as)], posts=found.posts, basis=basis,
        truncated=found.truncated,
    )  # fmt: skip
