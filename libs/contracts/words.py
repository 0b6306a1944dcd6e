"""The plain words 用语 for the codes that people are shown: states, kinds, moves. Data with a version and a source.

Programs go by the code, which never changes; what a person reads goes by the word.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Final

import orjson

FILE: Final = Path(__file__).parent / "words-1.json"
WORDS: Final[Mapping[str, Mapping[str, Mapping[str, str]]]] = orjson.loads(FILE.read_bytes())["words"]
"""By the name of an enumeration and the code: `WORDS["OrderState"]["served"]["zh"]`."""
_MARK: Final = re.compile(r"「([A-Z]\w*)\.([\w-]+)」")


def spell_out(zh: str) -> str:
    """A Chinese sentence with the word for each code that it marks: 「OrderState.served」 becomes 「已送达」.

    Rules know codes only, and a sentence in Chinese does not say "served". A code without a word stays as it is.
    """
    return _MARK.sub(_word, zh)


def _word(found: re.Match[str]) -> str:
    kind, code = found.groups()
    words: Mapping[str, Any] = WORDS.get(kind, {}).get(code, {})
    return f"「{words.get('zh', code)}」"
