"""Gaps and overlaps over category, area and tier: looked for area by area, in bounded steps."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from libs.common.clocks import city_day
from libs.common.db import Tx
from libs.contracts.classification import CATEGORIES
from services.responsibility_registry.areas import actions as areas
from services.responsibility_registry.duties import actions_register as register
from services.responsibility_registry.duties import actions_who, rules_findings, store
from services.responsibility_registry.duties.actions_register import POLICY, Register, give_way
from services.responsibility_registry.duties.actions_who import PostName
from services.responsibility_registry.duties.rules_findings import Finding, Split

EVERY = tuple(sorted(CATEGORIES))
_BLOCK = 100
MOST_LOOKED_AT = 1000
"""So many areas are looked at for one page: a registry without faults has long pages of nothing."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Found:
    """What is wrong, how the posts in it are called, and after which finding there may be more (None: nothing)."""

    findings: Sequence[Finding]
    names: dict[UUID, PostName]
    last: tuple[str, str] | None


async def report(
    tx: Tx, area_code: str, at: datetime, categories: Sequence[str], after: tuple[str, str] | None, limit: int
) -> Found:
    """The findings in an area, itself included, in the order of codes; those after `after` (an area and a key)."""
    found: list[Finding] = []
    names: dict[UUID, PostName] = {}
    place, looked_at = after or ("", ""), 0
    while len(found) <= limit and looked_at < MOST_LOOKED_AT:
        on = city_day(at)
        codes = await areas.codes_in(tx, area_code, on, place[0], _BLOCK)
        here = await register.register_of(tx, codes, at)
        new = [one for one in await findings_of(tx, codes, at, here, categories) if (one.area_code, one.key) > place]
        found += new
        names |= actions_who.names_of((id_ for one in new for id_ in one.post_ids), here.shown)
        looked_at += len(codes)
        if len(codes) < _BLOCK:
            place = ("", "")
            break
        # "~" comes after every key: the last area was looked at to its end.
        place = (codes[-1], "~")
    if len(found) > limit:
        found = found[:limit]
        place = (found[-1].area_code, found[-1].key)
    return Found(findings=found, names=names, last=place if place[0] else None)


async def findings_of(
    tx: Tx, codes: Sequence[str], at: datetime, here: Register, categories: Sequence[str] = EVERY,
    split: Split | None = None,
) -> list[Finding]:  # fmt: skip
    """The findings at these very areas, by the register around them."""
    split = split or await splits_of(tx, codes, at)
    found: list[Finding] = []
    for code in codes:
        found += rules_findings.findings(
            code, at, here.around(code), here.posts, POLICY, categories=categories, split=split
        )
        await give_way()
    return found


async def splits_of(tx: Tx, codes: Collection[str], at: datetime) -> Split:
    """Whether roles are given out within the areas around these, asked once for all of them."""
    given = rules_findings.given_out(POLICY)
    asked = sorted({(role, rules_findings.wide_of(code, tier)) for code in codes for role, tier in given})
    held = await store.roles_within(tx, asked, at)

    def split(role: str, wide: str) -> bool:
        return (role, wide) in held

    return split
