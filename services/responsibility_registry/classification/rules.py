"""Which sectors and categories there are. A word that nobody knows would be nobody's: no chain, no grant meets it."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date

Error = tuple[str, str, tuple[str, str]]


@dataclass(frozen=True, kw_only=True, slots=True)
class Sector:
    """A line of business that somebody supervises 行业领域."""

    code: str
    zh: str
    en: str


@dataclass(frozen=True, kw_only=True, slots=True)
class Category:
    """A kind of danger, and the sectors that it belongs to."""

    code: str
    zh: str
    en: str
    sectors: tuple[str, ...]


@dataclass(frozen=True, kw_only=True, slots=True)
class Classification:
    """All of them, shaped like `libs/contracts/classification-*.json`. Building it checks it (ValueError)."""

    policy: str
    version: str
    valid_from: date
    valid_to: date | None
    source: str
    sectors: tuple[Sector, ...]
    categories: tuple[Category, ...]

    def __post_init__(self) -> None:
        codes = [[one.code for one in named] for named in (self.sectors, self.categories)]
        named = {code for category in self.categories for code in category.sectors}
        if any(len(set(some)) < len(some) for some in codes) or not named <= set(codes[0]):
            raise ValueError(f"classification {self.version}: each word once, and every sector of a category is one")


def unknown_sectors(known: Classification, sectors: Iterable[str]) -> list[Error]:
    """Where sectors are named that there are not: (pointer, code, detail)."""
    there = [one.code for one in known.sectors]
    return [
        (
            f"/sectors/{number}",
            "unknown_sector",
            (f"须为以下之一：{', '.join(there)}。", f"one of {', '.join(there)}"),
        )
        for number, code in enumerate(sectors)
        if code not in there
    ]


def unknown_categories(known: Classification, categories: Iterable[str]) -> list[Error]:
    """Where categories are named that there are not: (pointer, code, detail)."""
    there = [one.code for one in known.categories]
    return [
        (
            f"/categories/{number}",
            "unknown_category",
            (f"须为以下之一：{', '.join(there)}。", f"one of {', '.join(there)}"),
        )
        for number, code in enumerate(categories)
        if code not in there
    ]
