"""Incidents: opened by hand, graded by their harm, reported upwards in time, and ended by decision."""

from __future__ import annotations

from datetime import timedelta
from uuid import UUID

import pytest

from libs.common.ids import new_id
from libs.common.problems import NotFound, RoleMissing, StaleVersion
from libs.contracts import emergency_command as told
from services.emergency_command.dispatch.rules_scene import NobodyIsFree
from services.emergency_command.incidents import actions, actions_reports
from services.emergency_command.incidents.actions_open import Opening
from services.emergency_command.incidents.actions_view import IncidentView
from services.emergency_command.incidents.rules import (
    Casualties,
    FiguresImpossible,
    Incident,
    IncidentAlreadyEnded,
    IncidentMoveRefused,
    ProductionNotAnswered,
    ProductionRelated,
)
from services.emergency_command.incidents.rules_kinds import KindUnknown
from services.emergency_command.incidents.rules_reports import ReportNotOwed
from services.emergency_command.incidents.rules_unit import UnitLearnedAlready
from services.emergency_command.resources.rules import TeamAlreadyClaimed
from tests.emergency_command.night import (
    BRIGADE,
    BUREAU,
    CALL_TAKER,
    CITY_COMMAND,
    COMMANDER,
    DUTY,
    IOT,
    KEYS,
    MICRO,
    VILLAGE,
    WORKSHOP,
    Night,
    at,
    burning,
    call,
    elsewhere,
    put_clock,
)

HAZMAT = KEYS.team("hazmat_team", "331082113000")
YES, NO = ProductionRelated.YES, ProductionRelated.NO


def opening(kind: str = "12G01", **changes: object) -> Opening:
    """An incident that somebody opens by hand."""
    said: dict[str, object] = {
        "area_code": VILLAGE, "exercise": False, "correlation_id": new_id(), "kind": kind, "lon": WORKSHOP[0],
        "lat": WORKSHOP[1], "place_words": "大板桥村", "occurred_at": at("02:10:00"), "clock_zero_at": at("02:14:40"),
    } | changes  # fmt: skip
    return Opening(**said)  # type: ignore[arg-type]


async def _harm(night: Night, incident_id: UUID, loss_fen: int = 0, **people: int) -> Incident:
    return await night.act(
        COMMANDER, lambda tx: actions.tell_harm(tx, incident_id, None, Casualties(**people), loss_fen)
    )


async def _reports(night: Night, incident_id: UUID) -> dict[str, str]:
    return {line.clock.key: line.state for line in (await night.view(incident_id)).reports}


async def test_a_duty_officer_opens_one_by_hand_and_teams_are_sent(night: Night) -> None:
    opened = await night.act(DUTY, lambda tx: actions.open_by_hand(tx, opening()), time="02:14:40")
    view = await night.view(opened.id)
    assert (opened.code, view.signs, len(view.teams)) == ("331002-20261203-001", (), 4)
    assert (await night.last(told.IncidentOpened)).alarm_id is None
    second = await night.act(DUTY, lambda tx: actions.open_by_hand(tx, opening()))
    assert second.code == "331002-20261203-002"


@pytest.mark.parametrize("who", [CALL_TAKER, IOT, MICRO, elsewhere("commander")])
async def test_opening_one_takes_a_commander_or_a_duty_officer_of_the_place(night: Night, who: object) -> None:
    with pytest.raises(RoleMissing):
        await night.act(who, lambda tx: actions.open_by_hand(tx, opening()))  # type: ignore[arg-type]


async def test_an_unknown_kind_opens_nothing(night: Night) -> None:
    with pytest.raises(KindUnknown):
        await night.act(DUTY, lambda tx: actions.open_by_hand(tx, opening("12Q99")))


async def test_three_dead_make_it_larger_and_send_what_that_needs(night: Night) -> None:
    incident_id = await burning(night)
    after = await _harm(night, incident_id, dead=2, missing=1)
    event = await night.last(told.IncidentRegraded)
    assert (after.level_ordinal, event.before_ordinal, event.incident.level) == (3, 4, "larger")
    assert event.decided_by == ("deaths",)
    view = await night.view(incident_id)
    served = [line.capability for line in view.teams]
    assert (served.count("fire"), served.count("rescue"), served.count("medical")) == (6, 1, 2)
    assert [row.after_ordinal for row in view.regrades] == [3]


