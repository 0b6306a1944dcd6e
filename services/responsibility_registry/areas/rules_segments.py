"""What kind of township or village a code names, by the segment that its digits lie in: versioned data of the state.

The bands are closed on both ends, as the coding rules print them (domain rule 4.5 [M-H]).
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date

from services.responsibility_registry.areas.rules import Fault, Level, level_of

_DIGITS = {Level.TOWNSHIP: slice(6, 9), Level.VILLAGE: slice(9, 12)}


@dataclass(frozen=True, kw_only=True, slots=True)
class Segment:
    """The numbers of one kind of area at one level, both ends included."""

    level: Level
    first: int
    last: int
    kind: str


@dataclass(frozen=True, kw_only=True, slots=True)
class SegmentPolicy:
    """Which numbers there are, shaped like `policies/segments-*.json`; `regions`: the first digits of GB/T 2260."""

    policy: str
    version: str
    valid_from: date
    valid_to: date | None
    regions: str
    segments: tuple[Segment, ...]
    source: str


def segment_of(code: str, policy: SegmentPolicy) -> str | None:
    """The kind of township or village that a code of twelve digits names; None above them, and off every segment."""
    level = level_of(code)
    if level not in _DIGITS:
        return None
    number = int(code[_DIGITS[level]])
    kinds = (one.kind for one in policy.segments if one.level is level and one.first <= number <= one.last)
    return next(kinds, None)


def segment_faults(code: str, policy: SegmentPolicy) -> Iterator[Fault]:
    """What is wrong with the numbers of a code of twelve digits, for `AreaWrong`; its upper parts are looked at too:
    a village in a township that cannot be is in none."""
    if code[0] not in policy.regions:
        digits = "、".join(policy.regions)
        yield (
            "/code",
            "no_region",
            (f"代码首位须为 {digits}（GB/T 2260）。", f"the first digit is one of {policy.regions} (GB/T 2260)"),
        )
    for level, upper in ((Level.TOWNSHIP, code[:9].ljust(12, "0")), (Level.VILLAGE, code)):
        if level_of(upper) is level and segment_of(upper, policy) is None:
            number = upper[_DIGITS[level]]
            yield (
                "/code",
                "no_segment",
                (f"「Level.{level}」代码段中没有 {number}。", f"{number} lies in no segment of a {level}'s code"),
            )
