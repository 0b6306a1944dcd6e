"""What a tenure is: an opaque subject holds a post between two instants. It is ended and never deleted.

A post is held by one at a time, unless it is shared ([DEF], 岗位可多人: a room that is staffed around the clock). Its
vacancy is said by itself (`vacate`): most posts of a city are held by people who have no account here, and a post
without a tenure is not a post that nobody answers for.
"""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Protocol
from uuid import UUID


@dataclass(frozen=True, kw_only=True, slots=True)
class Tenure:
    """Who holds a post; area and sectors are the post's when it began. `sole`: nobody else holds it meanwhile."""

    id: UUID
    version: int
    area_code: str
    sectors: tuple[str, ...]
    exercise: bool
    correlation_id: UUID
    post_id: UUID
    subject: str
    sole: bool
    valid_from: datetime
    valid_to: datetime | None
    document: str
    ended_reason: str | None = None


class Reaching(Protocol):
    """A grant: one role over a range of areas and some sectors (None: every sector)."""

    @property
    def area_from(self) -> str: ...
    @property
    def area_to(self) -> str: ...
    @property
    def sectors(self) -> tuple[str, ...] | None: ...
    @property
    def role(self) -> str: ...


class TenureWrong(Exception):
    """What was entered about a tenure does not do; `errors` are (pointer, code, detail)."""

    status = 422
    code = "tenure_wrong"
    title = ("任职信息有误", "The tenure is wrong")

    def __init__(self, *errors: tuple[str, str, tuple[str, str]]) -> None:
        super().__init__(*errors)
        self.errors = errors


class PostIsHeld(Exception):
    """A post that is not shared is held by one at a time."""

    status = 409
    code = "post_is_held"
    title = ("该岗位已有人任职", "Somebody holds the post then")
    state = "held"
    open_moves = ("hand-over", "end")

    def __init__(self) -> None:
        super().__init__(
            "该时段已有人任职；请办理交接，或先终止其任职。",
            "somebody holds it in that time: hand that tenure over, or end it first",
        )


class PostStandsVacant(Exception):
    """Nobody is put into a post that is said to be vacant."""

    status = 409
    code = "post_stands_vacant"
    title = ("岗位处于空缺状态", "The post stands vacant")
    state = "vacant"
    open_moves = ("fill",)

    def __init__(self) -> None:
        super().__init__("该岗位由代理岗位履职；请先办理到任。", "its substitute answers for it: fill the post first")


class TenureAlreadyEnded(Exception):
    """What has ended stays as it was."""

    status = 409
    code = "tenure_already_ended"
    title = ("任职已终止", "The tenure has ended already")
    state = "ended"
    open_moves: tuple[str, ...] = ()

    def __init__(self, tenure: Tenure) -> None:
        super().__init__(
            f"该任职已于 {tenure.valid_to} 终止；请另行任职。", f"it ended at {tenure.valid_to}: begin a new one"
        )


class NotToOneself(Exception):
    """Nobody puts themselves into a post, nor ends what they hold themselves."""

    status = 403
    code = "not_to_oneself"
    title = ("不得为本人授权", "Nobody gives themselves a right")

    def __init__(self) -> None:
        super().__init__(
            "本人的任免须由其他安全管理员办理；请找其中一位。",
            "your own posts are given and ended by another security administrator: ask one",
        )


class PostBeyondOwn(Exception):
    """A post gives rights over its whole area: whoever gives it administers the security of all of that."""

    status = 403
    code = "grant_beyond_own"
    title = ("授权超出本人管理范围", "The grant reaches beyond what you administer")

    def __init__(self, area_from: str, area_to: str) -> None:
        super().__init__(
            f"该岗位的范围 {area_from}–{area_to} 超出您的管理范围；请找管理其全部范围的管理员。",
            f"the post reaches over {area_from}–{area_to}, beyond what you administer: ask who administers all of it",
        )


def check(tenure: Tenure, *, known: bool | None) -> Tenure:
    """The tenure, if it holds together; `known` says whether its subject may act (None: nobody knows it).

    Raises TenureWrong: a name that nobody has yet must not be waiting for whoever takes it.
    """
    faults = []
    if known is None:
        faults.append(
            (
                "/subject",
                "unknown_subject",
                ("没有该主体；请先开立账号或客户端。", "nobody is called so here: open the account or client first"),
            )
        )
    if known is False:
        faults.append(
            (
                "/subject",
                "subject_ended",
                ("该主体已停用；请另指定有效主体。", "it has ended: name somebody who may act"),
            )
        )
    if tenure.valid_to is not None and tenure.valid_to <= tenure.valid_from:
        faults.append(
            (
                "/valid_to",
                "before_its_beginning",
                ("valid_to 须晚于 valid_from。", "valid_to does not come after valid_from"),
            )
        )
    if faults:
        raise TenureWrong(*faults)
    return tenure


def end(tenure: Tenure, *, at: datetime, now: datetime, reason: str) -> Tenure:
    """Held no more from `at` on, which is not in the past: what was done in that post was done by its holder.

    One that has not begun yet ends where it would begin. Raises TenureAlreadyEnded, TenureWrong.
    """
    if tenure.valid_to is not None and tenure.valid_to <= now:
        raise TenureAlreadyEnded(tenure)
    if at < now:
        raise TenureWrong(
            (
                "/at",
                "in_the_past",
                ("此前的任职不得更改；请填现在或以后的时间。", "what was held until now stays so: name now or later"),
            )
        )
    return replace(tenure, valid_to=max(at, tenure.valid_from), ended_reason=reason)


def require_reach(grants: Iterable[Reaching], role: str, area: tuple[str, str], sectors: tuple[str, ...]) -> None:
    """Raise PostBeyondOwn unless one single grant of the role covers the whole area and every sector of a post."""
    low, high = area
    for one in grants:
        wide = one.area_from <= low and high <= one.area_to
        if (
            one.role == role
            and wide
            and (one.sectors is None or (bool(sectors) and set(sectors) <= set(one.sectors)))
        ):
            return
    raise PostBeyondOwn(low, high)


def open_moves(tenure: Tenure, now: datetime) -> tuple[str, ...]:
    """The verbs that may be used now."""
    return ("end", "hand-over") if tenure.valid_to is None or tenure.valid_to > now else ()
