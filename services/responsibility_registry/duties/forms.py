"""The shapes of a chain: who answers, by which rule, and where nobody does."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Annotated, Any
from uuid import UUID

from pydantic import AwareDatetime, Field

from libs.common.forms import AreaCode, Code, Form, Shown
from services.responsibility_registry import examples
from services.responsibility_registry.duties.actions_who import Answer, Diff, PostName, Where
from services.responsibility_registry.duties.rules import Tier
from services.responsibility_registry.duties.rules_chain import Chain, Gap, Link, PassedOver, Why
from services.responsibility_registry.duties.rules_diff import Holding, LinkChange, LinkTurn
from services.responsibility_registry.duties.rules_parties import Completeness, Presence

MOST_QUESTIONS = 1000
Names = Mapping[UUID, PostName]
Lon = Annotated[float | None, Field(ge=-180, le=180, allow_inf_nan=False)]
Lat = Annotated[float | None, Field(ge=-90, le=90, allow_inf_nan=False)]


class NameOut(Shown):
    """What something is called, in both languages."""

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


class EntityOut(Shown):
    """The responsible entity of a risk object; a natural person is a role word such as landlord."""

    name: str
    kind: str
    code: str | None


class ObjectOut(Shown):
    """The risk object that was asked about."""

    id: UUID
    name: str
    responsible_entity: EntityOut


class PartyOut(Shown):
    """One party of the city's set, and by which links it is there. `not_asked`: only a risk object tells."""

    party: str
    name: NameOut
    presence: Presence
    by_links: tuple[str, ...]


class PartiesOut(Shown):
    """Whether every party that the city counts is there; null where only a risk object would tell."""

    set: str
    version: str
    name: NameOut
    source: str
    complete: bool | None
    parties: list[PartyOut]


class ChainOut(Shown):
    """The whole chain as it was at `at`, bottom up; by what was on record at `known_at`, where that was asked.
    `area_code` is where the ground lay then; where `one_of` names areas, ask again by one of them."""

    category: str
    sectors: tuple[str, ...]
    area_code: str
    one_of: tuple[str, ...]
    at: datetime
    known_at: datetime | None
    object: ObjectOut | None
    policy_version: str
    links: list[LinkOut]
    gaps: list[GapOut]
    parties: PartiesOut | None
    truncated: bool


class QuestionIn(Form):
    """One question of many: a category, and a place by one of the three."""

    category: Code
    area_code: AreaCode | None = None
    lon: Lon = None
    lat: Lat = None
    object_id: UUID | None = None
    at: Annotated[AwareDatetime | None, Field(description="now where it is left out")] = None

    def where(self) -> Where:
        """The place that is meant."""
        return Where(area_code=self.area_code, lon=self.lon, lat=self.lat, object_id=self.object_id)


class BulkIn(Form):
    """Up to 1,000 questions; `known_at` is for all of them."""

    model_config = examples.example(examples.BULK)

    questions: Annotated[list[QuestionIn], Field(min_length=1, max_length=MOST_QUESTIONS)]
    known_at: Annotated[AwareDatetime | None, Field(description="by what was on record then")] = None


class NoAnswerOut(Shown):
    """Why one question has no answer; the codes are those that it would be refused with alone."""

    code: str
    title: str
    detail: str


class BulkAnswerOut(Shown):
    """One answer, or why there is none."""

    answer: ChainOut | None
    problem: NoAnswerOut | None


class BulkOut(Shown):
    """An answer or a problem for each question, in their order."""

    answers: list[BulkAnswerOut]


class HoldingOut(Shown):
    """Who answered, in whose place, by which duty and clause."""

    post: ChainPostOut
    stands_in_for: ChainPostOut | None
    duty_id: UUID
    duty_clause: str


class LinkChangeOut(Shown):
    """One link that changed; `gap` says why nobody answers afterwards, where somebody must."""

    link: str
    tier: Tier
    sector: str | None
    change: LinkTurn
    before: HoldingOut | None
    after: HoldingOut | None
    gap: Why | None


