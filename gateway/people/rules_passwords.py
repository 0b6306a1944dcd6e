"""Which passwords are taken: long ones that nobody would try first. No rules of composition, no end by time.

ASVS 5.0 6.2 and NIST SP 800-63B-4 3.1.1.2: a rule that forces digits and signs yields Password1!, a rule that forces
changes yields Password2!.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Collection
from itertools import pairwise

SHORTEST = 12
"""[DEF] Characters. ASVS 5.0 6.2.1 asks for eight and recommends fifteen."""
LONGEST = 128
"""Characters. ASVS 5.0 6.2.9 asks that 64 at least be taken; a bound keeps the hashing cheap."""
_FEWEST_DIFFERENT = 5
_SHORTEST_CORE = 4
_WRITTEN_FOR = str.maketrans("@013457$!", "aoieastsi")
"""Signs that people write for letters; whoever guesses knows them too."""
_MOST_BESIDE_NAME = 6


class PasswordRefused(Exception):
    """A password that would be guessed; `detail` says why, never what was typed."""

    def __init__(self, detail: tuple[str, str]) -> None:
        super().__init__(detail[1])
        self.detail = detail


_LENGTH = (f"密码须为 {SHORTEST} 至 {LONGEST} 个字符。", f"Use {SHORTEST} to {LONGEST} characters.")
_COMMON = (
    "这个密码太常见，会最先被人试到；请换几个互不相关的词。",
    "This password is among the first that are tried; take several words that have nothing to do with each other.",
)
_NAMED = ("密码里不要用登录名。", "Leave your login name out of the password.")


def normalized(typed: str) -> str:
    """The password as it is hashed: NFKC, so that every keyboard gives the same (NIST SP 800-63B-4 3.1.1.2)."""
    return unicodedata.normalize("NFKC", typed)


def check_password(password: str, login: str, common: Collection[str]) -> None:
    """Raise PasswordRefused unless a normalized password may be kept for that login name."""
    if not SHORTEST <= len(password) <= LONGEST or "\x00" in password:
        raise PasswordRefused(_LENGTH)
    shape = password.casefold()
    if login in shape and len(shape) - len(login) <= _MOST_BESIDE_NAME:
        raise PasswordRefused(_NAMED)
    if is_common(shape, common):
        raise PasswordRefused(_COMMON)


def is_common(shape: str, common: Collection[str]) -> bool:
    """Whether a case-folded password is a common one, a common word with digits and signs around it, or a pattern."""
    if shape in common or len(set(shape)) < _FEWEST_DIFFERENT or _is_run(shape):
        return True
    unit = _repeated(shape)
    core = unit.strip("".join(one for one in unit if not one.isalpha()))
    words = {core, core.translate(_WRITTEN_FOR)} if len(core) >= _SHORTEST_CORE else set()
    return not words.isdisjoint(common) or (len(unit) < len(shape) and unit in common)


def _repeated(shape: str) -> str:
    """The shortest part that gives the whole when it is repeated; the whole itself where there is none."""
    return shape[: (shape + shape).index(shape, 1)]


def _is_run(shape: str) -> bool:
    """Whether every character follows the one before by the same step, as in 123456789012 and abcdefghijkl."""
    return len({_step(before, after) for before, after in pairwise(shape)}) == 1


def _step(before: str, after: str) -> int:
    step = ord(after) - ord(before)
    return step % 10 if before.isdigit() and after.isdigit() else step
