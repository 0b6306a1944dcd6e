"""A quarter is counted from facts, handed in, reviewed by others, published, appealed against and corrected."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from decimal import Decimal
from uuid import UUID

import pytest
from sqlalchemy import text

from libs.common.ids import new_id
from libs.common.pagination import Paging
from libs.common.problems import NotFound, RoleMissing, StaleVersion
from libs.common.scope import Scope
from libs.contracts import responsibility_registry as registry
from libs.contracts import risk_grading as hazards
from services.responsibility_registry.evaluations import (
    actions,
    actions_appeals,
    actions_facts,
    actions_packs,
    actions_results,
    rules,
    rules_appeals,
    rules_packs,
    store,
    store_appeals,
)
from services.responsibility_registry.evaluations.rules import BodyKind, Evaluation, EvaluationState
from services.responsibility_registry.evaluations.rules_appeals import Appeal, AppealState
from services.responsibility_registry.evaluations.rules_scores import Figure, Result, Standing
from services.responsibility_registry.evaluations.store import Publication
from tests.cluster import FreshDatabase
from tests.responsibility_registry.evaluations.scene import (
    AFTER,
    BEGAN,
    COUNTY,
    HERE,
    OTHER_VILLAGE,
    THERE,
    VILLAGE,
    Scene,
    at,
    order,
    scene,
)
from tests.responsibility_registry.stage import administrator, hazard

DUE = BEGAN + timedelta(days=10)


def figure(found: Result, indicator: str) -> Figure:
    return next(one for one in found.figures if one.indicator == indicator)


async def a_quarter(there: Scene) -> tuple[UUID, UUID]:
    """Here: one order in time and one late; there: one in time and a fire. Returns the late order and the fire."""
    await there.order(closed=DUE)
    late = await there.order(closed=DUE + timedelta(seconds=1))
    await there.order(area=OTHER_VILLAGE, closed=DUE)
    return late, await there.fire(area=OTHER_VILLAGE)


async def publications(there: Scene, by: Scope) -> list[Publication]:
    async with there.town.database.unit_of_work(by) as tx:
        rows = await tx.all(store.list_publications(tx, evaluation_id=None, areas=None))
        return [await store.find_publication(tx, row["id"]) for row in sorted(rows, key=lambda row: row["number"])]


async def test_figures_are_counted_from_what_was_heard_and_drilled_down_to_it(fresh_database: FreshDatabase) -> None:
    async with scene(fresh_database) as there:
        await there.adopt()
        evaluation = await there.open()
        late, _ = await a_quarter(there)
        await there.hazard(at_once=True)
        await there.hazard()
        await there.report(seconds=3600)
        await there.report(seconds=90_000)
        at(AFTER)
        found = await there.results(evaluation)
        here = found[HERE]
        assert [(figure(here, one).numerator, figure(here, one).denominator) for one in (
            "rectification_rate", "on_time_rate", "overdue_rate", "reply_timeliness", "escalations",
        )] == [(1, 2), (1, 2), (0, 0), (1, 2), (0, None)]  # fmt: skip
        assert figure(here, "overdue_rate").value is None
        assert figure(here, "on_time_rate").value == Decimal("0.5000")
        assert (here.standing, here.rank, here.sample) == (Standing.RANKED, 1, 6)
        assert (found[THERE].standing, found[THERE].rank, found[THERE].score) == (Standing.VOID, 2, None)
        assert "1/1" in next(one for one in found[THERE].vetoes if one.met).why_zh
        async with there.town.database.unit_of_work(there.acting("reviewer")) as tx:
            for above, pages in ((False, 2), (True, 1)):
                asked, seen = Paging(limit=1), set[UUID]()
                for _ in range(pages):
                    shown = await actions_results.facts_behind(
                        tx, evaluation, HERE, "on_time_rate", above=above, asked=asked
                    )
                    seen |= {one.id for one in shown.items}
                    asked = Paging(limit=1, cursor=shown.next)
                assert (asked.cursor, len(seen), late in seen) == (None, pages, not above)
            with pytest.raises(NotFound):
                await actions_results.facts_behind(tx, evaluation, HERE, "nothing", above=True, asked=Paging())


async def test_reopened_withdrawn_dismissed_unassigned_and_escalated_count_as_they_are(
    fresh_database: FreshDatabase,
) -> None:
    async with scene(fresh_database) as there:
        evaluation = await there.open()
        back, gone = await there.hazard(at_once=True), await there.hazard()
        reopened = hazards.HazardReopened(hazard=hazard(), reason="again", cause="look_back")
        await there.hear(reopened, back, area=VILLAGE)
        await there.hear(hazards.HazardDismissed(hazard=hazard(), reason="none"), gone, area=VILLAGE)
        order_id, facts = new_id(), order(DUE)
        await there.hear(registry.OrderUnassigned(order=facts, gap="nobody"), order_id, area=VILLAGE)
        escalated = registry.OrderEscalated(
            order=facts, step="supervision", act="supervision_notice", is_proposal=False, decided_by_posts=(),
            addressed_posts=(), overdue_seconds=0, source="test",
        )  # fmt: skip
        await there.hear(escalated, order_id, area=VILLAGE)
        withdrawn = await there.order()
        await there.hear(registry.OrderWithdrawn(order=facts, reason="?"), withdrawn, area=VILLAGE)
        at(AFTER)
        here = (await there.results(evaluation))[HERE]
        found = {one.indicator: (one.numerator, one.denominator) for one in here.figures}
        assert found["recurrence_rate"] == (1, 1)
        assert found["rectification_rate"] == (0, 1)
        assert (found["duty_gaps"], found["escalations"]) == ((1, None), (1, None))
        assert found["on_time_rate"] == (0, 1)


async def test_a_vacancy_lasts_until_the_post_is_held_again(fresh_database: FreshDatabase) -> None:
    async with scene(fresh_database) as there:
        post_id = new_id()
        state = registry.PostState(
            code="p", name_zh="岗", name_en="p", kind="k", tier="village", area_code=VILLAGE, sectors=(),
            organization="o", vacant=False, substitute_post_id=None,
        )  # fmt: skip
        vacant = state.model_copy(update={"vacant": True})
        for event in (
            registry.PostRegistered(state=state), registry.PostChanged(state=vacant),
            registry.PostChanged(state=vacant), registry.PostChanged(state=state),
        ):  # fmt: skip
            await there.hear(event, post_id, area=VILLAGE)
        async with there.town.database.unit_of_work(Scope.of_system("test")) as tx:
            rows = await tx.all(text("SELECT done_at FROM evaluation_facts WHERE kind = 'vacancy'"))
        assert [row["done_at"] is not None for row in rows] == [True]


async def test_a_changed_rule_counts_open_periods_anew_and_never_a_published_one(
    fresh_database: FreshDatabase,
) -> None:
    async with scene(fresh_database) as there:
        await there.adopt()
        evaluation = await there.open()
        for late in (0, 1, 1):
            await there.order(closed=DUE + timedelta(seconds=late))
        published = await there.publish(await there.submit(evaluation))
        before = (await publications(there, there.acting("secretary")))[0]
        assert (published.state, published.publication) == (EvaluationState.PUBLISHED, 1)
        lenient = tuple(
            replace(one, none_at=0, target=9500) for one in before.pack.indicators if one.id == "on_time_rate"
        )
        await there.order(area=VILLAGE, closed=DUE)
        again = await there.open(among="county")
        at(AFTER)
        was = (await there.results(again))[COUNTY]
        newer = await there.adopt(indicators=lenient)
        now = (await there.results(again))[COUNTY]
        assert (newer.number, was.score == now.score) == (2, False)
        after = (await publications(there, there.acting("secretary")))[0]
        assert after == before
        assert (await there.results(published))[HERE] == next(one for one in before.results if one.body.key == HERE)
        assert before.pack.number == 1


async def test_others_review_what_was_handed_in_and_only_after_the_period(fresh_database: FreshDatabase) -> None:
    async with scene(fresh_database) as there:
        evaluation = await there.open()
        with pytest.raises(rules.EvaluationAlreadyOpen):
            await there.open(there.acting("reviewer"))
        async with there.town.database.unit_of_work(there.acting("committee")) as tx:
            with pytest.raises(rules.PeriodNotOver):
                await actions.submit_evaluation(tx, evaluation.id, None)
        submitted = await there.submit(evaluation)
        for by in (there.acting("committee"), there.acting("reviewer", subject="committee")):
            async with there.town.database.unit_of_work(by) as tx:
                with pytest.raises(rules.AnotherMustReview):
                    await actions.publish_evaluation(tx, evaluation.id, None)
        async with there.town.database.unit_of_work(there.acting("reviewer")) as tx:
            with pytest.raises(StaleVersion):
                await actions.publish_evaluation(tx, evaluation.id, submitted.version - 1)
            back = await actions.return_evaluation(tx, evaluation.id, submitted.version, "等级未定")
        assert (back.state, back.pack) == (EvaluationState.OPEN, None)
        again = await there.submit(back)
        assert (again.submission, (await there.publish(again)).state) == (2, EvaluationState.PUBLISHED)


async def test_nobody_reviews_how_their_own_body_was_evaluated(fresh_database: FreshDatabase) -> None:
    async with scene(fresh_database) as there:
        submitted = await there.submit(await there.open())
        # A leader of the county who holds a post of one of its townships besides, whichever they act for.
        both = frozenset({there.town.posts["reviewer"], there.town.posts["deputy"]})
        for acting in both:
            by = replace(there.acting("reviewer"), posts=both, post_id=acting)
            async with there.town.database.unit_of_work(by) as tx:
                with pytest.raises(rules.OwnBodyEvaluated):
                    await actions.publish_evaluation(tx, submitted.id, None)
                with pytest.raises(rules.OwnBodyEvaluated):
                    await actions.return_evaluation(tx, submitted.id, None, "名次有误")
        assert (await there.publish(submitted)).state is EvaluationState.PUBLISHED


async def test_what_is_not_published_is_seen_by_who_audits_or_leads_the_whole_and_by_nobody_else(
    fresh_database: FreshDatabase,
) -> None:
    async with scene(fresh_database) as there:
        evaluation = await there.open()
        for by in (there.acting("secretary"), there.acting("reviewer", role="inspector")):
            async with there.town.database.unit_of_work(by) as tx:
                with pytest.raises(NotFound):
                    await store.find_evaluation(tx, evaluation.id)
                with pytest.raises(RoleMissing):
                    await actions.open_evaluation(tx, new_evaluation(evaluation))
        for by, seen in ((there.acting("secretary"), 0), (there.acting("reviewer"), 1)):
            async with there.town.database.unit_of_work(by) as tx:
                assert await tx.scalar(text("SELECT count(*) FROM evaluations")) == seen
                assert await tx.scalar(text("SELECT count(*) FROM evaluation_facts")) == 0
        async with there.town.database.unit_of_work(there.acting("committee", role="auditor")) as tx:
            with pytest.raises(RoleMissing):
                await actions.publish_evaluation(tx, evaluation.id, None)


def new_evaluation(like: Evaluation) -> actions.NewEvaluation:
    return actions.NewEvaluation(
        name="?", area_code=like.area_code, pack_code=like.pack_code, body_kind=like.body_kind, among=like.among,
        first_day=like.first_day, last_day=like.last_day,
    )  # fmt: skip


@pytest.mark.parametrize(
    ("changes", "refusal"),
    [
        ({"among": "street"}, rules.EvaluationWrong),
        ({"among": "city"}, rules.EvaluationWrong),
        ({"last_day": BEGAN.date().replace(year=2029)}, rules.EvaluationWrong),
        ({"pack_code": "unheard_of"}, rules_packs.PackUnknown),
    ],
)
async def test_what_cannot_be_evaluated_is_refused(
    fresh_database: FreshDatabase, changes: dict[str, object], refusal: type[Exception]
) -> None:
    async with scene(fresh_database) as there:
        with pytest.raises(refusal):
            await there.open(**changes)


async def test_posts_are_evaluated_by_what_they_have(fresh_database: FreshDatabase) -> None:
    async with scene(fresh_database) as there:
        await there.adopt(minimum_sample=1)
        evaluation = await there.open(body_kind=BodyKind.POSTS, among="grid_post")
        post = there.town.posts["grid_post"]
        facts = order(DUE, assigned_post=post)
        await there.hear(registry.OrderIssued(order=facts, issued_at=BEGAN), new_id(), area=VILLAGE)
        at(AFTER)
        found = (await there.results(evaluation))[str(post)]
        assert (figure(found, "on_time_rate").denominator, found.standing) == (1, Standing.RANKED)


async def lodge(there: Scene, published: Publication, kind: str = "secretary", body: str = HERE) -> Appeal:
    async with there.town.database.unit_of_work(there.acting(kind)) as tx:
        return await actions_appeals.lodge_appeal(tx, published.id, body, "不在本街道", ())


async def decide(there: Scene, appeal: Appeal, by: Scope, *, exclude: tuple[UUID, ...]) -> Appeal:
    async with there.town.database.unit_of_work(by) as tx:
        return await actions_appeals.decide_appeal(
            tx, appeal.id, None, upheld=bool(exclude), exclude=exclude, words="属实"
        )


async def test_an_appeal_that_is_upheld_leads_to_the_next_publication_beside_the_one_before(
    fresh_database: FreshDatabase,
) -> None:
    async with scene(fresh_database) as there:
        await there.adopt()
        late, fire = await a_quarter(there)
        await there.publish(await there.submit(await there.open()))
        (first,) = await publications(there, there.acting("secretary"))
        with pytest.raises(rules_appeals.NotAnEvaluatedBody):
            await lodge(there, first, "neighbour")
        with pytest.raises(rules_appeals.NotAnEvaluatedBody):
            await lodge(there, first, body="331002009000")
        appeal, colleague = await lodge(there, first), there.town.posts["deputy"]
        with pytest.raises(rules_appeals.AppealAlreadyLodged):
            await lodge(there, first)
        for kind in ("committee", "reviewer"):
            with pytest.raises(rules_appeals.AnotherMustDecide):
                await decide(there, appeal, there.acting(kind), exclude=(late,))
        with pytest.raises(RoleMissing):
            await decide(there, appeal, there.acting("secretary"), exclude=(late,))
        # Another leader's post of the body that appeals, whatever its holder may do in the county besides.
        of_the_county = replace(there.acting("decider"), posts=frozenset({colleague}), post_id=colleague)
        with pytest.raises(rules_appeals.AnotherMustDecide):
            await decide(there, appeal, of_the_county, exclude=(late,))
        with pytest.raises(rules_appeals.ExclusionWrong):
            await decide(there, appeal, there.acting("decider"), exclude=(fire,))
        decided = await decide(there, appeal, there.acting("decider"), exclude=(late,))
        assert (decided.state, decided.excluded) == (AppealState.UPHELD, (late,))
        with pytest.raises(rules_appeals.AppealAlreadyDecided):
            await decide(there, appeal, there.acting("decider"), exclude=())
        before, second = await publications(there, there.acting("neighbour"))
        assert before == first
        assert (second.number, second.appeal_id, second.excluded) == (2, appeal.id, (late,))
        shares = [
            figure(next(one for one in shown.results if one.body.key == HERE), "on_time_rate").denominator
            for shown in (first, second)
        ]
        assert shares == [2, 1]
        async with there.town.database.unit_of_work(there.acting("secretary")) as tx:
            for shown, many in ((first, 2), (second, 1)):
                behind = await actions_appeals.published_facts(
                    tx, shown.id, HERE, "on_time_rate", above=False, asked=Paging()
                )
                assert len(behind.items) == many
            with pytest.raises(RoleMissing):
                await actions_appeals.published_facts(
                    tx, first.id, THERE, "on_time_rate", above=False, asked=Paging()
                )


async def test_an_appeal_comes_in_time_and_is_seen_where_it_was_made(fresh_database: FreshDatabase) -> None:
    async with scene(fresh_database) as there:
        await there.publish(await there.submit(await there.open()))
        (shown,) = await publications(there, there.acting("secretary"))
        assert shown.appeal_until - AFTER > timedelta(days=7)
        appeal = await lodge(there, shown)
        async with there.town.database.unit_of_work(there.acting("neighbour")) as tx:
            with pytest.raises(NotFound):
                await store_appeals.find_appeal(tx, appeal.id)
        dismissed = await decide(there, appeal, there.acting("decider"), exclude=())
        assert dismissed.state is AppealState.DISMISSED
        assert len(await publications(there, there.acting("secretary"))) == 1
        at(shown.appeal_until + timedelta(seconds=1))
        with pytest.raises(rules_appeals.AppealTooLate):
            await lodge(there, shown, "neighbour", THERE)


async def test_a_publication_is_told_to_everybody_around_and_to_nobody_elsewhere(
    fresh_database: FreshDatabase,
) -> None:
    async with scene(fresh_database) as there:
        await there.publish(await there.submit(await there.open()))
        grid = there.town.acting("grid_post", "grid_member", VILLAGE)
        grid = replace(grid, grants=tuple(replace(one, area_to=VILLAGE) for one in grid.grants))
        assert len(await publications(there, grid)) == 1
        far = replace(grid, grants=tuple(
            replace(one, area_from="331003000000", area_to="331003999999") for one in grid.grants
        ))  # fmt: skip
        assert await publications(there, far) == []


async def test_a_pack_is_adopted_by_who_administers_the_area_and_keeps_its_history(
    fresh_database: FreshDatabase,
) -> None:
    async with scene(fresh_database) as there:
        first = await there.adopt()
        heavier = tuple(replace(one, weight=one.weight * 2) for one in first.indicators)
        assert (first.number, (await there.adopt(indicators=heavier)).number) == (1, 2)
        async with there.town.database.unit_of_work(there.acting("committee")) as tx:
            changes = await actions_packs.weights_of(tx, "area_safety", COUNTY)
            assert [one.weight for one in changes if one.indicator == "on_time_rate"] == [30, 30, 60]
            with pytest.raises(NotFound):
                await actions_packs.weights_of(tx, "unheard_of", COUNTY)
            with pytest.raises(RoleMissing):
                await actions_packs.adopt_pack(tx, first)
        async with there.town.database.unit_of_work(administrator()) as tx:
            with pytest.raises(rules_packs.PackWrong):
                await actions_packs.adopt_pack(tx, replace(first, area_code="339900000000"))


async def test_the_days_since_the_last_serious_incident_are_counted_and_unknown_is_null(
    fresh_database: FreshDatabase,
) -> None:
    async with scene(fresh_database) as there:
        async with there.town.database.unit_of_work(there.acting("secretary")) as tx:
            nothing = await actions_facts.days_since_major(tx, COUNTY, 2)
            assert (nothing.days, nothing.known_since) == (None, None)
            with pytest.raises(NotFound):
                await actions_facts.days_since_major(tx, "339900000000", 2)
        await there.fire(ordinal=2)
        await there.fire(ordinal=4, at=BEGAN + timedelta(days=3))
        at(BEGAN + timedelta(days=30))
        async with there.town.database.unit_of_work(there.acting("secretary")) as tx:
            for worst, days in ((2, 30), (4, 27), (1, None)):
                assert (await actions_facts.days_since_major(tx, COUNTY, worst)).days == days
