"""What may be asked of the rule packs. They are data that ships with the service, so no verb changes them."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from libs.common.clocks import CITY_ZONE
from libs.common.problems import NotFound
from services.risk_grading.models import rules
from services.risk_grading.models.policies import PACKS
from services.risk_grading.models.rules import Pack


def list_packs() -> Sequence[Pack]:
    """Every version that is kept, by name and version."""
    return [PACKS[name] for name in sorted(PACKS)]


def find_pack(name: str) -> Pack:
    """The version of this id (`lec-1`); NotFound otherwise."""
    if name not in PACKS:
        raise NotFound("rule_packs", name)
    return PACKS[name]


def pack_in_force(name: str, at: datetime) -> Pack:
    """The version of a pack that holds on the city's day of an instant. Raises NoPackInForce (422)."""
    return rules.pack_in_force(PACKS.values(), name, at.astimezone(CITY_ZONE).date())


def pack_of(name: str, version: str) -> Pack | None:
    """The very version that a grade names, or None where it is no longer kept."""
    return next((pack for pack in PACKS.values() if (pack.pack, pack.version) == (name, version)), None)
