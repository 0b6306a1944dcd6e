"""What the other slices ask before they take a word for a sector or a category."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path

from pydantic import TypeAdapter

from services.responsibility_registry.classification import rules
from services.responsibility_registry.classification.rules import Classification, Error

__all__ = ["CLASSIFICATION", "Error", "unknown_categories", "unknown_sectors"]

_FILE = Path(__file__).parent / "policies" / "classification-1.json"
CLASSIFICATION = TypeAdapter(Classification).validate_json(_FILE.read_bytes())


def unknown_sectors(sectors: Iterable[str]) -> list[Error]:
    """What is wrong with the sectors that somebody entered."""
    return rules.unknown_sectors(CLASSIFICATION, sectors)


def unknown_categories(categories: Iterable[str]) -> list[Error]:
    """What is wrong with the categories that somebody entered."""
    return rules.unknown_categories(CLASSIFICATION, categories)
