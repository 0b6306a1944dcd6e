"""What a yearly work list (年度工作清单) is: what one post is to do in one year, confirmed by a post above.

[P] 地方党政领导干部安全生产责任制规定 (2018): leaders have a list of duties and a list of the year's work; [SEED]
Tianjin Hebei: 16 leaders with lights. Items come from the catalogue of duties or are added; each has a measure: how
many times, by which day, kept by which records or meetings. What was confirmed changes only when the post above opens
it again, with a reason.
"""

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import date, datetime
from enum import StrEnum
from typing import Protocol
from uuid import UUID

MOST_ITEMS = 100
MOST_TIMES = 400
MEETING = "meeting"
"""What counts beside the kinds of duty records: a held meeting at which the post was."""
_TIERS = ("village", "township", "county", "city")


class WorkListState(StrEnum):
    """Drafted → submitted → confirmed; returned with a reason, also after it was confirmed."""

    DRAFTED = "drafted"
    SUBMITTED = "submitted"
    CONFIRMED = "confirmed"
    RETURNED = "returned"


MOVES: Mapping[str, tuple[WorkListState, ...]] = {
    "revise": (WorkListState.DRAFTED, WorkListState.RETURNED),
    "submit": (WorkListState.DRAFTED, WorkListState.RETURNED),
    "confirm": (WorkListState.SUBMITTED,),
    "return": (WorkListState.SUBMITTED, WorkListState.CONFIRMED),
}


@dataclass(frozen=True, kw_only=True, slots=True)
class WorkItem:
    """One item, and its measure: `times` by the end of `due_on`, counted over `counts` (kinds of duty records, or
    `meeting`); with `needs_evidence` only records that have some."""

    number: int
    words: str
    duty_code: str
    times: int
    due_on: date
    counts: tuple[str, ...]
    needs_evidence: bool = False


@dataclass(frozen=True, kw_only=True, slots=True)
class WorkList:
    """One post's list for one year; area and sectors are the post's. `lights_version` is fixed when it is drawn."""

    id: UUID
    version: int
    area_code: str
    sectors: tuple[str, ...]
    exercise: bool
    correlation_id: UUID
    post_id: UUID
    superior_post_id: UUID
    year: int
    items: tuple[WorkItem, ...]
    lights_version: str
    state: WorkListState = WorkListState.DRAFTED
    confirmed_at: datetime | None = None
    reason: str = ""


class Post(Protocol):
    """What a list needs to know of its posts."""

    @property
    def id(self) -> UUID: ...
    @property
    def tier(self) -> str: ...
    @property
    def area_code(self) -> str: ...


class WorkListWrong(Exception):
    """What was entered about a list does not do; `errors` are (pointer, code, detail)."""

    status = 422
    code = "work_list_wrong"
    title = ("年度工作清单有误", "The work list is wrong")

    def __init__(self, *errors: tuple[str, str, tuple[str, str]]) -> None:
        super().__init__(*errors)
        self.errors = errors


class WorkListCannotMove(Exception):
    """The verb is not open: `open_moves` are."""

    status = 409
    code = "work_list_cannot_move"
    title = ("清单当前状态不允许此操作", "The work list is not in a state for this")

    def __init__(self, one: WorkList, move: str) -> None:
        super().__init__(
            f"清单状态为「WorkListState.{one.state}」，不能「Move.{move}」。",
            f"cannot {move} a list that is {one.state}",
        )
        self.state: str = one.state
        self.open_moves = open_moves(one)


class WorkListThere(Exception):
    """A post has one list a year."""

    status = 409
    code = "work_list_there"
    title = ("该岗位本年度已有清单", "The post has a list for that year")
    open_moves: tuple[str, ...] = ("revise",)

    def __init__(self, other: WorkList) -> None:
        super().__init__(f"清单 {other.id} 已在册；请修改它。", f"list {other.id} is there: revise that one")
        self.state: str = other.state


