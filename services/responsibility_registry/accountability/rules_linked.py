"""Linked liability 连坐: what a fact on one party proposes against those that are linked with it, and by which path.

One hop and no further, unless the rule says more: a site answers for its haulier, and not for the haulier's other
sites. A measure names the rule and the links that led to its subject.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from uuid import UUID

from services.responsibility_registry.accountability.rules_triggers import MeasureRule


class Towards(StrEnum):
    """From which end of a link to which a rule leads."""

    TO = "to"
    FROM = "from"


@dataclass(frozen=True, kw_only=True, slots=True)
class LinkedRule:
    """What facts of these kinds on one end of a relation propose against the other, over so many links at most."""

    id: str
    zh: str
    en: str
    relation: str
    towards: Towards
    hops: int
    fact_kinds: tuple[str, ...]
    measures: tuple[MeasureRule, ...]
    source: str


@dataclass(frozen=True, kw_only=True, slots=True)
class LinkedPolicy:
    """One version of the rules, shaped like `policies/linked-*.json`."""

    policy: str
    version: str
    valid_from: date
    valid_to: date | None
    rules: tuple[LinkedRule, ...]


@dataclass(frozen=True, order=True, kw_only=True, slots=True)
class Party:
    """Who stands at an end of a link: a firm, or a risk object, under its id."""

    kind: str
    id: str


@dataclass(frozen=True, kw_only=True, slots=True)
class Tie:
    """One link as it was on the fact's day."""

    id: UUID
    relation: str
    from_party: Party
    to_party: Party
    from_name: str
    to_name: str
    area_code: str
    sectors: tuple[str, ...]


@dataclass(frozen=True, kw_only=True, slots=True)
class Reached:
    """A party that a rule leads to, what it is called, where the last link lies, and the links that led there."""

    rule: LinkedRule
    party: Party
    name: str
    area_code: str
    sectors: tuple[str, ...]
    path: tuple[UUID, ...]


def asking(fact_kind: str, policy: LinkedPolicy) -> tuple[LinkedRule, ...]:
    """The rules that a fact of this kind asks for."""
    return tuple(rule for rule in policy.rules if fact_kind and fact_kind in rule.fact_kinds)


def reached(rule: LinkedRule, start: Iterable[Party], ties: Sequence[Tie]) -> tuple[Reached, ...]:
    """Everybody that a rule leads to from a fact's own parties, each by its shortest path, and none of those parties
    themselves; in the order of the ties."""
    edge: dict[Party, tuple[UUID, ...]] = dict.fromkeys(start, ())
    seen, found = set(edge), list[Reached]()
    for _ in range(rule.hops):
        further: dict[Party, tuple[UUID, ...]] = {}
        for tie in ties:
            near, far = _ends(rule, tie)
            if tie.relation == rule.relation and near in edge and far not in seen:
                seen.add(far)
                further[far] = (*edge[near], tie.id)
                found.append(_reached(rule, tie, far, further[far]))
        edge = further
    return tuple(found)


def _ends(rule: LinkedRule, tie: Tie) -> tuple[Party, Party]:
    """The end at which a rule begins, and the one to which it leads."""
    ends = (tie.from_party, tie.to_party)
    return ends if rule.towards is Towards.TO else (ends[1], ends[0])


def _reached(rule: LinkedRule, tie: Tie, party: Party, path: tuple[UUID, ...]) -> Reached:
    name = tie.to_name if rule.towards is Towards.TO else tie.from_name
    return Reached(
        rule=rule, party=party, name=name, area_code=tie.area_code, sectors=tie.sectors, path=path
    )  # fmt: skip
