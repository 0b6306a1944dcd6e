"""What a column is: one field of a list or of an import, with its words in both languages."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum


class Kind(StrEnum):
    """How a column's values are written and read."""

    TEXT = "text"
    INTEGER = "integer"
    NUMBER = "number"
    BOOLEAN = "boolean"
    DATE = "date"
    TIME = "time"
    TEXTS = "texts"
    JSON = "json"
    LON = "lon"
    LAT = "lat"


@dataclass(frozen=True, kw_only=True, slots=True)
class Word:
    """A machine word and what people call it."""

    code: str
    zh: str
    en: str

    def title(self, language: str) -> str:
        """What people call it."""
        return self.en if language == "en" else self.zh


@dataclass(frozen=True, kw_only=True, slots=True)
class Column:
    """One column. `field` is the path of names with dots, as the API says it; the bounds are the form's own."""

    field: str
    kind: Kind
    zh: str
    en: str
    required: bool = False
    nullable: bool = False
    """Whether an empty cell says something: no parent, every sector."""
    help: str = ""
    pattern: str | None = None
    longest: int | None = None
    least: float | None = None
    most: float | None = None
    words: tuple[Word, ...] = ()
    closed: bool = False
    """Whether only `words` may stand here."""
    example: str = ""

    def title(self, language: str) -> str:
        """What people call it."""
        return self.en if language == "en" else self.zh


def letters(number: int) -> str:
    """The name of a column of a sheet: 1 is A, 27 is AA."""
    name = ""
    while number > 0:
        number, rest = divmod(number - 1, 26)
        name = chr(ord("A") + rest) + name
    return name