async def test_the_level_falls_again_and_teams_are_not_called_back(night: Night) -> None:
    incident_id = await burning(night)
    await _harm(night, incident_id, dead=3)
    many = len((await night.view(incident_id)).teams)
    assert (await _harm(night, incident_id, dead=1)).level_ordinal == 4
    view = await night.view(incident_id)
    assert (len(view.teams), len(view.regrades)) == (many, 2)


async def test_harm_known_after_the_window_is_kept_and_the_level_stands(night: Night) -> None:
    incident_id = await burning(night)
    put_clock(at("00:00:01", "2026-12-11"))
    late = await _harm(night, incident_id, dead=3)
    assert (late.level_ordinal, late.casualties.dead) == (4, 3)
    assert not (await night.last(told.IncidentRegraded)).in_window


async def test_impossible_figures_and_old_versions_are_refused(night: Night) -> None:
    incident_id = await burning(night)
    with pytest.raises(FiguresImpossible):
        await _harm(night, incident_id, dead=-1)
    with pytest.raises(StaleVersion):
        await night.act(DUTY, lambda tx: actions.tell_harm(tx, incident_id, 9, Casualties(), 0))


async def test_the_answer_to_the_first_question_chooses_the_law_and_the_clocks(night: Night) -> None:
    incident_id = await burning(night)
    assert (await night.view(incident_id)).incident.grade_policy == "grade_fire-1"
    yes = await night.act(DUTY, lambda tx: actions.answer_production(tx, incident_id, None, YES, at("02:14:40")))
    assert (yes.grade_policy, "unit_to_county" in await _reports(night, incident_id)) == ("grade_production-1", True)
    with pytest.raises(ProductionNotAnswered):
        await night.act(DUTY, lambda tx: actions.answer_production(tx, incident_id, None, YES, None))
    no = await night.act(DUTY, lambda tx: actions.answer_production(tx, incident_id, None, NO, None))
    reports = await _reports(night, incident_id)
    assert (no.grade_policy, reports["unit_to_county"], reports["investigation"]) == ("grade_fire-1", "void", "void")
    with pytest.raises(ReportNotOwed):
        await _made(night, incident_id, "unit_to_county")
    again = await night.act(DUTY, lambda tx: actions.answer_production(tx, incident_id, None, YES, None))
    assert (again.production_related, (await _reports(night, incident_id))["unit_to_county"]) == (YES, "owed")


async def test_when_the_unit_learned_is_said_once(night: Night) -> None:
    incident_id = await burning(night)
    await night.act(DUTY, lambda tx: actions.learn_of_unit(tx, incident_id, None, None), time="02:25:00")
    assert "unit_to_county" in await _reports(night, incident_id)
    with pytest.raises(UnitLearnedAlready):
        await night.act(DUTY, lambda tx: actions.learn_of_unit(tx, incident_id, None, None))


async def _made(night: Night, incident_id: UUID, key: str, who: object = DUTY) -> Incident:
    return await night.act(
        who,  # type: ignore[arg-type]
        lambda tx: actions_reports.report(tx, incident_id, None, key=key, told="值班室", at=None),
    )


async def test_a_late_report_is_taken_and_says_by_how_much(night: Night) -> None:
    incident_id = await burning(night)
    put_clock(at("02:50:01"))
    await night.act(
        CALL_TAKER,
        lambda tx: actions_reports.report(
            tx, incident_id, None, key="phone_report", told="值班室", at=at("02:50:00")
        ),
    )
    event = await night.last(told.SituationReported)
    assert (event.clock, event.told, event.seconds_late) == ("phone_report", "值班室", 320)
    with pytest.raises(ReportNotOwed):
        await _made(night, incident_id, "phone_report")
    with pytest.raises(NotFound):
        await _made(night, incident_id, "city_to_province")
    for who in (MICRO, BRIGADE, IOT):
        with pytest.raises(RoleMissing):
            await _made(night, incident_id, "written_report", who)


async def test_a_larger_accident_goes_up_to_the_province(night: Night) -> None:
    incident_id = await burning(night)
    await night.act(DUTY, lambda tx: actions.answer_production(tx, incident_id, None, YES, None))
    await night.act(DUTY, lambda tx: actions.learn_of_unit(tx, incident_id, None, None))
    await _harm(night, incident_id, dead=3)
    for key in ("unit_to_county", "county_to_city"):
        await _made(night, incident_id, key, BUREAU)
    assert (await _reports(night, incident_id))["city_to_province"] == "owed"


