"""Reviews: opened once, measured by the clocks, and completed only when each finding has an answer."""

from __future__ import annotations

from uuid import UUID

import pytest

from libs.common.problems import NotFound, RoleMissing
from libs.contracts.emergency_command import IncidentReviewed, ReviewCompleted
from services.emergency_command.after_action import actions
from services.emergency_command.after_action.actions import Learned
from services.emergency_command.after_action.rules import (
    FindingsUnanswered,
    FindingUnknown,
    LeadsTo,
    Review,
    ReviewAlreadyCompleted,
)
from services.emergency_command.incidents import actions as incidents
from services.emergency_command.incidents import actions_reports
from services.emergency_command.incidents.rules import ProductionNotAnswered, ProductionRelated
from tests.emergency_command.night import CALL_TAKER, COMMANDER, DUTY, Night, at, burning, elsewhere, put_clock


async def _ended(night: Night) -> UUID:
    """A fire that ended after half an hour; nobody acknowledged and nobody reported."""
    incident_id = await burning(night)
    await night.act(DUTY, lambda tx: incidents.close(tx, incident_id, None, None, ""), time="02:50:00")
    assert [await night.sweep("open_reviews") for _ in range(2)] == [1, 0]
    return incident_id


async def _review(night: Night) -> Review:
    found = await night.superuser.fetchval("SELECT id FROM reviews")
    return await night.act(DUTY, lambda tx: actions.find_review(tx, found))


async def _complete(night: Night, review: Review, who: object = COMMANDER, **said: object) -> Review:
    usual: dict[str, object] = {"explanations": {}, "lessons": [], "conclusion": "已复盘"} | said
    return await night.act(
        who,  # type: ignore[arg-type]
        lambda tx: actions.complete(tx, review.id, None, **usual),  # type: ignore[arg-type]
    )


async def _answer(night: Night, incident_id: UUID) -> None:
    await night.act(DUTY, lambda tx: incidents.answer_production(tx, incident_id, None, ProductionRelated.NO, None))


async def test_a_stage_that_was_called_back_is_no_breach_and_an_owed_report_is(night: Night) -> None:
    await _ended(night)
    review = await _review(night)
    assert [one.key for one in review.findings] == ["report:phone_report"]
    assert (review.findings[0].took_seconds, review.findings[0].late_seconds >= 319) == (None, True)


async def test_an_open_review_measures_again_when_facts_come_in_late(night: Night) -> None:
    incident_id = await _ended(night)
    put_clock(at("03:30:00"))
    assert [one.key for one in (await _review(night)).findings] == ["report:phone_report", "report:written_report"]
    for key, clock in (("phone_report", "02:40:00"), ("written_report", "03:20:00")):
        await night.act(
            CALL_TAKER,
            lambda tx, k=key, c=clock: actions_reports.report(tx, incident_id, None, key=k, told="县局", at=at(c)),
        )
    review = await _review(night)
    assert [(one.key, one.late_seconds) for one in review.findings] == [("report:written_report", 320)]


async def test_every_finding_is_explained_or_learned_from(night: Night) -> None:
    await _answer(night, await _ended(night))
    review = await _review(night)
    with pytest.raises(FindingsUnanswered):
        await _complete(night, review)
    with pytest.raises(FindingUnknown):
        await _complete(night, review, explanations={"report:other": "x"})
    key = review.findings[0].key
    lesson = Learned(words="值班室加一部电话", answers=(), leads_to=LeadsTo.ORDER)
    done = await _complete(night, review, explanations={key: "电话占线"}, lessons=[lesson])
    event = await night.last(ReviewCompleted)
    assert (done.state, event.lessons, event.drawn[0].leads_to) == ("completed", ("值班室加一部电话",), "order")
    assert (await night.last(IncidentReviewed)).incident.state == "reviewed"
    with pytest.raises(ReviewAlreadyCompleted):
        await _complete(night, review)


async def test_the_first_question_is_answered_before_the_review_is_complete(night: Night) -> None:
    await _ended(night)
    review = await _review(night)
    with pytest.raises(ProductionNotAnswered):
        await _complete(night, review, explanations={review.findings[0].key: "x"})
    assert (await _review(night)).findings[0].explanation == ""


async def test_completing_takes_the_role_and_another_county_finds_nothing(night: Night) -> None:
    await _answer(night, await _ended(night))
    review = await _review(night)
    for who, refused in ((CALL_TAKER, RoleMissing), (elsewhere("commander"), NotFound)):
        with pytest.raises(refused):
            await _complete(night, review, who, explanations={review.findings[0].key: "x"})
