"""What a commendation 表彰 is: an honour of a level, by its authority's decision, for a fact, from a day on.

It is awarded to a post, to an organisation or to a firm; the level is that of the authority. It is over when its
period is, and revoked with a reason; nothing of it is deleted.
"""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import date, datetime
from enum import StrEnum
from uuid import UUID

Fault = tuple[str, str, tuple[str, str]]


class HonouredKind(StrEnum):
    """Who is honoured."""

    POST = "post"
    ORGANIZATION = "organization"
    FIRM = "firm"


@dataclass(frozen=True, kw_only=True, slots=True)
class Level:
    """One level, as data: on what tier of area the authority stands that awards it."""

    ordinal: int
    area_level: str
    zh: str
    en: str


@dataclass(frozen=True, kw_only=True, slots=True)
class LevelPolicy:
    """The levels that there are, shaped like `policies/levels-*.json`."""

    policy: str
    version: str
    valid_from: date
    valid_to: date | None
    levels: tuple[Level, ...]
    source: str


@dataclass(frozen=True, kw_only=True, slots=True)
class Commendation:
    """One honour. `honoured_id` is a post's or organisation's id, or a firm's unified credit code; it is worn from
    the beginning of `valid_from` to the beginning of `valid_to`, days of the city, or for good."""

    id: UUID
    version: int
    area_code: str
    sectors: tuple[str, ...]
    exercise: bool
    correlation_id: UUID
    honour: str
    level_ordinal: int
    authority_id: UUID
    decision_number: str
    honoured_kind: HonouredKind
    honoured_id: str
    honoured_name: str
    words: str
    evidence: tuple[UUID, ...]
    awarded_on: date
    valid_from: date
    valid_to: date | None
    policy_version: str
    revoked_at: datetime | None = None
    revoked_by_document: str = ""
    revoked_reason: str = ""


class CommendationWrong(Exception):
    """What was entered about an honour does not do; `errors` are (pointer, code, detail)."""

    status = 422
    code = "commendation_wrong"
    title = ("表彰信息有误", "The commendation is wrong")

    def __init__(self, *errors: Fault) -> None:
        super().__init__(*errors)
        self.errors = errors


class CommendationExists(Exception):
    """One decision honours somebody once."""

    status = 409
    code = "commendation_exists"
    title = ("该表彰已录入", "This commendation is on record")

    def __init__(self) -> None:
        super().__init__(
            "同一决定对同一对象的同一荣誉已录入。", "this decision has given them this honour already"
        )  # fmt: skip


class CommendationAlreadyRevoked(Exception):
    """What was revoked stays so."""

    status = 409
    code = "commendation_already_revoked"
    title = ("该表彰已撤销", "The commendation was revoked")
    state = "revoked"
    open_moves: tuple[str, ...] = ()

    def __init__(self) -> None:
        super().__init__("表彰已撤销；请另行录入新的决定。", "it was revoked: enter a new decision")


def faults_of(commendation: Commendation, area_level: str, policy: LevelPolicy, today: date) -> Iterable[Fault]:
    """What is wrong with an honour as it was entered; `area_level` is the tier of its authority."""
    level = next((one for one in policy.levels if one.ordinal == commendation.level_ordinal), None)
    if level is None:
        known = "、".join(str(one.ordinal) for one in policy.levels)
        yield "/level_ordinal", "unknown_level", (f"级别须为 {known}。", f"a level is one of {known}")
    elif level.area_level != area_level:
        yield "/level_ordinal", "not_its_level", (
            f"{level.zh}荣誉由{level.zh}机关决定。", f"an honour of the {level.en} is awarded by an authority of it"
        )  # fmt: skip
    if commendation.awarded_on > today:
        yield "/awarded_on", "in_the_future", ("决定日期不得晚于今天。", "nothing is decided on a day to come")
    if commendation.valid_to is not None and commendation.valid_to <= commendation.valid_from:
        yield "/valid_to", "before_its_beginning", ("止期须晚于起期。", "it ends after the day on which it begins")


def revoke(commendation: Commendation, *, document: str, reason: str, now: datetime) -> Commendation:
    """Taken back by a decision. Raises CommendationAlreadyRevoked (409)."""
    if commendation.revoked_at is not None:
        raise CommendationAlreadyRevoked
    return replace(commendation, revoked_at=now, revoked_by_document=document, revoked_reason=reason)


def is_worn(commendation: Commendation, today: date) -> bool:
    """Whether the honour holds on a day."""
    begun = commendation.revoked_at is None and commendation.valid_from <= today
    return begun and (commendation.valid_to is None or today < commendation.valid_to)


def open_moves(commendation: Commendation) -> tuple[str, ...]:
    """The verbs that may be used now."""
    return ("revoke",) if commendation.revoked_at is None else ()
