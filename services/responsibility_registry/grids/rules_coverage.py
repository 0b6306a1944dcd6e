"""How far a question about the grids of an area goes, and what it is refused for."""

from collections.abc import Collection
from dataclasses import dataclass

from services.responsibility_registry.grids.rules import KindPolicy, kind_of
from services.responsibility_registry.grids.rules_refusals import GridWrong

MOST_GRIDS = 2_000
"""[DEF] A county of a large city has fewer of one kind; each is laid over the others."""
MOST_PAIRS = 20_000
MOST_HOLES = 50


@dataclass(frozen=True, kw_only=True, slots=True)
class Overlap:
    """Two grids of a kind that claim the same ground, in square metres, within the area that was asked about."""

    one: str
    other: str
    m2: float


class AreaNotDrawn(Exception):
    """What nobody has drawn cannot be covered."""

    status = 409
    code = "area_not_drawn"
    title = ("区划没有边界图形", "The area has no shape")
    state = "not_drawn"
    open_moves: tuple[str, ...] = ()

    def __init__(self, code: str) -> None:
        super().__init__(
            f"台账中没有 {code} 的边界；请先导入，或查询其上级区划。",
            f"the registry has no shape of {code}: import one, or ask about what it lies in",
        )


class CoverageTooWide(Exception):
    """There is too much to lay over each other in one question."""

    status = 409
    code = "coverage_too_wide"
    title = ("查询范围过大", "The question is too wide")
    state = "too_wide"
    open_moves: tuple[str, ...] = ()

    def __init__(self) -> None:
        super().__init__(
            "该区划内此类网格过多；请查询下级区划。",
            "too many grids of this kind lie in it: ask about the areas below one by one",
        )


def require_kinds(kinds: Collection[str], policy: KindPolicy, pointer: str = "/kinds") -> None:
    """Raises GridWrong where there is no such kind: an empty answer would look like an empty place."""
    unknown = [one for one in kinds if kind_of(one, policy) is None]
    if unknown:
        known = "、".join(one.kind for one in policy.kinds)
        said = (f"没有 {unknown[0]} 类网格；类别有：{known}。", f"there is no kind {unknown[0]}; there are {known}")
        raise GridWrong((pointer, "unknown_kind", said))


def require_few(grids: int) -> None:
    """Raises CoverageTooWide."""
    if grids > MOST_GRIDS:
        raise CoverageTooWide


def require_few_pairs(pairs: int) -> None:
    """Raises CoverageTooWide."""
    if pairs > MOST_PAIRS:
        raise CoverageTooWide
