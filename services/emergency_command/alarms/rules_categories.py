"""Which kind of emergency a public report or a warning is about, where it names a category and no event code."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import date


@dataclass(frozen=True, kw_only=True, slots=True)
class CategoryKinds:
    """One version of the table, shaped like `policies/kinds-of-categories-*.json`."""

    policy: str
    version: str
    valid_from: date
    valid_to: date | None
    kinds: Mapping[str, str]
    otherwise: str
    source: str


def kind_of(said: str, known: Collection[str], policy: CategoryKinds) -> str:
    """The event code that was said, where it is one; else the one of the category; else the one for all others."""
    return said if said in known else policy.kinds.get(said, policy.otherwise)
