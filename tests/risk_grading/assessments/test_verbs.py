"""Assessments on a real database: graded by the pack in force, kept for ever, computed again bit for bit."""

from datetime import UTC, datetime
from decimal import Decimal
from typing import Any
from uuid import UUID

import asyncpg
import pytest

from libs.common.ids import new_id
from libs.common.problems import NotFound, RoleMissing
from libs.contracts.emergency_command import Casualties, IncidentClosed, IncidentFacts
from libs.contracts.risk_grading import AssessmentMade, RiskObjectGraded
from services.risk_grading.assessments import actions, listen, store
from services.risk_grading.assessments.actions import Asked
from services.risk_grading.assessments.rules import Assessment, AssessmentWithoutCause, Course, FixUnknown, Reason
from services.risk_grading.models.rules import GradeDoesNotReproduce, InputsDoNotFitPack, NoPackInForce
from services.risk_grading.objects import actions as objects
from services.risk_grading.objects import store as object_store
from services.risk_grading.objects.rules import RiskObject
from tests.risk_grading.village import (
    ADMINISTRATOR,
    DUTY_OFFICER,
    FIRE_INSPECTOR,
    GRID_MEMBER,
    GRID_POST,
    HEARING,
    STRANGER,
    Village,
    heard,
    house,
)


async def on_the_books(village: Village, **changed: Any) -> UUID:
    known = house(**changed)
    await village.act(ADMINISTRATOR, lambda tx: objects.import_objects(tx, [known]))
    return known.id


async def assess(village: Village, known: UUID, likely: str, grave: str, **changed: Any) -> Assessment:
    inputs = {"L": Decimal(likely), "E": Decimal(6), "C": Decimal(grave)}
    asked = Asked(**({"pack": "lec", "inputs": inputs, "reason": Reason.NEW_EVIDENCE} | changed))
    return await village.act(GRID_MEMBER, lambda tx: actions.assess_object(tx, known, asked))


async def seen(village: Village, known: UUID) -> RiskObject:
    return await village.act(HEARING, lambda tx: object_store.find_object(tx, known))


def closed(known: UUID | None, **harm: int) -> IncidentClosed:
    facts = IncidentFacts(
        number="演示-3", kind="12G01", state="closed", ordinal=4, level="ordinary", clock_zero_at=_now(), place=None,
        casualties=Casualties(**harm), loss_fen=0, production_related="no", risk_object_id=known,
    )  # fmt: skip
    return IncidentClosed(incident=facts, ended_at=_now())


def _now() -> datetime:
    return datetime.now(UTC)


async def test_the_tours_house_is_red_then_orange_then_yellow(village: Village) -> None:
    known = await on_the_books(village)
    colours = []
    for likely, grave in (("6", "40"), ("1", "40"), ("1", "15")):
        made = await assess(village, known, likely, grave)
        colours.append((made.product, made.colour, made.course, (await seen(village, known)).colour))
    assert colours == [
        (Decimal(1440), "red", Course.FIRST, "red"),
        (Decimal(240), "orange", Course.LOWERED, "orange"),
        (Decimal(90), "yellow", Course.LOWERED, "yellow"),
    ]
    told = await village.last(RiskObjectGraded)
    assert (told.state.ordinal, told.pack, told.pack_version) == (3, "lec", "1")
    made_told = await village.last(AssessmentMade)
    assert (made_told.inputs, made_told.product) == ({"L": "1", "E": "6", "C": "15"}, "90")


async def test_a_grade_tells_nothing_to_command(village: Village) -> None:
    known = await on_the_books(village)
    await assess(village, known, "10", "100")
    assert await village.told() == ["risk_object.registered", "assessment.made", "risk_object.graded"]


async def test_assessing_takes_a_role_and_a_place_in_scope(village: Village) -> None:
    known = await on_the_books(village)
    asked = Asked(pack="lec", inputs={}, reason=Reason.INITIAL)
    with pytest.raises(RoleMissing):
        await village.act(DUTY_OFFICER, lambda tx: actions.assess_object(tx, known, asked))
    with pytest.raises(NotFound):
        await village.act(STRANGER, lambda tx: actions.assess_object(tx, known, asked))


