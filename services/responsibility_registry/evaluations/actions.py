"""The verbs of evaluations: open, hand in, hand back, publish, withdraw."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from uuid import UUID

from libs.common.aggregates import require_version
from libs.common.calendars import load_calendar
from libs.common.clocks import DeadlinePolicy, due_at
from libs.common.db import Tx
from libs.common.ids import new_id
from libs.common.places import area_range
from libs.contracts import evaluations as told
from services.responsibility_registry.areas import actions as areas
from services.responsibility_registry.areas.rules import Level
from services.responsibility_registry.evaluations import rules, store, store_facts
from services.responsibility_registry.evaluations.actions_packs import pack_for
from services.responsibility_registry.evaluations.actions_results import Reckoned, end_of, reckon, windows_of
from services.responsibility_registry.evaluations.rules import BodyKind, Evaluation, EvaluationState, EvaluationWrong
from services.responsibility_registry.evaluations.rules_facts import FactKind
from services.responsibility_registry.evaluations.rules_packs import Pack, Span
from services.responsibility_registry.evaluations.rules_scores import Body, Result
from services.responsibility_registry.evaluations.store import Publication
from services.responsibility_registry.organizations import actions as organizations

KEEPS = ("auditor", "leader")
"""Who opens an evaluation and hands it in."""
REVIEWS = ("leader",)
"""Who reviews and publishes, and decides appeals."""


@dataclass(frozen=True, kw_only=True, slots=True)
class NewEvaluation:
    """What is to be evaluated."""

    name: str
    area_code: str
    pack_code: str
    body_kind: BodyKind
    among: str
    first_day: date
    last_day: date


async def open_evaluation(tx: Tx, new: NewEvaluation) -> Evaluation:
    """The bodies of one kind in an area, over a period; who they are is fixed now.

    Raises EvaluationWrong, PackUnknown (422), EvaluationAlreadyOpen (409).
    """
    tx.caller.require_every(*KEEPS, area_code=new.area_code, sectors=())
    rules.check_period(new.first_day, new.last_day)
    await pack_for(tx, new.pack_code, new.area_code, new.last_day)
    bodies = await bodies_among(tx, new.area_code, new.body_kind, new.among)
    evaluation = Evaluation(
        id=new_id(), version=0, area_code=new.area_code, sectors=(), exercise=False, correlation_id=new_id(),
        name=new.name, pack_code=new.pack_code, body_kind=new.body_kind, among=new.among, bodies=tuple(bodies),
        first_day=new.first_day, last_day=new.last_day, state=EvaluationState.OPEN, opened_at=tx.now,
        hands=(tx.caller.acting_post(),), hand_subjects=(tx.caller.subject,),
    )  # fmt: skip
    async with tx.system("evaluations:is there one"):
        same = await store.same_evaluation(tx, evaluation)
    if same is not None:
        raise rules.EvaluationAlreadyOpen(same)
    event = told.EvaluationOpened(evaluation=facts(evaluation), bodies=tuple(one.key for one in bodies))
    return await store.record_evaluation(tx, evaluation, event)


async def submit_evaluation(tx: Tx, evaluation_id: UUID, expected: int | None) -> Evaluation:
    """Handed in after the period is over: facts and pack are frozen as they are now. Raises PeriodNotOver (409)."""
    before = await _lock(tx, evaluation_id, expected, KEEPS)
    rules.require_open(before, "submit")
    pack = await pack_for(tx, before.pack_code, before.area_code, before.last_day)
    after = rules.submit(
        before, pack, as_of=end_of(before), now=tx.now, by_post=tx.caller.acting_post(), by_subject=tx.caller.subject
    )
    async with tx.system("evaluations:freeze"):
        await store_facts.freeze(
            tx, after.id, after.submission, area_range(after.area_code), _kinds(pack),
            windows_of(after, tx.now)[Span.PERIOD].to_at,
        )  # fmt: skip
    event = told.EvaluationSubmitted(evaluation=facts(after), pack_number=pack.number, submission=after.submission)
    return await store.record_evaluation(tx, after, event)


async def return_evaluation(tx: Tx, evaluation_id: UUID, expected: int | None, reason: str) -> Evaluation:
    """The reviewer does not agree: open again. Raises AnotherMustReview, OwnBodyEvaluated (409)."""
    before = await _lock(tx, evaluation_id, expected, REVIEWS)
    rules.require_no_own_body(before, await _own_bodies(tx, before))
    after = rules.hand_back(before, by_post=tx.caller.acting_post(), by_subject=tx.caller.subject, reason=reason)
    event = told.EvaluationReturned(evaluation=facts(after), reason=reason)
    return await store.record_evaluation(tx, after, event, why=reason)


async def publish_evaluation(tx: Tx, evaluation_id: UUID, expected: int | None) -> Evaluation:
    """What was handed in is told to everybody, by another person of another post, who was not evaluated in it.

    Raises AnotherMustReview, OwnBodyEvaluated (409).
    """
    before = await _lock(tx, evaluation_id, expected, REVIEWS)
    rules.require_no_own_body(before, await _own_bodies(tx, before))
    after = rules.publish(before, now=tx.now, by_post=tx.caller.acting_post(), by_subject=tx.caller.subject)
    shown = await publication(tx, await reckon(tx, after), after.publication)
    recorded = await store.record_evaluation(tx, after, told.EvaluationPublished(**said(after, shown)))
    await store.add_publication(tx, shown)
    return recorded


async def withdraw_evaluation(tx: Tx, evaluation_id: UUID, expected: int | None, reason: str) -> Evaluation:
    """It should not have been opened. What is published stays published."""
    after = rules.withdraw(await _lock(tx, evaluation_id, expected, KEEPS), reason)
    event = told.EvaluationWithdrawn(evaluation=facts(after), reason=reason)
    return await store.record_evaluation(tx, after, event, why=reason)


async def bodies_among(tx: Tx, area_code: str, kind: BodyKind, among: str) -> Sequence[Body]:
    """The areas of a level, or the posts of a kind, in an area as they are now; for another slice too.

    Raises EvaluationWrong (422) for a level that there is not, for nobody, and for too many.
    """
    most = rules.MOST_BODIES + 1
    if kind is BodyKind.POSTS:
        posts = await organizations.posts_of_kind(tx, among, area_code, most)
        bodies = [
            Body(key=str(one.id), zh=one.name_zh, en=one.name_en, area_code=one.area_code, post_id=one.id)
            for one in posts
        ]
    else:
        if among not in set(Level):
            said = (f"须为 {'、'.join(Level)} 之一。", f"one of {', '.join(Level)}")
            raise EvaluationWrong(("/among", "unknown_level", said))
        found = await areas.areas_within(tx, area_code, Level(among), most)
        bodies = [Body(key=one.code, zh=one.name, en=one.name, area_code=one.code) for one in found]
    rules.check_bodies(bodies)
    return bodies


async def belongs(tx: Tx, post_id: UUID, body: Body) -> bool:
    """Whether a post is the body, or lies in its area; for another slice too."""
    if body.post_id is not None:
        return post_id == body.post_id
    post = (await organizations.posts_by_id(tx, [post_id])).get(post_id)
    first, last = area_range(body.area_code)
    return post is not None and first <= post.area_code <= last


async def _own_bodies(tx: Tx, evaluation: Evaluation) -> list[Body]:
    """The bodies to which a post of the caller belongs: every one that they hold, not only the one they act for."""
    held = await organizations.posts_by_id(tx, sorted(tx.caller.posts))
    places = [area_range(one.area_code) for one in evaluation.bodies]
    return [
        body for body, (first, last) in zip(evaluation.bodies, places, strict=True)
        if any(
            post.id == body.post_id if body.post_id is not None else first <= post.area_code <= last
            for post in held.values()
        )
    ]  # fmt: skip


async def publication(
    tx: Tx, reckoned: Reckoned, number: int, *, appeal_id: UUID | None = None, why: str = ""
) -> Publication:
    """What is published now. Appeals: N days from the day after, to 24:00, moved on to a working day ([M-M])."""
    evaluation, pack = reckoned.evaluation, reckoned.pack
    allowed = DeadlinePolicy(amount=pack.appeal_days, unit="day", ends="end_of_day", roll_forward=True)
    until = due_at(tx.now, allowed, await load_calendar(tx)).at
    first, last = area_range(evaluation.area_code)
    return Publication(
        id=new_id(), evaluation_id=evaluation.id, number=number, area_code=first, area_to=last,
        correlation_id=evaluation.correlation_id, name=evaluation.name, first_day=evaluation.first_day,
        last_day=evaluation.last_day, as_of=reckoned.as_of, pack=pack, results=reckoned.results,
        published_at=tx.now, published_by=tx.caller.acting_post(), appeal_until=until, appeal_id=appeal_id, why=why,
        excluded=evaluation.excluded,
    )  # fmt: skip


def said(evaluation: Evaluation, shown: Publication) -> dict[str, object]:
    """A publication as its event carries it."""
    return {
        "evaluation": facts(evaluation), "pack_number": shown.pack.number, "publication_id": shown.id,
        "number": shown.number, "ranking": tuple(_place(one) for one in shown.results),
        "appeal_until": shown.appeal_until,
    }  # fmt: skip


def facts(evaluation: Evaluation) -> told.EvaluationFacts:
    """The evaluation as its events carry it."""
    return told.EvaluationFacts(
        name=evaluation.name, state=evaluation.state, pack=evaluation.pack_code, body_kind=evaluation.body_kind,
        among=evaluation.among, first_day=evaluation.first_day, last_day=evaluation.last_day,
    )  # fmt: skip


def _place(one: Result) -> told.RankFacts:
    return told.RankFacts(
        body=one.body.key, area_code=one.body.area_code, zh=one.body.zh, en=one.body.en, standing=one.standing,
        rank=one.rank, score=None if one.score is None else str(one.score),
        vetoes=tuple(veto.veto for veto in one.vetoes if veto.met),
    )  # fmt: skip


async def _lock(tx: Tx, evaluation_id: UUID, expected: int | None, roles: tuple[str, ...]) -> Evaluation:
    evaluation = await store.lock_evaluation(tx, evaluation_id)
    tx.caller.require(*roles, area_code=evaluation.area_code, sectors=())
    require_version(evaluation, expected)
    return evaluation


def _kinds(pack: Pack) -> list[FactKind]:
    wanted = {one.facts.kind for one in pack.indicators}
    return sorted(wanted | {one.facts.kind for veto in pack.vetoes for one in veto.any_of})
