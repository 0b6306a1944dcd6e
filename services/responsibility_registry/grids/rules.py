"""What a grid is: a part of an area that somebody walks, of one kind, drawn from when to when and never overwritten.

Its code is the twelve digits of its area, a serial of three and the letter of its kind ([DEF], domain rule 4.5); it
keeps the code also where its area is merged later. Nobody draws the past anew: who answered then is asked of it.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime
from enum import StrEnum
from re import fullmatch
from uuid import UUID

from services.responsibility_registry.grids.rules_refusals import Fault, GridAlreadyEnded, GridHasParts, GridWrong

NAME_MAX = 100
SHAPE_MAX = 100_000
CODE_MAX = 16
MOST_DEEP = 5
"""[DEF] So many grids lie in each other at most: a group in a building in a community is three."""
_LEVEL_OF_ZEROS = ((6, "county"), (3, "township"), (0, "village"))


class GridForm(StrEnum):
    """What a grid is drawn as: ground, or a point or line that a buffer makes ground of."""

    POINT = "point"
    LINE = "line"
    POLYGON = "polygon"


@dataclass(frozen=True, kw_only=True, slots=True)
class Kind:
    """One kind of grid: the letter of its codes, the levels of the areas it may belong to, how it is drawn."""

    kind: str
    letter: str
    levels: tuple[str, ...]
    shapes: tuple[GridForm, ...]
    name_zh: str
    name_en: str


@dataclass(frozen=True, kw_only=True, slots=True)
class KindPolicy:
    """The kinds that there are, shaped like `policies/kinds-*.json`. `most_outside` is the share of a grid's ground,
    0 to 1, that may lie outside its area; smaller holes and overlaps than the least are digitising."""

    policy: str
    version: str
    valid_from: date
    valid_to: date | None
    most_outside: float
    most_buffer_m: float
    least_hole_m2: float
    least_overlap_m2: float
    kinds: tuple[Kind, ...]
    source: str


@dataclass(frozen=True, kw_only=True, slots=True)
class Grid:
    """One grid as it was drawn last; `shape` is a GeoJSON geometry in WGS 84 as text, and holds from `drawn_from`."""

    id: UUID
    version: int
    area_code: str
    sectors: tuple[str, ...]
    exercise: bool
    correlation_id: UUID
    code: str
    kind: str
    name: str
    parent_code: str | None
    valid_from: datetime
    valid_to: datetime | None
    drawn_from: datetime
    shape: str
    buffer_m: float
    ended_reason: str | None = None


@dataclass(frozen=True, kw_only=True, slots=True)
class Drawing:
    """How a grid is drawn from when to when, and why."""

    shape: str
    buffer_m: float
    valid_from: datetime
    valid_to: datetime | None
    reason: str


@dataclass(frozen=True, kw_only=True, slots=True)
class Drawn:
    """What is known of how a grid is drawn: its form, and the share of its ground outside its area (None: no area
    around it has a shape)."""

    form: GridForm
    outside: float | None


def kind_of(kind: str, policy: KindPolicy) -> Kind | None:
    """The kind of this name, or None."""
    return next((one for one in policy.kinds if one.kind == kind), None)


def check(grid: Grid, drawn: Drawn | None, policy: KindPolicy) -> Grid:
    """The grid, if it agrees with its kind, its code and its ground (`drawn` is None for a shape that draws nothing).

    Raises GridWrong.
    """
    kind = kind_of(grid.kind, policy)
    if kind is None:
        known = "、".join(one.kind for one in policy.kinds)
        raise GridWrong(
            (
                "/kind",
                "unknown_kind",
                (f"网格类别须为：{known}。", f"there is no such kind; there are {known}"),
            )
        )
    faults = [*_code_faults(grid, kind), *_plain_faults(grid), *_shape_faults(grid, kind, drawn, policy)]
    if faults:
        raise GridWrong(*faults)
    return grid


def _code_faults(grid: Grid, kind: Kind) -> Iterator[Fault]:
    if not fullmatch(r"[0-9]{15}" + kind.letter, grid.code):
        like = f"{grid.area_code}001{kind.letter}"
        yield (
            "/code",
            "pattern",
            (
                f"编码为区划代码、3 位序号和类别字母，如 {like}。",
                f"like {like}: area, serial, letter",
            ),
        )
    elif grid.code[:12] != grid.area_code:
        yield (
            "/code",
            "contradicts_area",
            ("编码须以所属区划的代码开头。", "the code begins with that of the grid's area"),
        )
    elif grid.code[12:15] == "000":
        yield "/code", "pattern", ("序号从 001 起。", "serials begin at 001")
    level = _level_of(grid.area_code)
    if level not in kind.levels:
        levels = "、".join(f"「Level.{one}」" for one in kind.levels)
        yield (
            "/area_code",
            "other_level",
            (f"该类网格须属于{levels}。", f"a grid of this kind belongs to a {' or '.join(kind.levels)}"),
        )


def _plain_faults(grid: Grid) -> Iterator[Fault]:
    if not 0 < len(grid.name.strip()) <= NAME_MAX:
        yield "/name", "length", (f"名称须为 1 至 {NAME_MAX} 字。", f"a name has 1 to {NAME_MAX} characters")
    if grid.parent_code == grid.code:
        yield "/parent_code", "itself", ("网格不能属于自己。", "a grid does not lie in itself")
    if grid.valid_to is not None and grid.valid_to <= grid.valid_from:
        yield (
            "/valid_to",
            "before_its_beginning",
            ("valid_to 须晚于 valid_from。", "valid_to does not come after valid_from"),
        )


def _shape_faults(grid: Grid, kind: Kind, drawn: Drawn | None, policy: KindPolicy) -> Iterator[Fault]:
    if drawn is None:
        yield (
            "/shape",
            "no_shape",
            ("图形须为有效的 GeoJSON 点、线或面。", "a shape is a valid GeoJSON point, line or polygon"),
        )
        return
    if drawn.form not in kind.shapes:
        forms = " or ".join(kind.shapes)
        words = "、".join(_FORM_ZH[one] for one in kind.shapes)
        yield "/shape", "other_form", (f"该类网格须画成{words}。", f"a grid of this kind is drawn as a {forms}")
    if (drawn.form is GridForm.POLYGON) != (grid.buffer_m == 0):
        yield (
            "/buffer_m",
            "contradicts_shape",
            ("点和线须有缓冲距离，面没有。", "points and lines have a buffer, polygons have none"),
        )
    if not 0 <= grid.buffer_m <= policy.most_buffer_m:
        most = f"{policy.most_buffer_m:g}"
        yield "/buffer_m", "too_wide", (f"缓冲距离最多 {most} 米。", f"a buffer has {most} metres at most")
    if drawn.outside is not None and drawn.outside > policy.most_outside:
        most, found = f"{policy.most_outside:.0%}", f"{drawn.outside:.0%}"
        yield (
            "/shape",
            "outside_area",
            (f"{found} 的面积在所属区划之外；最多 {most}。", f"{found} of it lie outside its area; {most} may"),
        )


_FORM_ZH = {GridForm.POINT: "点", GridForm.LINE: "线", GridForm.POLYGON: "面"}


def check_parent(grid: Grid, above: Sequence[Grid]) -> None:
    """The grids around one, nearest first: on the books, there as long as it, not within it. Raises GridWrong."""
    if grid.parent_code is None:
        return
    fault: tuple[str, tuple[str, str]] | None = None
    if not above:
        fault = "unknown_grid", ("台账中没有该上级网格。", "the registry has no such grid")
    elif _outlasts(grid, above[0]):
        fault = "already_ended", ("上级网格先于本网格撤销。", "the grid that it should lie in ends before it")
    elif any(one.code == grid.code for one in above):
        fault = "in_a_circle", ("上级网格属于本网格。", "that grid lies in this one")
    elif len(above) >= MOST_DEEP:
        fault = "too_deep", (f"网格最多 {MOST_DEEP} 层。", f"grids lie {MOST_DEEP} deep at most")
    if fault is not None:
        raise GridWrong(("/parent_code", *fault))


def _outlasts(grid: Grid, other: Grid) -> bool:
    return other.valid_to is not None and (grid.valid_to is None or grid.valid_to > other.valid_to)


def redraw(grid: Grid, shape: str, buffer_m: float, at: datetime, now: datetime) -> Grid:
    """Drawn otherwise from `at` on, which is not in the past and after it was drawn last.

    Raises GridAlreadyEnded, GridWrong.
    """
    require_going(grid)
    _require_not_past(at, now)
    if at <= grid.drawn_from:
        said = (f"现图形自 {grid.drawn_from} 起有效。", f"what is drawn holds from {grid.drawn_from} on: name later")
        raise GridWrong(("/at", "before_its_drawing", said))
    if (shape, buffer_m) == (grid.shape, grid.buffer_m):
        raise GridWrong(("/shape", "unchanged", ("图形与现图形相同。", "that is how it is drawn")))
    return replace(grid, shape=shape, buffer_m=buffer_m, drawn_from=at)


def end(grid: Grid, parts: Sequence[str], at: datetime, now: datetime, reason: str) -> Grid:
    """No more from `at` on, which is not in the past; `parts` are the grids in it that go on.

    One that has not begun yet ends where it would begin. Raises GridAlreadyEnded, GridHasParts, GridWrong.
    """
    require_going(grid)
    _require_not_past(at, now)
    if parts:
        raise GridHasParts(tuple(parts))
    return replace(grid, valid_to=max(at, grid.valid_from), ended_reason=reason)


def require_going(grid: Grid) -> None:
    """Raises GridAlreadyEnded for one whose end is said."""
    if grid.valid_to is not None:
        raise GridAlreadyEnded(grid.valid_to)


def open_moves(grid: Grid) -> tuple[str, ...]:
    """The verbs that may be used now."""
    return ("redraw", "end") if grid.valid_to is None else ()


def holds_at(valid_from: datetime, valid_to: datetime | None, at: datetime) -> bool:
    """Whether something so dated holds: from its beginning on, and at its end no more."""
    return valid_from <= at and (valid_to is None or at < valid_to)


def _level_of(area_code: str) -> str:
    zeros = len(area_code) - len(area_code.rstrip("0"))
    return next(level for least, level in _LEVEL_OF_ZEROS if zeros >= least) if zeros < 8 else "city"


def _require_not_past(at: datetime, now: datetime) -> None:
    if at < now:
        said = ("此前的图形不得更改；请填现在或以后的时间。", "what was drawn until now stays so: name now or later")
        raise GridWrong(("/at", "in_the_past", said))
