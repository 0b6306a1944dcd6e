"""What the doors ask of the verbs of reports, what they get back, and what is refused."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from uuid import UUID

from libs.common.forms import UnknownCategory, UnknownSector
from libs.common.languages import Said
from libs.common.problems import Problem, Unprocessable
from libs.contracts.classification import CATEGORIES, SECTORS
from services.public_reporting.replies.actions import Reply
from services.public_reporting.reports.rules import Place, Report, Source
from services.public_reporting.reports.rules_findings import FiveItems


class SourceNeedsPost(Problem):
    """A citizens' app speaks for residents only, and what a resident saw is for a post to verify."""

    status = 403
    code = "source_needs_post"
    title = Said("该来源须由岗位提交", "That source needs a post")
    advice = Said(
        "未持岗位时 source 只能是 resident,且不得附 findings、exercise。",
        "Without a post the source is resident, without findings, and no exercise.",
    )


class OutsideTheCity(Problem):
    """Nobody here answers for that place."""

    status = 422
    code = "outside_the_city"
    title = Said("不在本市范围内", "Not in this city")
    advice = Said(
        "请给出本市的区划代码,或落在本市范围内的坐标。", "Give an area code of this city, or a point inside it."
    )

    def __init__(self, pointer: str) -> None:
        super().__init__(errors=[(pointer, self.code, self.advice)])


@dataclass(frozen=True, kw_only=True, slots=True)
class Seen:
    """One finding of a post on the spot; the verb adds who saw it and when."""

    description: str
    is_major: bool
    fix_at_once: bool
    risk_object_id: UUID | None
    before_evidence: tuple[UUID, ...]
    after_evidence: tuple[UUID, ...]
    five_items: FiveItems


@dataclass(frozen=True, kw_only=True, slots=True)
class Told:
    """What somebody told: the body of a new report, already checked for its shape."""

    id: UUID | None
    source: Source
    category: str
    words: str
    area_code: str | None
    place: Place | None
    place_words: str
    photos: tuple[UUID, ...] = ()
    sectors: tuple[str, ...] = ()
    findings: tuple[Seen, ...] = ()
    exercise: bool = False

    def require_words(self) -> None:
        """Whoever brings findings decides what it is and whose, and does not guess: Unprocessable (422) otherwise."""
        errors = [
            (f"/sectors/{number}", UnknownSector.code, _one_of(SECTORS))
            for number, code in enumerate(self.sectors)
            if code not in SECTORS
        ]
        if self.category not in CATEGORIES:
            errors.append(("/category", UnknownCategory.code, _one_of(CATEGORIES)))
        if errors:
            raise Unprocessable(errors=errors)


def _one_of(codes: Iterable[str]) -> Said:
    there = ", ".join(sorted(codes))
    return Said(f"须为以下之一：{there}。", f"one of {there}")


@dataclass(frozen=True, kw_only=True, slots=True)
class Received:
    """A new report, and its tracking code: None once it has been shown."""

    report: Report
    tracking_code: str | None
    by_citizen: bool

    @property
    def id(self) -> UUID:
        """The report's id, by which a repeat of the request finds it."""
        return self.report.id


@dataclass(frozen=True, kw_only=True, slots=True)
class Tracked:
    """A report and its answers, as whoever holds the code may see them."""

    report: Report
    replies: Sequence[Reply]

    @property
    def id(self) -> UUID:
        """The report's id, by which a repeat of the request finds it; it is never shown."""
        return self.report.id


@dataclass(frozen=True, kw_only=True, slots=True)
class Triage:
    """A call-taker's decision to take a report on."""

    category: str
    area_code: str
    sectors: tuple[str, ...]
    urgent: bool
    life_at_risk: bool
