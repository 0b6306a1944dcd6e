"""One grading of one risk object, kept as it was made, and when the next one is due."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from decimal import Decimal
from enum import StrEnum
from uuid import UUID


class Reason(StrEnum):
    """Why an object is assessed ([M-H] re-assessment triggers)."""

    INITIAL = "initial"
    YEARLY = "yearly"
    RE_INSPECTION = "re_inspection"
    AFTER_FIX = "after_fix"
    AFTER_INCIDENT = "after_incident"
    AFTER_CHANGE = "after_change"
    LAW_CHANGE = "law_change"
    NEW_EVIDENCE = "new_evidence"


class Course(StrEnum):
    """What a new assessment does to the object's level."""

    FIRST = "first"
    RAISED = "raised"
    LOWERED = "lowered"
    UNCHANGED = "unchanged"


# What a reason must name: the hazard that was fixed, the incident that happened.
_CAUSED = frozenset({Reason.AFTER_FIX, Reason.AFTER_INCIDENT})


@dataclass(frozen=True, kw_only=True, slots=True)
class Assessment:
    """A grade of an object with its inputs, pack and version, for ever. It never changes: a better one is
    made beside it and names it in `previous_id`. A smaller `ordinal` is a worse level on `scale`."""

    id: UUID
    version: int
    area_code: str
    sectors: tuple[str, ...]
    exercise: bool
    correlation_id: UUID
    object_id: UUID
    reason: Reason
    caused_by: UUID | None
    by_post: UUID | None
    assessed_at: datetime
    evidence: tuple[UUID, ...]
    pack: str
    pack_version: str
    pack_digest: str
    inputs: Mapping[str, str]
    product: Decimal
    band: str
    ordinal: int
    colour: str
    scale: str
    fingerprint: str
    previous_id: UUID | None = None
    course: Course = Course.FIRST


@dataclass(frozen=True, kw_only=True, slots=True)
class ReassessmentPolicy:
    """When an object is looked at again, in days, shaped like `policies/reassessment-*.json`."""

    policy: str
    version: str
    valid_from: date
    valid_to: date | None
    reassess_days: int
    check_days: Mapping[str, int]
    sources: Mapping[str, str]

    def __post_init__(self) -> None:
        if set(self.check_days) != {"red", "orange", "yellow", "blue"}:
            raise ValueError("reassessment policy: every colour has its days, and no other")


class AssessmentOutOfTurn(Exception):
    """An assessment follows the one before it in time and on the same object."""

    status = 409
    code = "assessment_out_of_turn"
    title = ("评估时间早于上一次评估", "An assessment follows the one before it")

    def __init__(self, zh: str, en: str) -> None:
        super().__init__(zh, en)
        self.state = "recorded"
        self.open_moves: tuple[str, ...] = ()


class AssessmentWithoutCause(Exception):
    """After a fix or an incident: say which."""

    status = 422
    code = "assessment_without_cause"
    title = ("缺少评估原因对应的隐患或事件", "Say which hazard or incident it follows")

    def __init__(self, reason: Reason) -> None:
        zh = f"「Reason.{reason}」须在 caused_by 中指明隐患或突发事件。"
        en = f"{reason} names the hazard or incident in caused_by"
        super().__init__(zh, en)
        self.errors = (("/caused_by", "required", (zh, en)),)


class FixUnknown(Exception):
    """The hazard whose fix led here is out of sight, or one of another object."""

    status = 422
    code = "fix_unknown"
    title = ("没有此对象的该隐患", "The object has no such hazard")

    def __init__(self) -> None:
        zh, en = (
            "caused_by 须为您职责范围内、属于此对象的隐患。",
            "caused_by names a hazard of this object within your scope",
        )
        super().__init__(zh, en)
        self.errors = (("/caused_by", "unknown", (zh, en)),)


def assess(made: Assessment, previous: Assessment | None) -> Assessment:
    """The assessment in its place after the previous one of the object (None for the first), with its
    course. Raises AssessmentWithoutCause, AssessmentOutOfTurn."""
    if made.reason in _CAUSED and made.caused_by is None:
        raise AssessmentWithoutCause(made.reason)
    if previous is None:
        return made
    if previous.object_id != made.object_id:
        raise AssessmentOutOfTurn("上一次评估属于另一对象。", "the previous assessment is of another object")
    if made.assessed_at < previous.assessed_at:
        raise AssessmentOutOfTurn(
            f"该对象上次评估时间为 {previous.assessed_at.isoformat()}，不得更早。",
            f"the object was last assessed at {previous.assessed_at.isoformat()}",
        )
    return replace(made, previous_id=previous.id, course=course_of(made.ordinal, previous.ordinal))


def course_of(ordinal: int, before: int) -> Course:
    """Which way a level moved; ordinal 1 is the worst."""
    if ordinal == before:
        return Course.UNCHANGED
    return Course.RAISED if ordinal < before else Course.LOWERED


def open_moves(made: Assessment) -> tuple[str, ...]:
    """None: an assessment stays as it was made."""
    del made
    return ()


def next_check_at(made: Assessment, policy: ReassessmentPolicy) -> datetime:
    """When somebody looks at the object again, by its colour."""
    return made.assessed_at + timedelta(days=policy.check_days[made.colour])


def reassess_at(made: Assessment, policy: ReassessmentPolicy) -> datetime:
    """When the object must be assessed again at the latest."""
    return made.assessed_at + timedelta(days=policy.reassess_days)