class NotYourWorkList(Exception):
    """A list is drawn up by its post or its office, and confirmed by the post above that it names."""

    status = 403
    code = "not_your_work_list"
    title = ("不是本岗位的清单", "It is not this post's to do")

    def __init__(self) -> None:
        super().__init__(
            "清单由本岗位（或其代理、所在区划管理员）拟定，由所列上级岗位确认或退回（Acting-Post）。",
            "its post (who stands in for it, or an administrator there) draws it up; the post above that it names"
            " confirms or returns it (Acting-Post)",
        )


def open_moves(one: WorkList) -> tuple[str, ...]:
    """The verbs that may be used now."""
    return tuple(move for move, states in MOVES.items() if one.state in states)


def check_superior(post: Post, superior: Post, *, within: bool) -> None:
    """Raises WorkListWrong unless it is another post, of the same tier or above, over the post's area ([DEF])."""
    if superior.id == post.id:
        raise WorkListWrong(("/superior_post_id", "itself", ("岗位不能确认自己的清单。", "no post confirms its own")))
    if _TIERS.index(superior.tier) < _TIERS.index(post.tier) or not within:
        said = (
            "须为同级或上级、且区划覆盖本岗位。",
            "a post of the same tier or above, whose area covers this one's",
        )
        raise WorkListWrong(("/superior_post_id", "not_above", said))


def check_items(
    year: int, items: tuple[WorkItem, ...], *, kinds: Collection[str], borne: Mapping[str, str]
) -> tuple[WorkItem, ...]:
    """The items with their words, taken from the catalogue where none are said.

    `kinds` are those of duty records; `borne` the words of the duties that the post bears, by code.
    Raises WorkListWrong.
    """
    faults = [fault for one in items for fault in _of_item(one, year, {*kinds, MEETING}, borne)]
    if faults:
        raise WorkListWrong(*faults)
    return tuple(replace(one, words=one.words or borne[one.duty_code]) for one in items)


def _of_item(
    item: WorkItem, year: int, counts: Collection[str], borne: Mapping[str, str]
) -> Iterable[tuple[str, str, tuple[str, str]]]:  # fmt: skip
    at = f"/work_items/{item.number - 1}"
    if item.duty_code and item.duty_code not in borne:
        said = ("不是本岗位的责任清单条目。", "it is no duty of this post")
        yield (f"{at}/duty_item", "not_borne", said)
    if not item.duty_code and not item.words:
        yield (
            f"{at}/words",
            "required",
            ("请写明事项，或选用责任清单条目。", "say what, or name a duty of the lists"),
        )
    if item.due_on.year != year:
        yield (f"{at}/due_on", "another_year", (f"须在 {year} 年内。", f"a day of {year}"))
    if unknown := sorted(set(item.counts) - set(counts)):
        known = ", ".join(sorted(counts))
        yield (
            f"{at}/counts",
            "unknown_kind",
            (f"须为以下类型：{known}。", f"not {', '.join(unknown)}: one of {known}"),
        )


def revise(one: WorkList, items: tuple[WorkItem, ...]) -> WorkList:
    """Other items. Raises WorkListCannotMove."""
    _require_open(one, "revise")
    return replace(one, items=items)


def submit(one: WorkList) -> WorkList:
    """Handed to the post above. Raises WorkListCannotMove."""
    _require_open(one, "submit")
    return replace(one, state=WorkListState.SUBMITTED, reason="")


def confirm(one: WorkList, now: datetime) -> WorkList:
    """The post above confirms it: its lights burn from now on. Raises WorkListCannotMove."""
    _require_open(one, "confirm")
    return replace(one, state=WorkListState.CONFIRMED, confirmed_at=now)


def send_back(one: WorkList, reason: str) -> WorkList:
    """The post above wants it otherwise, also one that it confirmed. Raises WorkListCannotMove."""
    _require_open(one, "return")
    return replace(one, state=WorkListState.RETURNED, reason=reason, confirmed_at=None)


def _require_open(one: WorkList, move: str) -> None:
    if move not in open_moves(one):
        raise WorkListCannotMove(one, move)
