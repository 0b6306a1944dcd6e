"""An evaluation: bodies of one tier over one period, open, under review, published.

While it is open its figures are counted anew whenever somebody looks, by the pack that holds then. Handed in, facts
and pack are frozen; another person reviews what was handed in, and that is what is published. A publication is never
changed: an appeal that is upheld leads to the next one, beside it.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime
from enum import StrEnum
from typing import TypeVar
from uuid import UUID

from services.responsibility_registry.evaluations.rules_packs import Pack
from services.responsibility_registry.evaluations.rules_scores import Body

MOST_BODIES = 500
LONGEST_DAYS = 366
T = TypeVar("T")


class BodyKind(StrEnum):
    """Who is evaluated: the areas of one level, or the posts of one kind."""

    AREAS = "areas"
    POSTS = "posts"


class EvaluationState(StrEnum):
    """Open → under review → published; an open one may be withdrawn, and a reviewer may hand it back."""

    OPEN = "open"
    UNDER_REVIEW = "under_review"
    PUBLISHED = "published"
    WITHDRAWN = "withdrawn"


_S = EvaluationState
MOVES: Mapping[str, tuple[EvaluationState, ...]] = {
    "submit": (_S.OPEN,),
    "return": (_S.UNDER_REVIEW,),
    "publish": (_S.UNDER_REVIEW,),
    "withdraw": (_S.OPEN, _S.UNDER_REVIEW),
}


@dataclass(frozen=True, kw_only=True, slots=True)
class Evaluation:
    """`among` is the level of the areas or the kind of the posts. `hands` and `hand_subjects` had a hand in it
    (opened, handed in, published); the subjects are compared here and told to nobody. `pack` is frozen from the
    hand-in on, `submission` counts the hand-ins. `excluded` are facts that upheld appeals took out; `publication` is
    the number of the newest one."""

    id: UUID
    version: int
    area_code: str
    sectors: tuple[str, ...]
    exercise: bool
    correlation_id: UUID
    name: str
    pack_code: str
    body_kind: BodyKind
    among: str
    bodies: tuple[Body, ...]
    first_day: date
    last_day: date
    state: EvaluationState
    opened_at: datetime
    hands: tuple[UUID, ...]
    hand_subjects: tuple[str, ...]
    pack: Pack | None = None
    as_of: datetime | None = None
    submission: int = 0
    submitted_at: datetime | None = None
    returned_reason: str = ""
    published_at: datetime | None = None
    published_by: UUID | None = None
    publication: int = 0
    excluded: tuple[UUID, ...] = ()
    withdrawn_reason: str = ""


class EvaluationCannotMove(Exception):
    """The verb is not open in this state."""

    status = 409
    code = "evaluation_cannot_move"
    title = ("考核当前状态不允许此操作", "The evaluation is not in a state for this")

    def __init__(self, evaluation: Evaluation, zh: str, en: str) -> None:
        super().__init__(zh, en)
        self.state: str = evaluation.state
        self.open_moves = open_moves(evaluation)


class PeriodNotOver(EvaluationCannotMove):
    """Facts of the period are still to come."""

    code = "evaluation_period_not_over"


class AnotherMustReview(EvaluationCannotMove):
    """Who opened it or handed it in does not review it, in person or by post ([DEF] two pairs of eyes)."""

    code = "another_must_review"


class OwnBodyEvaluated(EvaluationCannotMove):
    """Nobody reviews or publishes how they themselves, or the area whose post they hold, were evaluated ([DEF])."""

    code = "own_body_evaluated"


class EvaluationAlreadyOpen(Exception):
    """One evaluation of the same bodies, rules and period."""

    status = 409
    code = "evaluation_already_open"
    title = ("同一考核已存在", "There is such an evaluation already")
    state = "open"
    open_moves: tuple[str, ...] = ("withdraw",)

    def __init__(self, evaluation_id: UUID) -> None:
        super().__init__(
            f"同一对象、规则和周期的考核为 {evaluation_id}。",
            f"the same bodies, rules and period are evaluated in {evaluation_id}",
        )


class EvaluationWrong(Exception):
    """What was entered does not do; `errors` are (pointer, code, detail)."""

    status = 422
    code = "evaluation_wrong"
    title = ("考核信息有误", "The evaluation is wrong")

    def __init__(self, *errors: tuple[str, str, tuple[str, str]]) -> None:
        super().__init__(*errors)
        self.errors = errors


def check_period(first: date, last: date) -> None:
    """A period of a day to a year. Raises EvaluationWrong."""
    if not 0 <= (last - first).days < LONGEST_DAYS:
        said = ("周期为一天至一年。", "a period is a day to a year long")
        raise EvaluationWrong(("/last_day", "period_wrong", said))


def check_bodies(bodies: Sequence[Body]) -> None:
    """Somebody to evaluate, and no more than one list can hold. Raises EvaluationWrong."""
    if not bodies:
        raise EvaluationWrong(("/among", "nobody", ("该范围内没有此类对象。", "nobody of that kind is there")))
    if len(bodies) > MOST_BODIES:
        said = (f"对象最多 {MOST_BODIES} 个，请缩小范围。", f"at most {MOST_BODIES} bodies: choose a smaller area")
        raise EvaluationWrong(("/among", "too_many", said))


def open_moves(evaluation: Evaluation) -> tuple[str, ...]:
    """The verbs that its state allows."""
    return tuple(verb for verb, states in MOVES.items() if evaluation.state in states)


def require_open(evaluation: Evaluation, verb: str) -> None:
    """Raises EvaluationCannotMove unless the verb is open."""
    if verb not in open_moves(evaluation):
        zh = f"考核为「EvaluationState.{evaluation.state}」，不能「Move.{verb}」。"
        raise EvaluationCannotMove(evaluation, zh, f"cannot {verb} an evaluation that is {evaluation.state}")


def submit(
    evaluation: Evaluation, pack: Pack, *, as_of: datetime, now: datetime, by_post: UUID, by_subject: str
) -> Evaluation:
    """Handed in for review with its pack frozen; `as_of` is the end of the period. Raises PeriodNotOver."""
    require_open(evaluation, "submit")
    if now < as_of:
        raise PeriodNotOver(
            evaluation, f"周期至 {evaluation.last_day} 止，期满后方可提交。",
            f"the period lasts to {evaluation.last_day}: hand it in after that",
        )  # fmt: skip
    return replace(
        evaluation, state=_S.UNDER_REVIEW, pack=pack, as_of=as_of, submission=evaluation.submission + 1,
        submitted_at=now, hands=_with(evaluation.hands, by_post),
        hand_subjects=_with(evaluation.hand_subjects, by_subject),
    )  # fmt: skip


def hand_back(evaluation: Evaluation, *, by_post: UUID, by_subject: str, reason: str) -> Evaluation:
    """The reviewer does not agree: open again, and counted anew. Raises AnotherMustReview."""
    require_open(evaluation, "return")
    require_other(evaluation, by_post, by_subject)
    return replace(evaluation, state=_S.OPEN, pack=None, as_of=None, submitted_at=None, returned_reason=reason)


def publish(evaluation: Evaluation, *, now: datetime, by_post: UUID, by_subject: str) -> Evaluation:
    """What was handed in is told to everybody, by another person and post. Raises AnotherMustReview."""
    require_open(evaluation, "publish")
    require_other(evaluation, by_post, by_subject)
    return replace(
        evaluation, state=_S.PUBLISHED, published_at=now, published_by=by_post, publication=1,
        hands=_with(evaluation.hands, by_post), hand_subjects=_with(evaluation.hand_subjects, by_subject),
    )  # fmt: skip


def correct(evaluation: Evaluation, excluded: Iterable[UUID]) -> Evaluation:
    """The next publication, without the facts that were counted wrongly; the ones before stay as they were."""
    taken = tuple(sorted({*evaluation.excluded, *excluded}))
    return replace(evaluation, publication=evaluation.publication + 1, excluded=taken)


def withdraw(evaluation: Evaluation, reason: str) -> Evaluation:
    """It should not have been opened; what is published is never withdrawn."""
    require_open(evaluation, "withdraw")
    return replace(evaluation, state=_S.WITHDRAWN, withdrawn_reason=reason)


def require_other(evaluation: Evaluation, by_post: UUID, by_subject: str) -> None:
    """Raises AnotherMustReview for whoever opened it or handed it in, in person or by post."""
    if by_post in evaluation.hands or by_subject in evaluation.hand_subjects:
        raise AnotherMustReview(
            evaluation, "须由发起、提交之外的人员和岗位审核。",
            "another person of another post than those who opened it or handed it in has to do this",
        )  # fmt: skip


def require_no_own_body(evaluation: Evaluation, own: Iterable[Body]) -> None:
    """Raises OwnBodyEvaluated where posts that the caller holds are, or lie in, bodies: `own` are those."""
    names = [(one.zh, one.en) for one in own]
    if names:
        zh, en = names[0]
        raise OwnBodyEvaluated(
            evaluation, f"您任职于被考核对象「{zh}」；请由与被考核对象无关的人员审核公布。",
            f"you hold a post of {en}, which is evaluated: somebody of none of the bodies has to do this",
        )  # fmt: skip


def _with(known: tuple[T, ...], one: T) -> tuple[T, ...]:
    return known if one in known else (*known, one)
