"""What the responsibility registry tells of evaluations: packs, periods, rankings, appeals."""

from __future__ import annotations

from datetime import date, datetime
from uuid import UUID

from libs.contracts.event import SHARED, Event
from libs.contracts.values import FileId, Value


class WeightFacts(Value):
    """What one indicator weighs."""

    indicator: str
    weight: int


class PackAdopted(Event, type="responsibility_registry.evaluation_pack.adopted.v1", sensitivity=SHARED):
    """Rules of an evaluation hold from a day on; open periods are counted by them, published ones never."""

    code: str
    number: int
    valid_from: date
    weights: tuple[WeightFacts, ...]
    vetoes: tuple[str, ...]
    source: str


class EvaluationFacts(Value):
    """The whole of an evaluation that others need; `among` is the level of the areas or the kind of the posts."""

    name: str
    state: str
    pack: str
    body_kind: str
    among: str
    first_day: date
    last_day: date


class EvaluationOpened(Event, type="responsibility_registry.evaluation.opened.v1", sensitivity=SHARED):
    """A period of bodies is evaluated; its figures are counted from facts."""

    evaluation: EvaluationFacts
    bodies: tuple[str, ...]


class EvaluationSubmitted(Event, type="responsibility_registry.evaluation.submitted.v1"):
    """Handed in for review: facts and rules are frozen."""

    evaluation: EvaluationFacts
    pack_number: int
    submission: int


class EvaluationReturned(Event, type="responsibility_registry.evaluation.returned.v1"):
    """The reviewer handed it back: open again, and counted anew."""

    evaluation: EvaluationFacts
    reason: str


class EvaluationWithdrawn(Event, type="responsibility_registry.evaluation.withdrawn.v1", sensitivity=SHARED):
    """It should not have been opened."""

    evaluation: EvaluationFacts
    reason: str


class RankFacts(Value):
    """One body's place: ranked, void by a veto and so last, or with too few facts for a rank."""

    body: str
    area_code: str
    zh: str
    en: str
    standing: str
    rank: int | None
    score: str | None
    vetoes: tuple[str, ...]


class EvaluationPublished(Event, type="responsibility_registry.evaluation.published.v1", sensitivity=SHARED):
    """The ranking as another person reviewed it; it is never changed."""

    evaluation: EvaluationFacts
    pack_number: int
    publication_id: UUID
    number: int
    ranking: tuple[RankFacts, ...]
    appeal_until: datetime


class EvaluationCorrected(
    EvaluationPublished, type="responsibility_registry.evaluation.corrected.v1", sensitivity=SHARED
):
    """An appeal was upheld: the next publication, beside the one before, without what was counted wrongly."""

    appeal_id: UUID
    excluded: tuple[UUID, ...]
    why: str


class AppealLodged(Event, type="responsibility_registry.appeal.lodged.v1", sensitivity=SHARED):
    """A ranked body says what is wrong with a publication."""

    evaluation_id: UUID
    publication_id: UUID
    number: int
    body: str
    evidence: tuple[FileId, ...] = ()


class AppealDecided(Event, type="responsibility_registry.appeal.decided.v1", sensitivity=SHARED):
    """A post without a hand in it decided; upheld, a correction follows."""

    evaluation_id: UUID
    publication_id: UUID
    body: str
    upheld: bool
    excluded: tuple[UUID, ...]
    decided_by: UUID
    words: str