async def test_a_late_report_is_told_of_once_and_the_version_stands(night: Night) -> None:
    incident_id = await burning(night)
    version = (await night.view(incident_id)).version
    put_clock(at("02:44:50"))
    moved = [await night.sweep("chase_late_reports") for _ in range(2)]
    event = await night.last(told.SituationReportLate)
    assert (moved, event.clock, event.incident_id) == ([1, 0], "phone_report", incident_id)
    assert (await night.view(incident_id)).version == version


async def test_one_more_team_by_capability_or_by_name(night: Night) -> None:
    incident_id = await burning(night)
    sent = await night.act(
        COMMANDER, lambda tx: actions.send_more(tx, incident_id, team_id=None, capability="rescue", teams=1)
    )
    assert [one.dispatch.capability for one in sent] == ["rescue"]
    named = await night.act(
        CITY_COMMAND, lambda tx: actions.send_more(tx, incident_id, team_id=HAZMAT, capability="", teams=1)
    )
    assert [one.dispatch.team_kind for one in named] == ["hazmat_team"]
    with pytest.raises(TeamAlreadyClaimed):
        await night.act(
            CITY_COMMAND, lambda tx: actions.send_more(tx, incident_id, team_id=HAZMAT, capability="", teams=1)
        )
    with pytest.raises(NobodyIsFree):
        await night.act(DUTY, lambda tx: actions.send_more(tx, incident_id, team_id=None, capability="none", teams=1))
    with pytest.raises(RoleMissing):
        await night.act(
            MICRO, lambda tx: actions.send_more(tx, incident_id, team_id=None, capability="fire", teams=1)
        )


async def test_under_control_out_of_control_and_the_end(night: Night) -> None:
    incident_id = await burning(night)
    assert (await _move(night, "control", incident_id, "03:00:00")).state == "controlled"
    with pytest.raises(IncidentMoveRefused):
        await _move(night, "control", incident_id)
    assert (await _move(night, "flare_up", incident_id, "03:05:00")).controlled_at is None
    ended = await night.act(DUTY, lambda tx: actions.close(tx, incident_id, None, at("03:10:00"), "火已扑灭"),
                            time="03:12:00")  # fmt: skip
    assert (ended.state, ended.ended_at) == ("ended", at("03:10:00"))
    for verb in ("control", "flare_up"):
        with pytest.raises(IncidentAlreadyEnded):
            await _move(night, verb, incident_id)
    with pytest.raises(IncidentAlreadyEnded):
        await night.act(DUTY, lambda tx: actions.send_more(tx, incident_id, team_id=None, capability="fire", teams=1))
    assert {line.state for line in (await night.view(incident_id)).teams} == {"stood_down"}


async def _move(night: Night, verb: str, incident_id: UUID, clock: str | None = None) -> Incident:
    return await night.act(DUTY, lambda tx: getattr(actions, verb)(tx, incident_id, None, None), time=clock)


async def test_harm_after_the_end_regrades_and_sends_nobody(night: Night) -> None:
    incident_id = await burning(night)
    await night.act(DUTY, lambda tx: actions.close(tx, incident_id, None, None, ""))
    after = await _harm(night, incident_id, dead=3)
    view: IncidentView = await night.view(incident_id)
    assert (after.level_ordinal, view.leaders, {line.state for line in view.teams}) == (3, (), {"stood_down"})


async def test_verbs_take_the_role_and_another_county_finds_nothing(night: Night) -> None:
    incident_id = await burning(night)
    for who, refused in ((CALL_TAKER, RoleMissing), (BRIGADE, RoleMissing), (elsewhere("commander"), NotFound)):
        for verb in ("control", "learn_of_unit"):
            with pytest.raises(refused):
                await night.act(who, lambda tx, v=verb: getattr(actions, v)(tx, incident_id, None, None))
        with pytest.raises(refused):
            await night.act(who, lambda tx: actions.close(tx, incident_id, None, None, ""))


async def test_a_long_fire_without_signs_is_another_one_after_its_window(night: Night) -> None:
    incident_id = await burning(night)
    put_clock(at("02:14:40") + timedelta(minutes=31))
    later = await night.raised(BRIGADE, call())
    assert later.incident_id not in (None, incident_id)
