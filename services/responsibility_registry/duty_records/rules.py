"""What a duty record (履职记录) is: one thing that a post did of its duties, where and when, with its evidence.

Kinds are data with the fields that each asks for. A record is never overwritten: a better one corrects it and both
stay, a wrong one is withdrawn with a reason; neither the corrected nor the withdrawn counts. What is entered long
after it was done says so. Of a private kind (a visit to a vulnerable home) there are no free words, no position and
no photos: choices alone, so there is nothing to hide afterwards ([S] PIPL Art 6).
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from enum import StrEnum
from uuid import UUID

MOST_COUNTED = 1_000_000
"""[DEF] No field counts more than that."""
Value = bool | int | str


class FieldType(StrEnum):
    """What a field of a kind takes."""

    COUNT = "count"
    CHOICE = "choice"
    FLAG = "flag"


class WordsAre(StrEnum):
    """Whether a kind takes free words."""

    REQUIRED = "required"
    OPTIONAL = "optional"
    REFUSED = "refused"


class About(StrEnum):
    """Whether a kind needs a pairing of its own, or takes a pairing, an object or an area."""

    PAIRING = "pairing"
    ANYTHING = "anything"


@dataclass(frozen=True, kw_only=True, slots=True)
class FieldRule:
    """One field that a kind asks for."""

    name: str
    zh: str
    en: str
    type: FieldType
    required: bool
    choices: tuple[str, ...] = ()


@dataclass(frozen=True, kw_only=True, slots=True)
class RecordKind:
    """One kind of duty record, as data."""

    code: str
    zh: str
    en: str
    words: WordsAre
    evidence_least: int
    about: About
    private: bool
    source: str
    fields: tuple[FieldRule, ...]


@dataclass(frozen=True, kw_only=True, slots=True)
class RecordPolicy:
    """The kinds, with their version and dates; shaped like `policies/record-kinds-*.json`."""

    policy: str
    version: str
    valid_from: date
    valid_to: date | None
    late_after_hours: int
    late_source: str
    oldest_days: int
    kinds: tuple[RecordKind, ...]

    def __post_init__(self) -> None:
        if len({one.code for one in self.kinds}) < len(self.kinds):
            raise ValueError(f"{self.policy} {self.version}: a kind is there twice")
        if any(one.private and (one.words is not WordsAre.REFUSED or one.evidence_least) for one in self.kinds):
            raise ValueError(f"{self.policy} {self.version}: a private kind takes no words and no files")

    def kind(self, code: str) -> RecordKind | None:
        """One kind by its code."""
        return next((one for one in self.kinds if one.code == code), None)


@dataclass(frozen=True, kw_only=True, slots=True)
class DutyRecord:
    """One record. `post_id` is whose duty it was, `by_post` who entered it: the same, or who stands in for it.

    `recorded_at` is when this row was entered, `entered_at` when the first of its corrections was: that decides what
    is `late`. `serves` are numbers of the items of the post's yearly work list that it is meant for; none: the first
    that fits.
    """

    id: UUID
    version: int
    area_code: str
    sectors: tuple[str, ...]
    exercise: bool
    correlation_id: UUID
    kind: str
    post_id: UUID
    by_post: UUID
    pairing_id: UUID | None
    object_id: UUID | None
    grid_id: UUID | None
    duty_code: str
    done_at: datetime
    recorded_at: datetime
    entered_at: datetime
    late: bool
    lon: float | None
    lat: float | None
    words: str
    values: Mapping[str, Value]
    evidence: tuple[UUID, ...]
    serves: tuple[int, ...]
    policy_version: str
    corrects: UUID | None = None
    corrected_by: UUID | None = None
    withdrawn_at: datetime | None = None
    withdrawn_reason: str = ""


class DutyRecordWrong(Exception):
    """What was entered does not do; `errors` are (pointer, code, detail)."""

    status = 422
    code = "duty_record_wrong"
    title = ("履职记录有误", "The duty record is wrong")

    def __init__(self, *errors: tuple[str, str, tuple[str, str]]) -> None:
        super().__init__(*errors)
        self.errors = errors


class NotYourDuty(Exception):
    """A record is entered, corrected and withdrawn by the post whose duty it was, or by who stands in for it."""

    status = 403
    code = "not_your_duty"
    title = ("只能记录本岗位的履职", "Only one's own duties are recorded")

    def __init__(self) -> None:
        super().__init__(
            "请以该岗位或其代理岗位的身份操作（Acting-Post）。",
            "act for the post whose duty it was, or stand in for it (Acting-Post)",
        )


class DutyRecordStands(Exception):
    """What was corrected or withdrawn stays so; a correction is corrected itself."""

    status = 409
    code = "duty_record_stands"
    title = ("记录已更正或撤回", "The record was corrected or withdrawn")
    open_moves: tuple[str, ...] = ()

    def __init__(self, record: DutyRecord) -> None:
        self.state = "withdrawn" if record.withdrawn_at else "corrected"
        super().__init__(
            "该记录已不计入；请更正它的更正记录，或另行登记。",
            "it no longer counts: correct what corrected it, or enter another one",
        )


def check(
    record: DutyRecord, policy: RecordPolicy, *, takes: Sequence[str] | None,
    found: Iterable[tuple[str, str, tuple[str, str]]] = (),
) -> DutyRecord:  # fmt: skip
    """The record with whether it is late, if it has what its kind asks for.

    `takes` are the kinds that keep its pairing; None where it names no pairing. Raises DutyRecordWrong.
    """
    kind = policy.kind(record.kind)
    faults = [*found, *_of_time(record, policy)]
    if kind is None:
        known = ", ".join(one.code for one in policy.kinds)
        faults.append(("/kind", "unknown_kind", (f"须为以下之一：{known}。", f"one of {known}")))
    else:
        faults += [*_of_about(record, kind, takes), *_of_words(record, kind), *_of_fields(record, kind)]
    if faults:
        raise DutyRecordWrong(*faults)
    waited = record.entered_at - record.done_at
    return replace(record, late=waited > timedelta(hours=policy.late_after_hours))


def _of_time(record: DutyRecord, policy: RecordPolicy) -> Iterable[tuple[str, str, tuple[str, str]]]:
    if record.done_at > record.recorded_at:
        yield ("/done_at", "in_the_future", ("尚未发生。", "it has not been done yet"))
    elif record.recorded_at - record.done_at > timedelta(days=policy.oldest_days):
        said = (
            f"只补录 {policy.oldest_days} 天内的履职。",
            f"what is older than {policy.oldest_days} days is not entered",
        )
        yield ("/done_at", "too_old", said)


def _of_about(
    record: DutyRecord, kind: RecordKind, takes: Sequence[str] | None
) -> Iterable[tuple[str, str, tuple[str, str]]]:  # fmt: skip
    if takes is None:
        if kind.about is About.PAIRING:
            yield ("/pairing_id", "required", ("请填写结对编号。", "name the pairing that it is about"))
    elif kind.code not in takes:
        said = (f"该结对的履职类型为：{', '.join(takes)}。", f"that pairing is kept by {', '.join(takes)}")
        yield ("/kind", "not_of_pairing", said)


def _of_words(record: DutyRecord, kind: RecordKind) -> Iterable[tuple[str, str, tuple[str, str]]]:
    if kind.words is WordsAre.REQUIRED and not record.words.strip():
        yield ("/words", "required", ("请写明做了什么。", "say what was done"))
    if len(record.evidence) < kind.evidence_least:
        said = (f"请附至少 {kind.evidence_least} 份佐证。", f"attach {kind.evidence_least} photo or paper at least")
        yield ("/evidence", "required", said)
    if not kind.private:
        return
    told = {
        "words": record.words, "evidence": record.evidence, "place": record.lon, "object_id": record.object_id,
        "grid_id": record.grid_id,
    }  # fmt: skip
    said = ("涉及个人住户：不记文字、照片和位置。", "about a home: no words, no photos, no position")
    yield from ((f"/{name}", "private", said) for name, value in told.items() if value)


def _of_fields(record: DutyRecord, kind: RecordKind) -> Iterable[tuple[str, str, tuple[str, str]]]:
    known = {one.name: one for one in kind.fields}
    for name in record.values.keys() - known.keys():
        yield (f"/values/{name}", "unknown_field", ("此类记录没有这一项。", "this kind has no such field"))
    for field in kind.fields:
        value = record.values.get(field.name)
        if value is None and field.required:
            yield (f"/values/{field.name}", "required", (f"请填写「{field.zh}」。", f"say: {field.en}"))
        elif value is not None and not _fits(field, value):
            yield (f"/values/{field.name}", "invalid", _wanted(field))


def _fits(field: FieldRule, value: Value) -> bool:
    if field.type is FieldType.FLAG:
        return isinstance(value, bool)
    if field.type is FieldType.CHOICE:
        return value in field.choices
    return isinstance(value, int) and not isinstance(value, bool) and 0 <= value <= MOST_COUNTED


def _wanted(field: FieldRule) -> tuple[str, str]:
    if field.type is FieldType.FLAG:
        return ("须为 true 或 false。", "true or false")
    if field.type is FieldType.CHOICE:
        return (f"须为以下之一：{', '.join(field.choices)}。", f"one of {', '.join(field.choices)}")
    return (f"须为 0 至 {MOST_COUNTED} 的整数。", f"a whole number from 0 to {MOST_COUNTED}")


def counts(record: DutyRecord) -> bool:
    """Whether it counts: neither corrected nor withdrawn."""
    return record.corrected_by is None and record.withdrawn_at is None


def correct(record: DutyRecord, better: DutyRecord) -> DutyRecord:
    """The old record, which points to the better one from now on. Raises DutyRecordStands, DutyRecordWrong."""
    if not counts(record):
        raise DutyRecordStands(record)
    if (record.kind, record.post_id) != (better.kind, better.post_id):
        said = ("更正不改变类型和岗位；请撤回后另行登记。", "kind and post stay: withdraw it and enter another one")
        raise DutyRecordWrong(("/kind", "another_kind", said))
    return replace(record, corrected_by=better.id)


def withdraw(record: DutyRecord, *, reason: str, now: datetime) -> DutyRecord:
    """It was entered by mistake, and counts no longer. Raises DutyRecordStands."""
    if not counts(record):
        raise DutyRecordStands(record)
    return replace(record, withdrawn_at=now, withdrawn_reason=reason)


def open_moves(record: DutyRecord) -> tuple[str, ...]:
    """The verbs that may be used now."""
    return ("correct", "withdraw") if counts(record) else ()
