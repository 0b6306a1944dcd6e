"""How an area is renamed, merged into another or split, with dates; and what an old or a new code reaches.

A row keeps the code of its time, so nothing is rewritten: where an area ended, what is asked by its code reaches its
successors, and what is asked by theirs reaches what was written under the old code. Of a split nobody knows which
part an old row lay in: each part reaches all of it. A part cut off from an area that goes on is only noted ([DEF]):
the old code means what is left of it.
"""

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date

from services.responsibility_registry.areas.rules import Area, AreaWrong, holds_on, range_of

MOST_PARTS = 50


@dataclass(frozen=True, kw_only=True, slots=True)
class Succession:
    """From a day on, `to_code` is what became of `from_code`; `goes_on` where the old area is still there."""

    from_code: str
    to_code: str
    at: date
    goes_on: bool
    document: str


@dataclass(frozen=True, kw_only=True, slots=True)
class FormerName:
    """What an area was called until a day, which is the first of the name after it."""

    code: str
    name: str
    until: date
    document: str


class AreaAlreadyEnded(Exception):
    """What has ended keeps its name, and has its successors."""

    status = 409
    code = "area_already_ended"
    title = ("区划已撤销", "The area has ended already")
    state = "ended"
    open_moves: tuple[str, ...] = ()

    def __init__(self, area: Area) -> None:
        super().__init__(
            f"该区划已于 {area.valid_to} 撤销；请对其继任区划操作。",
            f"it ended on {area.valid_to}: do this to what became of it",
        )


def rename(area: Area, name: str, at: date, today: date, names: Sequence[FormerName]) -> Area:
    """Called otherwise from a day on, which is not in the future ([DEF]: a name is entered when it holds, so that one
    name is in force at a time) and after the last change of name. Raises AreaAlreadyEnded, AreaWrong."""
    _require_going(area)
    since = max((area.valid_from, *(one.until for one in names)))
    if at > today:
        raise AreaWrong(
            ("/at", "in_the_future", ("更名须在生效之日起录入。", "enter a name on or after the day it takes effect"))
        )
    if at < since:
        raise AreaWrong(
            ("/at", "before_its_name", (f"现名自 {since} 起使用。", f"it has had its name since {since} only"))
        )
    if name == area.name:
        raise AreaWrong(("/name", "unchanged", ("新名称与现名相同。", "that is what it is called now")))
    return replace(area, name=name)


def end_into(
    area: Area, into: Sequence[str], known: Mapping[str, Area], told: Iterable[Succession], at: date, *, goes_on: bool
) -> Area:
    """The area after it passed to others on a day, ended then unless it goes on. Every successor is on the books, is
    of the same level and is there on that day; `told` is what was said before. Raises AreaAlreadyEnded, AreaWrong."""
    _require_going(area)
    same_day = {one.to_code for one in told if one.from_code == area.code and one.at == at}
    faults = [
        (f"/into/{number}", *fault)
        for number, code in enumerate(into)
        for fault in _successor_faults(area, code, known.get(code), at, {*into[:number], *same_day})
    ]
    if at < area.valid_from:
        said = (f"该区划自 {area.valid_from} 起设立。", f"the area is there since {area.valid_from} only")
        faults.append(("/at", "before_valid_from", said))
    if faults:
        raise AreaWrong(*faults)
    return area if goes_on else replace(area, valid_to=at)


def _successor_faults(
    area: Area, code: str, other: Area | None, at: date, before: Collection[str]
) -> Iterable[tuple[str, tuple[str, str]]]:
    if code == area.code:
        yield "itself", ("区划不能并入自己。", "an area does not become itself")
    elif code in before:
        yield "twice", ("同一日期的继任区划重复。", "a successor is named once for a day")
    elif other is None:
        yield "unknown_area", ("台账中没有该区划；请先导入。", "the registry has no such area: import it first")
    elif other.level is not area.level:
        yield "other_level", ("继任区划须为同级。", "a successor is of the same level")
    elif not holds_on(other, at):
        yield "not_there_then", (f"继任区划在 {at} 尚未设立或已撤销。", f"it is not there on {at}")


def _require_going(area: Area) -> None:
    if area.valid_to is not None:
        raise AreaAlreadyEnded(area)


def reached(code: str, successions: Iterable[Succession], today: date) -> tuple[tuple[str, str], ...]:
    """The ranges of codes that a code means on a day, its own first: with what became of it, and of those that became
    it or lie in it now. An area that only lies in an ended one keeps its own code and needs none of this."""
    own = range_of(code)
    return widened(own, successions, today)


def widened(own: tuple[str, str], successions: Iterable[Succession], today: date) -> tuple[tuple[str, str], ...]:
    """As `reached`, for a range as a grant names it. Forwards, then backwards from all of that: not in turns, or the
    neighbour that was merged into the same area would let one reach whatever else became of it."""
    ended = [one for one in successions if one.at <= today and not one.goes_on]
    forwards = {own: None}
    for found in (queue := [own]):
        for one in ended:
            after = range_of(one.to_code)
            if range_of(one.from_code) == found and after not in forwards:
                forwards[after] = None
                queue.append(after)
    found_all = dict(forwards)
    for low, high in (back := [*forwards]):
        for one in ended:
            before = range_of(one.from_code)
            if low <= one.to_code <= high and before not in found_all:
                found_all[before] = None
                back.append(before)
    return tuple(found_all)


def lineage(code: str, successions: Iterable[Succession]) -> tuple[Succession, ...]:
    """Everything that led to an area and that it led to, the oldest first."""
    told = [*successions]
    codes, found = {code}, dict[Succession, None]()
    for _ in told:
        new = [one for one in told if one not in found and (one.from_code in codes or one.to_code in codes)]
        if not new:
            break
        found |= dict.fromkeys(new)
        codes |= {one.from_code for one in new} | {one.to_code for one in new}
    return tuple(sorted(found, key=lambda one: (one.at, one.from_code, one.to_code)))