class DiffOut(Shown):
    """What changed between two instants, and whether the chain was whole at each."""

    category: str
    area_code: str
    begins: datetime
    ends: datetime
    known_at: datetime | None
    changes: list[LinkChangeOut]
    gaps_before: list[GapOut]
    gaps_after: list[GapOut]


def show_answer(found: Answer) -> dict[str, Any]:
    """An answer as JSON, each post with its names."""
    known = found.place.known
    entity = known and {"name": known.entity_name, "kind": known.entity_kind, "code": known.entity_code}
    shown = show_chain(found.chain, found.names)
    return shown | {
        "known_at": found.known_at,
        "one_of": found.one_of,
        "object": known and {"id": known.id, "name": known.name, "responsible_entity": entity},
        "parties": None if found.parties is None else _parties(found.parties),
    }


def show_diff(found: Diff) -> dict[str, Any]:
    """A diff as JSON."""
    before, after = found.before, found.after
    names = {**after.names, **before.names}
    return {
        "category": after.chain.category, "area_code": after.chain.area_code, "begins": before.chain.at,
        "ends": after.chain.at, "known_at": after.known_at,
        "changes": [show_change(one, names) for one in found.changes],
        "gaps_before": [_gap(gap) for gap in before.chain.gaps],
        "gaps_after": [_gap(gap) for gap in after.chain.gaps],
    }  # fmt: skip


def show_chain(found: Chain, posts: Names) -> dict[str, Any]:
    """The chain as JSON, each post with its names."""
    return {
        "category": found.category, "sectors": found.sectors, "area_code": found.area_code, "at": found.at,
        "policy_version": found.policy_version, "links": [_link(link, posts) for link in found.links],
        "gaps": [_gap(gap) for gap in found.gaps], "truncated": found.truncated,
    }  # fmt: skip


def show_change(one: LinkChange, names: Names) -> dict[str, Any]:
    """One link that changed, as JSON."""
    return {
        "link": one.role, "tier": one.tier, "sector": one.sector, "change": one.change,
        "before": show_holding(one.before, names), "after": show_holding(one.after, names), "gap": one.gap,
    }  # fmt: skip


def show_holding(one: Holding | None, names: Names) -> dict[str, Any] | None:
    """Who answered, as JSON."""
    if one is None:
        return None
    return {
        "post": _post(one.post_id, names),
        "stands_in_for": None if one.stands_in_for is None else _post(one.stands_in_for, names),
        "duty_id": one.duty_id, "duty_clause": one.duty_clause,
    }  # fmt: skip


def _parties(found: Completeness) -> dict[str, Any]:
    chosen = found.chosen
    return {
        "set": chosen.set, "version": chosen.version, "name": {"zh": chosen.zh, "en": chosen.en},
        "source": chosen.source, "complete": found.complete,
        "parties": [
            {"party": one.party.party, "name": {"zh": one.party.zh, "en": one.party.en}, "presence": one.presence,
             "by_links": one.by_links}
            for one in found.parties
        ],
    }  # fmt: skip


def _link(link: Link, posts: Names) -> dict[str, Any]:
    return {
        "link": link.role, "tier": link.tier, "sector": link.sector, "post": _post(link.post_id, posts),
        "stands_in_for": None if link.vacant_post_id is None else _post(link.vacant_post_id, posts),
        "duty_id": link.duty_id, "duty_clause": link.duty_clause, "clause": link.clause, "source": link.source,
        "passed_over": [_passed(one) for one in link.passed_over],
    }  # fmt: skip


def _gap(gap: Gap) -> dict[str, Any]:
    return {
        "link": gap.role, "tier": gap.tier, "sector": gap.sector, "why": gap.why, "clause": gap.clause,
        "source": gap.source, "passed_over": [_passed(one) for one in gap.passed_over],
    }  # fmt: skip


def _passed(one: PassedOver) -> dict[str, Any]:
    return {"duty_id": one.duty_id, "post_id": one.post_id, "why": one.why}


def _post(post_id: UUID, posts: Names) -> dict[str, Any]:
    post = posts.get(post_id)
    names = {"zh": post.zh, "en": post.en} if post else None
    return {"id": post_id, "name": names, "kind": post.kind if post else None}
