"""All SQL about evaluations and what was published of them. Evaluations are read by who audits or leads alone."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime
from typing import Any
from uuid import UUID

from sqlalchemy import Select, and_, false, or_, select

from libs.common.aggregates import dump, load, lock, record, selected
from libs.common.db import Tx
from libs.common.pagination import Key
from libs.common.problems import NotFound
from libs.common.ranges import in_ranges
from libs.common.scope import Scope
from libs.contracts.event import Event
from services.responsibility_registry.evaluations.model import evaluations, publications
from services.responsibility_registry.evaluations.rules import Evaluation, EvaluationState
from services.responsibility_registry.evaluations.rules_packs import Pack
from services.responsibility_registry.evaluations.rules_scores import Result

READS = ("auditor", "leader")
"""Who reads what is not published yet."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Publication:
    """What was published, as it was; `appeal_id` and `why` of one that corrects the one before."""

    id: UUID
    evaluation_id: UUID
    number: int
    area_code: str
    area_to: str
    correlation_id: UUID
    name: str
    first_day: date
    last_day: date
    as_of: datetime
    pack: Pack
    results: tuple[Result, ...]
    published_at: datetime
    published_by: UUID
    appeal_until: datetime
    excluded: tuple[UUID, ...] = ()
    appeal_id: UUID | None = None
    why: str = ""


def reading(scope: Scope) -> Scope:
    """The scope without the grants that do not let their holder read evaluations."""
    return replace(scope, grants=tuple(grant for grant in scope.grants if grant.role in READS))


async def find_evaluation(tx: Tx, evaluation_id: UUID) -> Evaluation:
    """The evaluation, for whoever reads evaluations there; NotFound otherwise."""
    row = await tx.one_or_none(selected(evaluations, reading(tx.scope)).where(evaluations.c.id == evaluation_id))
    if row is None:
        raise NotFound("evaluations", evaluation_id)
    return load(Evaluation, row)


async def lock_evaluation(tx: Tx, evaluation_id: UUID) -> Evaluation:
    """The evaluation, locked; NotFound otherwise. The version is asked for after the role."""
    await find_evaluation(tx, evaluation_id)
    return await lock(tx, evaluations, Evaluation, evaluation_id)


async def same_evaluation(tx: Tx, like: Evaluation) -> UUID | None:
    """Another one of the same area, bodies, rules and period that was not withdrawn; under a system scope."""
    asked = selected(evaluations, tx.scope).with_only_columns(evaluations.c.id).where(
        evaluations.c.area_code == like.area_code, evaluations.c.pack_code == like.pack_code,
        evaluations.c.body_kind == like.body_kind, evaluations.c.among == like.among,
        evaluations.c.first_day == like.first_day, evaluations.c.last_day == like.last_day,
        evaluations.c.state != EvaluationState.WITHDRAWN,
    )  # fmt: skip
    found: UUID | None = await tx.scalar(asked.limit(1))
    return found


async def record_evaluation(tx: Tx, evaluation: Evaluation, event: Event, *, why: str = "") -> Evaluation:
    """Write the evaluation's next version with its event."""
    pack = evaluation.pack
    version = "" if pack is None else f"{pack.code}-{pack.number}"
    return await record(tx, evaluations, evaluation, event, why=why, policy_version=version)


def list_evaluations(
    tx: Tx, *, state: EvaluationState | None, pack_code: str | None, areas: Sequence[tuple[str, str]] | None
) -> Select[Any]:
    """Evaluations that the caller reads, filtered; the door pages through them."""
    asked = selected(evaluations, reading(tx.scope))
    for column, value in ((evaluations.c.state, state), (evaluations.c.pack_code, pack_code)):
        if value is not None:
            asked = asked.where(column == value)
    return asked if areas is None else asked.where(in_ranges(evaluations, areas))


async def add_publication(tx: Tx, publication: Publication) -> Publication:
    """Keep what is published; it is never changed."""
    await tx.execute(publications.insert().values(dump(publications, publication)))
    return publication


def told_to(scope: Scope) -> Select[Any]:
    """Publications about an area that one of the caller's grants lies over, in, or around."""
    asked = select(publications)
    if scope.system is not None:
        return asked
    near = (
        and_(publications.c.area_code <= grant.area_to, publications.c.area_to >= grant.area_from)
        for grant in scope.grants
    )
    return asked.where(or_(false(), *near))


async def find_publication(tx: Tx, publication_id: UUID) -> Publication:
    """One publication; NotFound for whoever has nothing to do with its area."""
    row = await tx.one_or_none(told_to(tx.scope).where(publications.c.id == publication_id))
    if row is None:
        raise NotFound("evaluation_publications", publication_id)
    return load(Publication, row)


def list_publications(tx: Tx, *, evaluation_id: UUID | None, areas: Sequence[tuple[str, str]] | None) -> Select[Any]:
    """Publications, filtered; the door pages through them."""
    asked = told_to(tx.scope)
    if evaluation_id is not None:
        asked = asked.where(publications.c.evaluation_id == evaluation_id)
    return asked if areas is None else asked.where(in_ranges(publications, areas))


ORDER: Sequence[Key] = ((evaluations.c.opened_at, "desc"), (evaluations.c.id, "desc"))
PUBLICATION_ORDER: Sequence[Key] = ((publications.c.published_at, "desc"), (publications.c.id, "desc"))
