"""What a pairing (结对) is: one post is bound to one firm, installation or home, as one kind, from a day on.

A duty (`duties`) says who answers for an area; a pairing says whose one object or home it is, which no area says
(百名局长对接千名企业主, 重大危险源包保, 派驻专员, 重点住户结对 [SEED]). It is ended and never deleted; another post
begins another one. Of a home nothing but an opaque key is kept, which only its own post and who administers there get
to see: no name, no address, no position ([S] PIPL Art 6: no more than the purpose needs).
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from enum import StrEnum
from typing import Protocol
from uuid import UUID

LONGEST_ROUNDS = 100
"""[DEF] So many times in one period at most."""


class Per(StrEnum):
    """The period in which something has to be done so many times; working days skip the days between."""

    DAY = "day"
    WORKDAY = "workday"
    WEEK = "week"
    MONTH = "month"
    QUARTER = "quarter"
    YEAR = "year"


class Target(StrEnum):
    """To what a post is bound: a risk object, or a home that nothing but its key is known of."""

    OBJECT = "object"
    HOME = "home"


@dataclass(frozen=True, kw_only=True, slots=True)
class Rhythm:
    """How often: so many times in each whole period.

    `roll_forward`: where the last day of a period is no working day, the next one still counts (domain rule 0.2.4
    [M-M]).
    """

    times: int
    per: Per
    roll_forward: bool = False


@dataclass(frozen=True, kw_only=True, slots=True)
class PairingKind:
    """One kind, as data: to what, which duty records keep its rhythm, whether one post has it alone."""

    code: str
    zh: str
    en: str
    target: Target
    record_kinds: tuple[str, ...]
    rhythm: Rhythm | None
    sole: bool
    source: str


@dataclass(frozen=True, kw_only=True, slots=True)
class Pairing:
    """One pairing. Records and rhythm are those of its kind when it was entered, by `policy_version`; it is counted
    from `counted_from` on: nobody is late for a time before it was on the books."""

    id: UUID
    version: int
    area_code: str
    sectors: tuple[str, ...]
    exercise: bool
    correlation_id: UUID
    kind: str
    post_id: UUID
    object_id: UUID | None
    home_key: str
    document: str
    record_kinds: tuple[str, ...]
    rhythm: Rhythm | None
    policy_version: str
    valid_from: datetime
    counted_from: datetime
    valid_to: datetime | None = None
    ended_reason: str = ""


class Known(Protocol):
    """The object of a pairing, as this service knows it."""

    @property
    def area_code(self) -> str: ...


class PairingWrong(Exception):
    """What was entered about a pairing does not do; `errors` are (pointer, code, detail)."""

    status = 422
    code = "pairing_wrong"
    title = ("结对信息有误", "The pairing is wrong")

    def __init__(self, *errors: tuple[str, str, tuple[str, str]]) -> None:
        super().__init__(*errors)
        self.errors = errors


class PairingHeld(Exception):
    """The same pairing, or one that a post has alone, is in force at that time."""

    status = 409
    code = "pairing_held"
    title = ("已有同类结对", "There is such a pairing already")
    open_moves: tuple[str, ...] = ("end",)
    state = "held"

    def __init__(self, other: Pairing) -> None:
        super().__init__(
            f"结对 {other.id} 在此期间有效；请先终止它。", f"pairing {other.id} holds at that time: end it first"
        )


class PairingAlreadyEnded(Exception):
    """A pairing ends once; another one is another pairing."""

    status = 409
    code = "pairing_already_ended"
    title = ("结对已终止", "The pairing has ended already")
    state = "ended"
    open_moves: tuple[str, ...] = ()

    def __init__(self, pairing: Pairing) -> None:
        super().__init__(
            f"已于 {pairing.valid_to} 终止；请另行结对。", f"ended at {pairing.valid_to}: begin another pairing"
        )


def check_kinds(kinds: Sequence[PairingKind]) -> Mapping[str, PairingKind]:
    """The kinds by their codes, if they can be kept. Raises ValueError."""
    rhythms = [one.rhythm for one in kinds if one.rhythm is not None]
    if len({one.code for one in kinds}) < len(kinds) or not all(1 <= one.times <= LONGEST_ROUNDS for one in rhythms):
        raise ValueError("a kind of pairing is there twice, or asks for too much")
    return {one.code: one for one in kinds}


def check(pairing: Pairing, kind: PairingKind, known: Known | None) -> Pairing:
    """The pairing, if it is to what its kind is about. Raises PairingWrong."""
    faults = [*_of_target(pairing, kind, known)]
    if faults:
        raise PairingWrong(*faults)
    return pairing


def _of_target(
    pairing: Pairing, kind: PairingKind, known: Known | None
) -> Iterable[tuple[str, str, tuple[str, str]]]:  # fmt: skip
    wants_object = kind.target is Target.OBJECT
    if wants_object and known is None:
        yield ("/object_id", "required", ("请填写风险对象。", "name the risk object"))
    if not wants_object and pairing.object_id is not None:
        yield ("/object_id", "not_of_homes", ("住户结对只填 home_key。", "a home has a home_key and no object"))
    if wants_object == bool(pairing.home_key):
        said = (
            "住户结对须填 home_key（不得含姓名、住址），其他结对不填。",
            "a home has a home_key (no name, no address), anything else has none",
        )
        yield ("/home_key", "one_of_two", said)
    if known is not None and pairing.area_code != known.area_code:
        yield ("/area_code", "elsewhere", ("须为风险对象所在区划。", "the area where the object lies"))


def require_free(pairing: Pairing, others: Iterable[Pairing], *, sole: bool) -> None:
    """Raises PairingHeld where another one of the kind and target holds at some time of this one's.

    `others` are those of the same kind and target; only one's own count where several posts may have it.
    """
    for other in others:
        meets = other.valid_to is None or other.valid_to > pairing.valid_from
        if meets and (sole or other.post_id == pairing.post_id):
            raise PairingHeld(other)


def end(pairing: Pairing, *, at: datetime, reason: str) -> Pairing:
    """It no longer holds from `at` on. Raises PairingAlreadyEnded, PairingWrong."""
    if pairing.valid_to is not None:
        raise PairingAlreadyEnded(pairing)
    if at <= pairing.valid_from:
        begun = pairing.valid_from.isoformat()
        raise PairingWrong(("/at", "too_early", (f"须晚于 {begun}。", f"after {begun}")))
    return replace(pairing, valid_to=at, ended_reason=reason)


def holds(pairing: Pairing, at: datetime) -> bool:
    """Whether it is in force at an instant."""
    return pairing.valid_from <= at and (pairing.valid_to is None or at < pairing.valid_to)
