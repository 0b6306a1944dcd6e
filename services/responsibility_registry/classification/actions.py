"""What the other slices ask before they take a word for a sector or a category."""

from __future__ import annotations

from collections.abc import Iterable

from pydantic import TypeAdapter

from libs.contracts.classification import FILE
from services.responsibility_registry.classification import rules
from services.responsibility_registry.classification.rules import Classification, Error

__all__ = ["CLASSIFICATION", "Error", "unknown_categories", "unknown_sectors"]

CLASSIFICATION = TypeAdapter(Classification).validate_json(FILE.read_bytes())


def unknown_sectors(sectors: Iterable[str]) -> list[Error]:
    """What is wrong with the sectors that somebody entered."""
    return rules.unknown_sectors(CLASSIFICATION, sectors)


def unknown_categories(categories: Iterable[str]) -> list[Error]:
    """What is wrong with the categories that somebody entered."""
    return rules.unknown_categories(CLASSIFICATION, categories)
