"""Names of subjects that a reader takes for one another: in a timeline they would pass for the same hand."""

from __future__ import annotations

import re
from unicodedata import normalize

LOOKS = (("rn", "m"), ("vv", "w"), ("cl", "d"))
"""[DEF] Pairs of letters that read as one, as in Unicode's table of confusables (UTS #39)."""
_SAME = str.maketrans({"0": "o", "1": "l", "i": "l", "|": "l"})
_SEPARATORS = re.compile(r"[-_.@]+")


class SubjectLooksAlike(Exception):
    """Another subject is written so that a reader cannot tell the two apart."""

    status = 409
    code = "subject_looks_alike"
    title = ("主体名称易混淆", "The name reads like somebody else's")

    def __init__(self) -> None:
        super().__init__(
            "已有看起来相同的主体名称（O 与 0、l 与 1、大小写、分隔符视为相同）；请换一个名称。",
            "a subject that reads the same is there already (O and 0, l and 1, upper and lower case, separators"
            " count as one): choose another name",
        )


def skeleton(name: str) -> str:
    """What a reader's eye keeps of a name: two subjects with one skeleton are taken for one another."""
    seen = normalize("NFKC", name).casefold().translate(_SAME)
    for pair, one in LOOKS:
        seen = seen.replace(pair, one)
    return _SEPARATORS.sub("-", seen)
