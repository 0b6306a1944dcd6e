"""From an accepted report to hazards: one that waits, or one for each finding; likely-same ones are suggested."""

from datetime import UTC, datetime, timedelta
from uuid import UUID

import pytest

from libs.common.ids import new_id
from libs.common.problems import NotFound, RoleMissing
from libs.common.statements import bound
from libs.contracts.risk_grading import HazardFixedAtOnce, HazardRegistered, HazardVerified
from libs.contracts.values import FiveItems, Point
from services.risk_grading.hazards import actions_register, listen, store
from services.risk_grading.hazards.actions_register import PartAsked
from services.risk_grading.hazards.rules import (
    Handling,
    HazardCannotMove,
    HazardIncomplete,
    HazardState,
    Place,
    Severity,
)
from services.risk_grading.hazards.rules_reminders import ReminderKind
from services.risk_grading.objects import actions as objects
from tests.risk_grading.village import (
    ADMINISTRATOR,
    DUTY_OFFICER,
    ELSEWHERE,
    GAS_INSPECTOR,
    GRID_MEMBER,
    GRID_POST,
    HEARING,
    LEADER,
    NIGHT_PATROL,
    PHOTO,
    PHOTO_AFTER,
    STAIRWELL,
    STRANGER,
    VILLAGE,
    Village,
    accepted,
    finding,
    heard,
    house,
)


async def test_a_report_becomes_a_hazard_with_the_clock_of_danger_to_life(village: Village) -> None:
    event = heard(accepted())
    await village.hear(event, listen.on_report_accepted)
    (hazard,) = await village.hazards()
    assert (hazard.state, hazard.version, hazard.report_ids) == (HazardState.REGISTERED, 1, (event.aggregate_id,))
    assert (hazard.correlation_id, hazard.area_code, hazard.sectors) == (event.correlation_id, VILLAGE, event.sectors)
    assert hazard.verify_due_at - hazard.registered_at == timedelta(hours=2)
    assert (await village.last(HazardRegistered)).verify_by_at == hazard.verify_due_at
    ordinary = await village.reported(life_at_risk=False)
    assert ordinary.verify_due_at - ordinary.registered_at == timedelta(hours=24)


async def test_two_findings_are_two_hazards_verified_by_the_post_that_stood_there(village: Village) -> None:
    known = house()
    await village.act(ADMINISTRATOR, lambda tx: objects.import_objects(tx, [known]))
    spot = finding(fix_at_once=True, description="飞线充电", after_evidence=(PHOTO_AFTER,), five_items=FiveItems())
    report = heard(accepted(findings=[spot, finding(risk_object_id=known.id)]))
    await village.hear(report, listen.on_report_accepted)
    fixed, limited = await village.hazards()
    assert await village.told("hazard") == [
        "hazard.registered", "hazard.fixed_at_once", "hazard.registered", "hazard.verified",
    ]  # fmt: skip
    assert (fixed.state, fixed.version, fixed.handling) == (HazardState.CLOSED, 2, Handling.FIX_AT_ONCE)
    assert (limited.state, limited.version, limited.severity) == (HazardState.VERIFIED, 2, Severity.ORDINARY)
    assert {fixed.correlation_id, limited.correlation_id} == {report.correlation_id}
    told = await village.last(HazardVerified)
    assert (told.verified_by, told.hazard.entity.name, told.hazard.is_major) == (GRID_POST, "房屋出租人", False)
    assert (told.hazard.five_items.limit_days, told.hazard.five_items.funds_fen) == (10, 1_200_000)
    assert told.hazard.hands == (GRID_POST,)
    assert (await village.last(HazardFixedAtOnce)).look_back_at == fixed.look_back_due_at


@pytest.mark.parametrize(
    ("seen", "state"),
    [
        (finding(five_items=FiveItems()), HazardState.REGISTERED),
        (finding(fix_at_once=True), HazardState.VERIFIED),
        (finding(fix_at_once=True, after_evidence=(PHOTO,)), HazardState.VERIFIED),
        (finding(fix_at_once=True, is_major=True), HazardState.VERIFIED),
        (finding(risk_object_id=UUID(int=99)), HazardState.VERIFIED),
    ],
    ids=["no five items", "no photo from after", "one photo twice", "major at once", "unknown object"],
)
async def test_a_finding_that_does_not_do_is_never_a_lost_hazard(
    village: Village, seen: object, state: HazardState
) -> None:
    hazard = await village.reported(findings=[seen])
    assert hazard.state is state
    assert hazard.object_id is None
    assert hazard.handling is not Handling.FIX_AT_ONCE or hazard.severity is Severity.ORDINARY


async def test_a_finding_from_the_future_was_seen_now(village: Village) -> None:
    tomorrow = datetime.now(UTC) + timedelta(days=1)
    hazard = await village.reported(findings=[finding(found_at=tomorrow)])
    assert hazard.verification is not None
    assert hazard.verification.at < tomorrow


async def test_a_likely_same_open_hazard_is_suggested_and_not_merged(village: Village) -> None:
    first = await village.reported()
    second = await village.reported(place=Point(lon=STAIRWELL.lon + 0.0004, lat=STAIRWELL.lat))
    assert (await village.last(HazardRegistered)).likely_same == (first.id,)
    assert {one.state for one in await village.hazards()} == {HazardState.REGISTERED}
    found = await village.act(GRID_MEMBER, lambda tx: actions_register.suggest_same(tx, second.id))
    assert [one.id for one in found.hazards] == [first.id]


@pytest.mark.parametrize(
    "other", [{"place": Point(lon=STAIRWELL.lon + 0.0006, lat=STAIRWELL.lat)}, {"category": "gas"}, {"place": None}],
    ids=["59 m away", "another category", "without a place"],
)  # fmt: skip
async def test_what_is_farther_or_other_is_not_suggested(village: Village, other: dict[str, object]) -> None:
    await village.reported()
    await village.reported(**other)
    assert (await village.last(HazardRegistered)).likely_same == ()


