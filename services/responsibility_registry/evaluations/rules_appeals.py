"""An appeal against a publication: lodged in time by a body that it ranks, decided by a post that had no hand in it.

Upheld, it names the facts that were counted wrongly for that body. No figure is typed in: the next publication is
counted without them.
"""

from collections.abc import Collection
from dataclasses import dataclass, replace
from datetime import datetime
from enum import StrEnum
from uuid import UUID


class AppealState(StrEnum):
    """Lodged → upheld or dismissed."""

    LODGED = "lodged"
    UPHELD = "upheld"
    DISMISSED = "dismissed"


@dataclass(frozen=True, kw_only=True, slots=True)
class Appeal:
    """What a body says against a publication. Its area is the body's; whoever lodged it does not decide it."""

    id: UUID
    version: int
    area_code: str
    sectors: tuple[str, ...]
    exercise: bool
    correlation_id: UUID
    evaluation_id: UUID
    publication_id: UUID
    number: int
    body_key: str
    words: str
    evidence: tuple[UUID, ...]
    state: AppealState
    lodged_at: datetime
    lodged_by: UUID
    lodged_subject: str
    excluded: tuple[UUID, ...] = ()
    decision: str = ""
    decided_at: datetime | None = None
    decided_by: UUID | None = None


class AppealTooLate(Exception):
    """The days in which one may appeal have passed."""

    status = 409
    code = "appeal_too_late"
    title = ("申诉期限已过", "The time to appeal has passed")
    state = "published"
    open_moves: tuple[str, ...] = ()

    def __init__(self, until: datetime) -> None:
        super().__init__(f"申诉期限至 {until.isoformat()} 止。", f"appeals were open until {until.isoformat()}")


class AppealAlreadyLodged(Exception):
    """A body appeals once against a publication."""

    status = 409
    code = "appeal_already_lodged"
    title = ("已对本次公布提出申诉", "There is an appeal already")
    state = "lodged"
    open_moves: tuple[str, ...] = ()

    def __init__(self, appeal_id: UUID) -> None:
        super().__init__(f"已有申诉 {appeal_id}。", f"it is appeal {appeal_id}")


class NotAnEvaluatedBody(Exception):
    """Only who is ranked in a publication appeals against it, through a post of its own."""

    status = 403
    code = "not_an_evaluated_body"
    title = ("只有被考核对象可以申诉", "Only an evaluated body appeals")

    def __init__(self) -> None:
        super().__init__("请以该被考核对象所属岗位的身份申诉。", "act as a post of the body that is ranked there")


class AppealAlreadyDecided(Exception):
    """A decision stands; another publication may be appealed against."""

    status = 409
    code = "appeal_already_decided"
    title = ("申诉已作决定", "The appeal is decided already")
    open_moves: tuple[str, ...] = ()

    def __init__(self, appeal: Appeal) -> None:
        super().__init__(
            f"申诉已「AppealState.{appeal.state}」。", f"it was {appeal.state} already: what is decided stays"
        )
        self.state: str = appeal.state


class AnotherMustDecide(Exception):
    """Nobody decides about their own work or their own appeal ([DEF])."""

    status = 409
    code = "another_must_decide"
    title = ("须由其他岗位决定", "Another post has to decide")
    state = "lodged"
    open_moves: tuple[str, ...] = ("decide",)

    def __init__(self) -> None:
        super().__init__(
            "须由发起、提交、审核和申诉之外的人员和岗位决定，且不属于申诉的对象。",
            "somebody else than who made, reviewed or appealed has to decide, of another post and another body",
        )


class ExclusionWrong(Exception):
    """The facts that are to be taken out do not do; `errors` are (pointer, code, detail)."""

    status = 422
    code = "exclusion_wrong"
    title = ("剔除的事实有误", "The facts to take out are wrong")

    def __init__(self, *errors: tuple[str, str, tuple[str, str]]) -> None:
        super().__init__(*errors)
        self.errors = errors


def require_in_time(until: datetime, now: datetime) -> None:
    """Raises AppealTooLate at and after the end of the last day."""
    if now >= until:
        raise AppealTooLate(until)


def decide(
    appeal: Appeal, *, upheld: bool, excluded: Collection[UUID], words: str, now: datetime, by_post: UUID
) -> Appeal:
    """The decision, in words; upheld, with the facts that come out. Raises AppealAlreadyDecided, ExclusionWrong."""
    if appeal.state is not AppealState.LODGED:
        raise AppealAlreadyDecided(appeal)
    if upheld is not bool(excluded):
        said = (
            "支持申诉须列出剔除的事实，驳回则不列。",
            "name the facts that come out, only where it is upheld",
        )
        raise ExclusionWrong(("/exclude", "required" if upheld else "not_allowed", said))
    return replace(
        appeal, state=AppealState.UPHELD if upheld else AppealState.DISMISSED, excluded=tuple(sorted(excluded)),
        decision=words, decided_at=now, decided_by=by_post,
    )  # fmt: skip


def require_uninvolved(
    appeal: Appeal, *, by_post: UUID, by_subject: str, posts: Collection[UUID], subjects: Collection[str]
) -> None:
    """Raises AnotherMustDecide for whoever appealed, opened, handed in or published it, in person or by post."""
    if by_post in {appeal.lodged_by, *posts} or by_subject in {appeal.lodged_subject, *subjects}:
        raise AnotherMustDecide
