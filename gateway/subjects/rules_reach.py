"""Nobody gives what lies beyond what they administer: one single range of theirs covers the whole of it."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass


@dataclass(frozen=True, kw_only=True, slots=True)
class Reach:
    """A range of areas and some sectors (None: every sector)."""

    area_from: str
    area_to: str
    sectors: tuple[str, ...] | None

    def covers(self, other: Reach) -> bool:
        """Whether the whole of another lies within this one."""
        if not self.area_from <= other.area_from <= other.area_to <= self.area_to:
            return False
        if self.sectors is None:
            return True
        return other.sectors is not None and set(other.sectors) <= set(self.sectors)


class GrantBeyondOwn(Exception):
    """An administrator gives and takes only what lies within the areas and sectors that they administer."""

    status = 403
    code = "grant_beyond_own"
    title = ("授权超出本人管理范围", "The grant reaches beyond what you administer")

    def __init__(self, beyond: Reach) -> None:
        super().__init__(
            f"{beyond.area_from}–{beyond.area_to} 超出您的管理范围；请找上级区划的管理员。",
            f"{beyond.area_from}–{beyond.area_to} lies outside what you administer:"
            " ask an administrator of the wider area",
        )


def require_within(administered: Iterable[Reach], asked: Iterable[Reach]) -> None:
    """Raise GrantBeyondOwn unless one single administered range covers each of those asked for."""
    ranges = tuple(administered)
    for one in asked:
        if not any(own.covers(one) for own in ranges):
            raise GrantBeyondOwn(one)