async def test_a_part_inherits_report_and_trace_and_has_a_course_of_its_own(village: Village) -> None:
    hazard = await village.reported()
    asked = PartAsked(words="楼梯间无硬隔离", category="rental_house_fire")
    part = await village.act(GRID_MEMBER, lambda tx: actions_register.part_hazard(tx, hazard.id, asked))
    assert (part.report_ids, part.correlation_id, part.place) == (
        hazard.report_ids, hazard.correlation_id, hazard.place,
    )  # fmt: skip
    assert (part.category, part.version, part.state) == ("rental_house_fire", 1, HazardState.REGISTERED)
    told = await village.last(HazardRegistered)
    assert (told.part_of, told.likely_same) == (hazard.id, ())
    assert (await village.hazard(hazard.id)).version == 1


async def test_parting_takes_a_role_in_scope_and_a_hazard_that_is_not_over(village: Village) -> None:
    hazard, other = await village.reported(), await village.reported()
    asked = PartAsked(words="楼梯间无硬隔离")
    for caller in (STRANGER, GAS_INSPECTOR):
        with pytest.raises(NotFound):
            await village.act(caller, lambda tx: actions_register.part_hazard(tx, hazard.id, asked))
    with pytest.raises(RoleMissing):
        await village.act(DUTY_OFFICER, lambda tx: actions_register.part_hazard(tx, hazard.id, asked))
    merged = "UPDATE hazards SET state = 'merged', merged_into = $1 WHERE id = $2"
    await village.superuser.execute(merged, other.id, hazard.id)
    with pytest.raises(HazardCannotMove):
        await village.act(NIGHT_PATROL, lambda tx: actions_register.part_hazard(tx, hazard.id, asked))


async def test_hazards_at_one_object_are_alike_wherever_they_were_seen(village: Village) -> None:
    known = house(id=new_id())
    await village.act(ADMINISTRATOR, lambda tx: objects.import_objects(tx, [known]))
    first = await village.reported(findings=[finding(risk_object_id=known.id)])
    second = await village.reported(findings=[finding(risk_object_id=known.id)], place=None)
    alike = await village.act(HEARING, lambda tx: actions_register.suggest_same(tx, second.id))
    assert ([one.id for one in alike.hazards], alike.truncated) == ([first.id], False)


async def test_more_neighbours_than_are_compared_are_said_to_be_there(
    village: Village, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(store, "MOST_NEAR", 2)
    hazards = [await village.reported() for _ in range(3)]
    alike = await village.act(GRID_MEMBER, lambda tx: actions_register.suggest_same(tx, hazards[-1].id))
    assert ([one.id for one in alike.hazards], alike.truncated) == ([one.id for one in hazards[:2]], True)


async def test_candidates_are_shown_to_those_who_sort_hazards_only(village: Village) -> None:
    hazard = await village.reported()
    with pytest.raises(RoleMissing) as refused:
        await village.act(LEADER, lambda tx: actions_register.suggest_same(tx, hazard.id))
    assert "duty_officer" in refused.value.extra["roles_allowed"]


async def test_a_further_danger_lies_in_the_area_of_the_first(village: Village) -> None:
    await village.shape(ELSEWHERE, lon=121.7)
    hazard = await village.reported()
    asked = PartAsked(words="另一处", place=Place(lon=121.7, lat=28.6))
    with pytest.raises(HazardIncomplete) as refused:
        await village.act(GRID_MEMBER, lambda tx: actions_register.part_hazard(tx, hazard.id, asked))
    assert refused.value.errors[0][:2] == ("/place", "other_area")


async def test_a_finding_links_no_object_of_another_county(village: Village) -> None:
    abroad = house(area_code=ELSEWHERE)
    await village.act(ADMINISTRATOR, lambda tx: objects.import_objects(tx, [abroad]))
    hazard = await village.reported(findings=[finding(risk_object_id=abroad.id)])
    assert hazard.object_id is None


async def test_the_search_around_a_place_and_the_sweeps_use_their_indexes_as_the_app(village: Village) -> None:
    filled = (
        "INSERT INTO hazards (id, version, area_code, sectors, exercise, correlation_id, created_at, updated_at,"
        " category, words, place, place_words, report_ids, state, life_at_risk, registered_at, verify_due_at,"
        " clocks_version, severity_basis, round, hands, reopenings, dismissed_reason, merged_from)"
        " SELECT gen_random_uuid(), 1, '331002004208', '{fire}', false, gen_random_uuid(), now(), now(), 'gas', 'x',"
        " jsonb_build_object('lon', 121 + n / 5000.0, 'lat', 28 + n % 97 / 100.0), '', '{}',"
        " CASE WHEN n % 10 = 0 THEN 'registered' ELSE 'archived' END, false, now(), now() + interval '1 day',"
        " '1', '', 1, '{}', '[]', '', '{}' FROM generate_series(1, 5000) n"
    )
    await village.superuser.execute(filled)
    await village.superuser.execute("ANALYZE hazards")
    hazard = await village.reported(category="gas")
    for scope in (HEARING, NIGHT_PATROL):
        async with village.database.unit_of_work(scope) as tx:
            now = datetime.now(UTC)
            for asked in (store.near(tx, hazard, 50), store.due(tx, ReminderKind.VERIFICATION_OVERDUE, now, 200)):
                sql, values = bound(asked, None)
                plan = "\n".join(row[0] for row in await tx.connection.fetch(f"EXPLAIN {sql}", *values))
                assert "Seq Scan on hazards" not in plan, plan
