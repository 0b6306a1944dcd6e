"""The two languages of the house: people read Chinese or English, machine codes stay English."""

from __future__ import annotations

from contextvars import ContextVar
from enum import StrEnum
from functools import lru_cache
from typing import NamedTuple


class Language(StrEnum):
    """A language that every title, label and message exists in."""

    ZH = "zh"
    EN = "en"


class Said(NamedTuple):
    """One sentence in both languages."""

    zh: str
    en: str

    def to(self, language: Language) -> str:
        """The sentence in one of the languages."""
        return self.en if language is Language.EN else self.zh


_LONGEST_HEADER = 200
_asked: ContextVar[str | None] = ContextVar("accept_language", default=None)


def hear(accept_language: str | None) -> None:
    """Remember what the caller of this request asked for; the web shell does this once a request."""
    _asked.set(accept_language)


def spoken() -> Language:
    """The language to answer in: as Accept-Language asks, Chinese where nobody asked."""
    return preferred(_asked.get())


@lru_cache(maxsize=256)
def preferred(accept_language: str | None) -> Language:
    """The better of the two languages for an Accept-Language header; a malformed one counts as absent."""
    if not accept_language or len(accept_language) > _LONGEST_HEADER:
        return Language.ZH
    weights = {Language.ZH: -1.0, Language.EN: -1.0}
    for part in accept_language.split(","):
        tag, _, parameter = part.strip().lower().partition(";")
        language = tag.partition("-")[0].strip()
        if language in weights:
            weights[Language(language)] = max(weights[Language(language)], _quality(parameter))
    return Language.EN if weights[Language.EN] > max(weights[Language.ZH], 0.0) else Language.ZH


def _quality(parameter: str) -> float:
    name, _, value = parameter.strip().partition("=")
    if name.strip() != "q":
        return 1.0
    try:
        quality = float(value)
    except ValueError:
        return 0.0
    return quality if 0.0 <= quality <= 1.0 else 0.0
