"""The shapes of a chain: who answers, by which rule, and where nobody does."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from libs.common.forms import Shown
from services.responsibility_registry.duties.rules import Tier
from services.responsibility_registry.duties.rules_chain import Why


class NameOut(Shown):
    """What a post is called, in both languages."""

    zh: str
    en: str


class ChainPostOut(Shown):
    """A post of the chain; without names where the registry has none."""

    id: UUID
    name: NameOut | None
    kind: str | None


class PassedOverOut(Shown):
    """A claim that did not fill the link, and why."""

    duty_id: UUID
    post_id: UUID
    why: Why


class GapOut(Shown):
    """A link that nobody fills."""

    link: str
    tier: Tier
    sector: str | None
    why: Why
    clause: str
    source: str
    passed_over: list[PassedOverOut]


class LinkOut(Shown):
    """A link with the post that answers, by which duty and clause."""

    link: str
    tier: Tier
    sector: str | None
    post: ChainPostOut
    stands_in_for: ChainPostOut | None
    duty_id: UUID
    duty_clause: str
    clause: str
    source: str
    passed_over: list[PassedOverOut]


class ChainOut(Shown):
    """The whole chain as it was at `at`, bottom up."""

    category: str
    sectors: list[str]
    area_code: str
    at: datetime
    policy_version: str
    links: list[LinkOut]
    gaps: list[GapOut]
    truncated: bool