async def test_what_the_pack_does_not_take_leaves_nothing_behind(village: Village) -> None:
    known = await on_the_books(village)
    with pytest.raises(InputsDoNotFitPack):
        await assess(village, known, "2", "40")
    with pytest.raises(NoPackInForce):
        await assess(village, known, "6", "40", pack="mes")
    with pytest.raises(AssessmentWithoutCause):
        await assess(village, known, "6", "40", reason=Reason.AFTER_FIX)
    with pytest.raises(FixUnknown) as refused:
        await assess(village, known, "6", "40", reason=Reason.AFTER_FIX, caused_by=new_id())
    assert refused.value.errors[0][:2] == ("/caused_by", "unknown")
    assert (await seen(village, known)).version == 1


async def test_a_recorded_grade_is_computed_again_bit_for_bit(village: Village) -> None:
    known = await on_the_books(village)
    made = await assess(village, known, "0.5", "7")
    proved = await village.act(FIRE_INSPECTOR, lambda tx: actions.recompute(tx, made.id))
    assert (proved.grade.fingerprint, proved.grade.product) == (made.fingerprint, made.product)
    assert proved.assessment.by_post == GRID_POST


@pytest.mark.parametrize(
    "tampering", ["ordinal = 4, colour = 'blue'", "inputs = '{\"L\": \"1\", \"E\": \"6\", \"C\": \"40\"}'",
                  "pack_version = '0'", "pack_digest = repeat('0', 64)", "product = 1439"],
)  # fmt: skip
async def test_a_record_that_was_tampered_with_does_not_reproduce(village: Village, tampering: str) -> None:
    known = await on_the_books(village)
    made = await assess(village, known, "6", "40")
    await village.superuser.execute(f"UPDATE assessments SET {tampering} WHERE id = $1", made.id)
    with pytest.raises(GradeDoesNotReproduce):
        await village.act(FIRE_INSPECTOR, lambda tx: actions.recompute(tx, made.id))


async def test_the_app_itself_cannot_change_an_assessment(village: Village) -> None:
    known = await on_the_books(village)
    await assess(village, known, "6", "40")
    with pytest.raises(Exception, match="permission denied") as refused:
        await village.act(HEARING, lambda tx: tx.execute(store.TABLE.update().values(ordinal=4)))
    assert isinstance(refused.value.__cause__.__cause__, asyncpg.InsufficientPrivilegeError)


async def test_an_incident_at_the_object_regrades_it_once(village: Village) -> None:
    known = await on_the_books(village)
    await assess(village, known, "1", "3")
    event = heard(closed(known, dead=1, missing=1), version=5)
    await village.hear(event, listen.on_incident_closed)
    await village.hear(event, listen.on_incident_closed)
    made = await village.act(HEARING, lambda tx: store.newest_assessment(tx, known))
    assert made is not None
    assert (made.reason, made.caused_by, made.inputs) == (
        Reason.AFTER_INCIDENT, event.aggregate_id, {"L": "3", "E": "6", "C": "40"},
    )  # fmt: skip
    assert (made.course, made.by_post, made.correlation_id) == (Course.RAISED, None, event.correlation_id)
    assert (await village.told()).count("risk_object.graded") == 2
    proved = await village.act(FIRE_INSPECTOR, lambda tx: actions.recompute(tx, made.id))
    assert proved.grade.fingerprint == made.fingerprint


async def test_drills_ended_objects_and_incidents_elsewhere_regrade_nothing(village: Village) -> None:
    known = await on_the_books(village)
    await village.hear(heard(closed(None, dead=1)), listen.on_incident_closed)
    await village.hear(heard(closed(known, dead=1), exercise=True), listen.on_incident_closed)
    await village.act(FIRE_INSPECTOR, lambda tx: objects.end_object(tx, known, 1, "已拆除"))
    await village.hear(heard(closed(known, dead=1)), listen.on_incident_closed)
    await village.hear(heard(closed(new_id(), dead=1)), listen.on_incident_closed)
    assert "assessment.made" not in await village.told()


async def test_another_county_s_incident_grades_no_object_here(village: Village) -> None:
    known = await on_the_books(village)
    await village.hear(heard(closed(known, dead=3), area_code="331003001001"), listen.on_incident_closed)
    assert "assessment.made" not in await village.told()
