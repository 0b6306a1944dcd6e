"""The verbs of appeals: lodge one against a publication, decide it; upheld, the next publication follows at once."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from uuid import UUID

from libs.common.aggregates import require_version
from libs.common.db import Tx
from libs.common.ids import new_id
from libs.common.pagination import Page, Paging
from libs.contracts import evaluations as told
from services.responsibility_registry.evaluations import rules, rules_appeals, store, store_appeals, store_counting
from services.responsibility_registry.evaluations.actions import REVIEWS, belongs, publication, said
from services.responsibility_registry.evaluations.actions_results import (
    body_of,
    facts_behind,
    pack_of,
    reckon,
    windows_of,
)
from services.responsibility_registry.evaluations.rules import Evaluation
from services.responsibility_registry.evaluations.rules_appeals import Appeal, AppealState
from services.responsibility_registry.evaluations.rules_facts import Fact
from services.responsibility_registry.evaluations.store import READS


async def lodge_appeal(tx: Tx, publication_id: UUID, body_key: str, words: str, evidence: tuple[UUID, ...]) -> Appeal:
    """A ranked body appeals, through a leader's post of its own, within the days of the publication.

    Raises NotAnEvaluatedBody, RoleMissing (403), AppealTooLate, AppealAlreadyLodged (409).
    """
    against = await store.find_publication(tx, publication_id)
    body = next((one.body for one in against.results if one.body.key == body_key), None)
    own = tx.caller.acting_post()
    if body is None or not await belongs(tx, own, body):
        raise rules_appeals.NotAnEvaluatedBody
    if body.post_id is None:
        tx.caller.require("leader", area_code=body.area_code, sectors=())
    rules_appeals.require_in_time(against.appeal_until, tx.now)
    async with tx.system("evaluations:is there an appeal"):
        known = await store_appeals.appeal_of(tx, against.id, body_key)
    if known is not None:
        raise rules_appeals.AppealAlreadyLodged(known)
    appeal = Appeal(
        id=new_id(), version=0, area_code=body.area_code, sectors=(), exercise=False,
        correlation_id=against.correlation_id, evaluation_id=against.evaluation_id, publication_id=against.id,
        number=against.number, body_key=body_key, words=words, evidence=evidence, state=AppealState.LODGED,
        lodged_at=tx.now, lodged_by=own, lodged_subject=tx.caller.subject,
    )  # fmt: skip
    event = told.AppealLodged(
        evaluation_id=appeal.evaluation_id, publication_id=appeal.publication_id, number=appeal.number,
        body=body_key, evidence=evidence,
    )  # fmt: skip
    return await store_appeals.record_appeal(tx, appeal, event, why=words)


async def decide_appeal(
    tx: Tx, appeal_id: UUID, expected: int | None, *, upheld: bool, exclude: tuple[UUID, ...], words: str
) -> Appeal:
    """Decided for the whole evaluated area by a post without a hand in it and of another body than the one that
    appeals; upheld, published once more without the facts that were counted wrongly for this body.

    Raises AppealAlreadyDecided, AnotherMustDecide (409), ExclusionWrong (422).
    """
    appeal = await store_appeals.lock_appeal(tx, appeal_id)
    async with tx.system("evaluations:what is appealed"):
        # Locked whatever is decided: two decisions at once would each publish the same number.
        evaluation = await store.lock_evaluation(tx, appeal.evaluation_id)
    tx.caller.require(*REVIEWS, area_code=evaluation.area_code, sectors=())
    require_version(appeal, expected)
    own = tx.caller.acting_post()
    decided = rules_appeals.decide(appeal, upheld=upheld, excluded=exclude, words=words, now=tx.now, by_post=own)
    rules_appeals.require_uninvolved(
        appeal, by_post=own, by_subject=tx.caller.subject, posts=evaluation.hands, subjects=evaluation.hand_subjects
    )
    if await belongs(tx, own, body_of(evaluation, appeal.body_key)):
        raise rules_appeals.AnotherMustDecide
    if upheld:
        await _require_counted(tx, evaluation, appeal, exclude)
    event = told.AppealDecided(
        evaluation_id=appeal.evaluation_id, publication_id=appeal.publication_id, body=appeal.body_key, upheld=upheld,
        excluded=decided.excluded, decided_by=own, words=words,
    )  # fmt: skip
    recorded = await store_appeals.record_appeal(tx, decided, event, why=words)
    if upheld:
        await _correct(tx, evaluation, decided, words)
    return recorded


async def published_facts(
    tx: Tx, publication_id: UUID, body_key: str, named: str, *, above: bool, asked: Paging
) -> Page[Fact]:
    """The facts behind a published number, for the body itself and for who audits or leads it.

    They are those of this publication: what a later correction took out is still among them. Raises RoleMissing.
    """
    shown = await store.find_publication(tx, publication_id)
    async with tx.system("evaluations:published facts"):
        evaluation = await store.find_evaluation(tx, shown.evaluation_id)
    body = body_of(evaluation, body_key)
    if body.post_id is None or body.post_id not in tx.caller.posts:
        tx.caller.require(*READS, area_code=body.area_code, sectors=())
    as_it_was = replace(evaluation, excluded=shown.excluded)
    return await facts_behind(tx, as_it_was, body_key, named, above=above, asked=asked)


async def _correct(tx: Tx, evaluation: Evaluation, appeal: Appeal, why: str) -> None:
    after = rules.correct(evaluation, appeal.excluded)
    shown = await publication(tx, await reckon(tx, after), after.publication, appeal_id=appeal.id, why=why)
    event = told.EvaluationCorrected(
        **said(after, shown),
        appeal_id=appeal.id,
        excluded=appeal.excluded,
        why=why,
    )
    await store.record_evaluation(tx, after, event, why=why)
    await store.add_publication(tx, shown)


async def _require_counted(tx: Tx, evaluation: Evaluation, appeal: Appeal, ids: Sequence[UUID]) -> None:
    """Raises ExclusionWrong for facts that count nothing for the body that appeals."""
    pack = await pack_of(tx, evaluation)
    body, windows = body_of(evaluation, appeal.body_key), windows_of(evaluation, tx.now)
    async with tx.system("evaluations:what is counted"):
        source = store_counting.source_of(evaluation)
        known = await store_counting.counted_ids(tx, source, body, pack, windows, ids)
    said = ("该事实未计入此对象。", "this fact does not count for that body")
    wrong = [(f"/exclude/{number}", "not_counted", said) for number, one in enumerate(ids) if one not in known]
    if wrong:
        raise rules_appeals.ExclusionWrong(*wrong)
