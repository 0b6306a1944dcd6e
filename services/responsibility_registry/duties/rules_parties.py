"""The parties of responsibility that a chain must have, and whether they are all there.

「四方责任」 is not one list: each city has its own ([SEED] domain reference 4.2). So the sets are data with a version
and a source, and which of them holds where and from when on is data too.
"""

from collections.abc import Collection, Iterable
from dataclasses import dataclass
from datetime import date
from enum import StrEnum

from services.responsibility_registry.duties.rules import SOURCED, covers


class Presence(StrEnum):
    """Whether a party is there: the unit can be told only where the question names a risk object."""

    PRESENT = "present"
    MISSING = "missing"
    NOT_ASKED = "not_asked"


@dataclass(frozen=True, kw_only=True, slots=True)
class Party:
    """One party: there as soon as one of its links is filled, or by the responsible entity of what is asked about."""

    party: str
    zh: str
    en: str
    links: tuple[str, ...]
    is_entity: bool


@dataclass(frozen=True, kw_only=True, slots=True)
class PartySet:
    """The parties that a city counts."""

    set: str
    version: str
    zh: str
    en: str
    source: str
    parties: tuple[Party, ...]


@dataclass(frozen=True, kw_only=True, slots=True)
class Chosen:
    """Which set holds in an area (None: wherever nothing narrower is chosen), between which days."""

    area_code: str | None
    set: str
    version: str
    valid_from: date
    valid_to: date | None


@dataclass(frozen=True, kw_only=True, slots=True)
class PartyPolicy:
    """Shaped like `policies/parties-*.json`. Building it checks it (ValueError)."""

    policy: str
    version: str
    source: str
    sets: tuple[PartySet, ...]
    chosen: tuple[Chosen, ...]

    def __post_init__(self) -> None:
        faults = policy_faults(self)
        if faults:
            raise ValueError(f"party policy {self.version}: {'; '.join(faults)}")


@dataclass(frozen=True, kw_only=True, slots=True)
class PartyPresent:
    """Whether one party is there, and by which links."""

    party: Party
    presence: Presence
    by_links: tuple[str, ...]


@dataclass(frozen=True, kw_only=True, slots=True)
class Completeness:
    """Whether every party of the set is there; where one was not asked about, that is not known (None)."""

    chosen: PartySet
    parties: tuple[PartyPresent, ...]
    complete: bool | None


def chosen_set(policy: PartyPolicy, area_code: str, on: date) -> PartySet | None:
    """The set that holds in an area on a day: that of the narrowest area for which one is chosen, the latest."""
    holding = [
        one for one in policy.chosen
        if (one.area_code is None or covers(one.area_code, area_code))
        and one.valid_from <= on and (one.valid_to is None or on < one.valid_to)
    ]  # fmt: skip
    if not holding:
        return None
    best = max(holding, key=lambda one: (len((one.area_code or "").rstrip("0")), one.valid_from))
    return next(one for one in policy.sets if (one.set, one.version) == (best.set, best.version))


def completeness(chosen: PartySet, roles: Collection[str], *, entity: bool | None) -> Completeness:
    """Which parties are there, by the roles of a chain's filled links. `entity`: whether what is asked about has a
    responsible entity; None where the question names no object."""
    found = tuple(_present(party, roles, entity) for party in chosen.parties)
    states = {one.presence for one in found}
    complete = False if Presence.MISSING in states else None if Presence.NOT_ASKED in states else True
    return Completeness(chosen=chosen, parties=found, complete=complete)


def policy_faults(policy: PartyPolicy) -> tuple[str, ...]:
    """What is wrong with a policy: empty when every set is sourced, said once, and those chosen are there."""
    keys = [(one.set, one.version) for one in policy.sets]
    named = [party for one in policy.sets for party in one.parties]
    checks = (
        (len(set(keys)) == len(keys), "a set is said twice"),
        (all(_once(one.parties) for one in policy.sets), "a party is said twice"),
        (all((one.set, one.version) in keys for one in policy.chosen), "a set is chosen that is not there"),
        (all(bool(party.links) != party.is_entity for party in named), "a party has links, or is the entity"),
        (
            all(SOURCED.match(said) for said in (policy.source, *(x.source for x in policy.sets))),
            "a source is missing",
        ),
    )
    return tuple(fault for good, fault in checks if not good)


def _once(parties: Iterable[Party]) -> bool:
    names = [one.party for one in parties]
    return bool(names) and len(set(names)) == len(names)


def _present(party: Party, roles: Collection[str], entity: bool | None) -> PartyPresent:
    by_links = tuple(link for link in party.links if link in roles)
    if party.is_entity:
        presence = Presence.NOT_ASKED if entity is None else Presence.PRESENT if entity else Presence.MISSING
    else:
        presence = Presence.PRESENT if by_links else Presence.MISSING
    return PartyPresent(party=party, presence=presence, by_links=by_links)
