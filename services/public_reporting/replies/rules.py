"""What an answer to a reporter is, whether it came in time, and until when the reporter may dispute."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from enum import StrEnum
from uuid import UUID

WORDS_MAX = 2000


class ReplyKind(StrEnum):
    """What the answer is about."""

    PROGRESS = "progress"
    REJECTION = "rejection"
    TRANSFER = "transfer"
    RESULT = "result"
    DISPUTE = "dispute"


class Timeliness(StrEnum):
    """How the first answer stands against its clock."""

    WAITING = "waiting"
    OVERDUE = "overdue"
    ON_TIME = "on_time"
    LATE = "late"


@dataclass(frozen=True, kw_only=True, slots=True)
class Reply:
    """One answer to one report. It never changes: a correction is another answer. `by_post` is None
    where the platform answered by itself from a fact."""

    id: UUID
    version: int
    area_code: str
    sectors: tuple[str, ...]
    exercise: bool
    correlation_id: UUID
    report_id: UUID
    kind: ReplyKind
    words_zh: str
    words_en: str | None
    by_post: UUID | None
    at: datetime


@dataclass(frozen=True, kw_only=True, slots=True)
class AnswerPolicy:
    """The clocks of answering, shaped like `policies/answers-*.json`."""

    policy: str
    version: str
    valid_from: date
    valid_to: date | None
    dispute_days: int
    on_time_target_percent: int
    feedback_days: int
    handle_days: int
    sources: Mapping[str, str]


@dataclass(frozen=True, kw_only=True, slots=True)
class PublicWords:
    """What the public reads for each state of a report, by language; shaped like
    `policies/public-words-*.json`."""

    policy: str
    version: str
    valid_from: date
    valid_to: date | None
    source: str
    words: Mapping[str, Mapping[str, str]]

    def __post_init__(self) -> None:
        silent = [state for state, said in self.words.items() if not (said.get("zh") and said.get("en"))]
        if silent:
            raise ValueError(f"public words: zh and en are both needed for {', '.join(silent)}")


class ReplyIncomplete(Exception):
    """An answer says something, in Chinese, within its length."""

    status = 422
    code = "reply_incomplete"
    title = ("答复内容不完整", "The reply is incomplete")

    def __init__(self, *errors: tuple[str, str, tuple[str, str]]) -> None:
        super().__init__(*errors)
        self.errors = errors


def write_reply(
    *, reply_id: UUID, area_code: str, sectors: tuple[str, ...], exercise: bool, correlation_id: UUID,
    report_id: UUID, kind: ReplyKind, words_zh: str, words_en: str | None, by_post: UUID | None,
    now: datetime,
) -> Reply:  # fmt: skip
    """A new answer. Raises ReplyIncomplete."""
    spoken = {"/words_zh": words_zh} | ({} if words_en is None else {"/words_en": words_en})
    wrong = [pointer for pointer, words in spoken.items() if not 0 < len(words.strip()) <= WORDS_MAX]
    if wrong:
        raise ReplyIncomplete(
            *(
                (p, "length", (f"请用 1 至 {WORDS_MAX} 字写明。", f"say it in 1 to {WORDS_MAX} characters"))
                for p in wrong
            )
        )
    return Reply(
        id=reply_id, version=0, area_code=area_code, sectors=sectors, exercise=exercise,
        correlation_id=correlation_id, report_id=report_id, kind=kind, words_zh=words_zh,
        words_en=words_en, by_post=by_post, at=now,
    )  # fmt: skip


def open_moves(reply: Reply) -> tuple[str, ...]:
    """None: an answer that was given stays as it was given."""
    del reply
    return ()


def stops_the_clock(reply: Reply) -> bool:
    """Only a post's answer counts as the first answer; an automatic receipt does not ([DEF])."""
    return reply.by_post is not None


def first_answer_timeliness(*, due_at: datetime, answered_at: datetime | None, now: datetime) -> Timeliness:
    """Where the first answer stands; an answer at the due instant itself is in time."""
    if answered_at is not None:
        return Timeliness.ON_TIME if answered_at <= due_at else Timeliness.LATE
    return Timeliness.WAITING if now <= due_at else Timeliness.OVERDUE


def on_time_rate(answers: tuple[Timeliness, ...]) -> float | None:
    """Share in time among the answers whose clock has run out or stopped; None, not 100 %, for none."""
    counted = [a for a in answers if a is not Timeliness.WAITING]
    return sum(a is Timeliness.ON_TIME for a in counted) / len(counted) if counted else None


def dispute_until(*, fixed_at: datetime, answers: AnswerPolicy) -> datetime:
    """The instant at which the reporter's days to dispute are over ([DEF])."""
    return fixed_at + timedelta(days=answers.dispute_days)


def may_dispute(*, fixed_at: datetime | None, answers: AnswerPolicy, now: datetime) -> bool:
    """Whether a reporter who was told "fixed" may still say that it is not."""
    return fixed_at is not None and now < dispute_until(fixed_at=fixed_at, answers=answers)
