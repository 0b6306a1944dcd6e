"""What differs between two chains: which links came, went, or passed from whom to whom, and by which duty."""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from uuid import UUID

from services.responsibility_registry.duties.rules import Tier
from services.responsibility_registry.duties.rules_chain import Chain, Gap, Link, Why

_Key = tuple[str, Tier, str | None]


class LinkTurn(StrEnum):
    """What became of a link."""

    FILLED = "filled"
    """Nobody answered before, and somebody does after."""
    EMPTIED = "emptied"
    """Somebody answered before, and nobody does after."""
    REPLACED = "replaced"
    """Another post answers."""
    REGROUNDED = "regrounded"
    """The same post answers by another duty, or for itself in place of standing in."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Holding:
    """Who answered in a link, in whose place, and by which duty and clause."""

    post_id: UUID
    stands_in_for: UUID | None
    duty_id: UUID
    duty_clause: str


@dataclass(frozen=True, kw_only=True, slots=True)
class LinkChange:
    """One link that is not as it was. `gap` says why nobody answers after, where it is a required one."""

    role: str
    tier: Tier
    sector: str | None
    change: LinkTurn
    before: Holding | None
    after: Holding | None
    gap: Why | None


def differences(before: Chain, after: Chain) -> tuple[LinkChange, ...]:
    """The links that changed, in the order of the later chain and then of the earlier one."""
    old, new = _by_key(before), _by_key(after)
    gaps = {(gap.role, gap.tier, gap.sector): gap for gap in after.gaps}
    return tuple(
        change for key in dict.fromkeys((*new, *old)) if (change := _change(key, old.get(key), new.get(key), gaps))
    )


def _by_key(chain: Chain) -> dict[_Key, Link]:
    return {(link.role, link.tier, link.sector): link for link in chain.links}


def _change(key: _Key, old: Link | None, new: Link | None, gaps: Mapping[_Key, Gap]) -> LinkChange | None:
    before, after = _holding(old), _holding(new)
    if before == after:
        return None
    if before is None or after is None:
        change = LinkTurn.EMPTIED if after is None else LinkTurn.FILLED
    else:
        change = LinkTurn.REGROUNDED if before.post_id == after.post_id else LinkTurn.REPLACED
    gap = gaps.get(key) if after is None else None
    return LinkChange(
        role=key[0], tier=key[1], sector=key[2], change=change, before=before, after=after,
        gap=gap.why if gap else None,
    )  # fmt: skip


def _holding(link: Link | None) -> Holding | None:
    if link is None:
        return None
    return Holding(
        post_id=link.post_id, stands_in_for=link.vacant_post_id, duty_id=link.duty_id, duty_clause=link.duty_clause
    )
