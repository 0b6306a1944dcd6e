"""Risk objects: what fits a type, that no person is named, and which colour an object carries."""

import json
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pydantic import TypeAdapter

from services.risk_grading.objects import rules
from services.risk_grading.objects.rules import Colour, EntityKind, ObjectState, ResponsibleEntity, RiskObject

FILE = Path(rules.__file__).with_name("types") / "object-types-1.json"
DATA: dict[str, Any] = json.loads(FILE.read_text("utf-8"))
TYPES = TypeAdapter(rules.ObjectTypes).validate_python(DATA)
MONDAY = datetime(2026, 10, 12, 12, 50, tzinfo=UTC)
LANDLORD = ResponsibleEntity(name="房屋出租人", kind=EntityKind.PERSON)
HOUSE = RiskObject(
    id=UUID(int=21),
    version=0,
    area_code="331002004208",
    sectors=("fire", "housing"),
    exercise=False,
    correlation_id=UUID(int=8),
    type="rental_house",
    name="后高桥村出租房(演示)",
    address="椒江区洪家街道后高桥村(演示门牌)",
    place=rules.Place(lon=121.405, lat=28.615),
    responsible_entity=LANDLORD,
    attributes={"floors": 4, "tenants": 12, "stairs": 1, "hard_separation": False},
)


def graded(known: RiskObject, colour: Colour = Colour.RED, at: datetime = MONDAY) -> RiskObject:
    return rules.take_grade(
        known, assessment_id=UUID(int=31), ordinal=1, colour=colour, scale="risk_control", graded_at=at
    )


ENDED = rules.end(HOUSE, reason="已拆除", now=MONDAY)


def test_the_tour_house_fits_its_type_and_reaches_the_band_of_ten_tenants() -> None:
    assert rules.check(HOUSE, TYPES) is HOUSE
    assert rules.size_bands(HOUSE, TYPES) == ("ten_tenants_or_more",)
    assert rules.size_bands(replace(HOUSE, attributes={"tenants": 9}), TYPES) == ()


def test_an_object_has_no_colour_before_its_first_assessment() -> None:
    assert (HOUSE.colour, HOUSE.ordinal, HOUSE.graded_at) == (None, None, None)


@pytest.mark.parametrize(
    ("attributes", "at", "code"),
    [
        ({"floors": 4}, "tenants", "required"),
        ({"floors": "4", "tenants": 1}, "floors", "does_not_fit"),
        ({"floors": 4.5, "tenants": 1}, "floors", "does_not_fit"),
        ({"floors": True, "tenants": 1}, "floors", "does_not_fit"),
        ({"floors": 0, "tenants": 1}, "floors", "does_not_fit"),
        ({"floors": 151, "tenants": 1}, "floors", "does_not_fit"),
        ({"floors": 4, "tenants": 1, "hard_separation": 0}, "hard_separation", "does_not_fit"),
        ({"floors": 4, "tenants": 1, "ebike_charging_place": "roof"}, "ebike_charging_place", "does_not_fit"),
        ({"floors": 4, "tenants": 1, "ebike_charging_place": []}, "ebike_charging_place", "does_not_fit"),
        ({"floors": 4, "tenants": 1, "owner_phone": "1"}, "owner_phone", "unknown_attribute"),
    ],
)
def test_only_what_the_type_knows_is_taken(attributes: dict[str, Any], at: str, code: str) -> None:
    with pytest.raises(rules.RiskObjectInvalid) as refused:
        rules.check(replace(HOUSE, attributes=attributes), TYPES)
    assert [(p, c) for p, c, _ in refused.value.errors] == [(f"/attributes/{at}", code)]
    assert refused.value.status == 422


@pytest.mark.parametrize("depth", [14, 14.5, 0, 200])
def test_a_number_may_have_a_fraction(depth: float) -> None:
    site = replace(HOUSE, type="construction_site", attributes={"deepest_pit_m": depth})
    assert rules.check(site, TYPES).attributes["deepest_pit_m"] == depth


@pytest.mark.parametrize("depth", [float("nan"), float("inf"), 10**400])
def test_a_number_is_finite_and_within_its_span(depth: float) -> None:
    with pytest.raises(rules.RiskObjectInvalid):
        rules.check(replace(HOUSE, type="construction_site", attributes={"deepest_pit_m": depth}), TYPES)


@pytest.mark.parametrize("detectors", [2, [{"source_id": "D1", "zone": "Z1"}]])
def test_detectors_are_counted_or_listed_and_a_group_is_a_record(detectors: object) -> None:
    attributes = {"detectors": detectors, "linked_group": {"code": "G1", "buildings": []}}
    assert rules.check(replace(HOUSE, type="workshop", attributes=attributes), TYPES).attributes == attributes


def test_an_unknown_type_and_a_missing_name_are_both_said() -> None:
    with pytest.raises(rules.RiskObjectInvalid) as refused:
        rules.check(replace(HOUSE, type="castle", name=" "), TYPES)
    assert [c for _, c, _ in refused.value.errors] == ["unknown_type", "required"]


@pytest.mark.parametrize(
    ("entity", "code"),
    [
        (ResponsibleEntity(name="王某某", kind=EntityKind.PERSON), "person_named"),
        (ResponsibleEntity(name="", kind=EntityKind.PERSON), "person_named"),
        (ResponsibleEntity(name="房东", kind=EntityKind.PERSON, code="331002198001010000"), "person_identified"),
        (ResponsibleEntity(name="", kind=EntityKind.FIRM), "required"),
        (ResponsibleEntity(name="宏达鞋材有限公司", kind=EntityKind.FIRM, code="123"), "not_a_credit_code"),
        (ResponsibleEntity(name="某局", kind=EntityKind.GOVERNMENT, code="I1331002MA00000000"), "not_a_credit_code"),
    ],
)  # fmt: skip
def test_no_person_is_named_and_codes_look_like_credit_codes(entity: ResponsibleEntity, code: str) -> None:
    with pytest.raises(rules.RiskObjectInvalid) as refused:
        rules.check(replace(HOUSE, responsible_entity=entity), TYPES)
    assert [c for _, c, _ in refused.value.errors] == [code]


@pytest.mark.parametrize("word", ["房东", "landlord", "船长"])
def test_a_person_is_said_by_role_in_either_language(word: str) -> None:
    entity = ResponsibleEntity(name=word, kind=EntityKind.PERSON)
    assert rules.check(replace(HOUSE, responsible_entity=entity), TYPES).responsible_entity == entity


def test_a_firm_may_have_a_credit_code() -> None:
    firm = ResponsibleEntity(name="大板桥鞋材有限公司", kind=EntityKind.FIRM, code="91331002MA2AK00000")
    assert rules.check(replace(HOUSE, responsible_entity=firm), TYPES).responsible_entity == firm


def test_a_correction_keeps_type_area_and_grade() -> None:
    red = graded(HOUSE)
    entered = replace(HOUSE, type="castle", area_code="331003000000", name="后高桥村12号出租房(演示)")
    corrected = rules.correct(red, entered, TYPES)
    assert corrected.name == "后高桥村12号出租房(演示)"
    assert (corrected.type, corrected.area_code, corrected.colour) == ("rental_house", "331002004208", "red")


def test_the_newest_assessment_decides_the_colour() -> None:
    red = graded(HOUSE)
    assert (red.colour, red.ordinal, red.graded_at) == (Colour.RED, 1, MONDAY)
    assert graded(red, Colour.ORANGE, MONDAY).colour is Colour.ORANGE
    with pytest.raises(rules.GradeOlderThanCurrent) as refused:
        graded(red, Colour.BLUE, MONDAY - timedelta(seconds=1))
    assert refused.value.state == "in_use"


@pytest.mark.parametrize(
    "verb",
    [graded, lambda o: rules.correct(o, HOUSE, TYPES), lambda o: rules.end(o, reason="再拆", now=MONDAY)],
)
def test_an_ended_object_takes_no_verb(verb: Any) -> None:
    assert rules.open_moves(HOUSE) == ("correct", "grade", "end")
    assert ENDED.state is ObjectState.ENDED
    with pytest.raises(rules.RiskObjectEnded) as refused:
        verb(ENDED)
    assert (refused.value.status, refused.value.state, refused.value.open_moves) == (409, "ended", ())


def test_an_object_ends_with_a_reason_only() -> None:
    with pytest.raises(rules.RiskObjectInvalid):
        rules.end(HOUSE, reason=" ", now=MONDAY)


def test_the_shipped_types_lose_nothing_when_read_and_use_known_kinds() -> None:
    assert TypeAdapter(rules.ObjectTypes).dump_python(TYPES, mode="json") == DATA
    assert len({each.type for each in TYPES.types}) == len(TYPES.types)
    for each in TYPES.types:
        codes = [rule.code for rule in each.attributes]
        assert len(set(codes)) == len(codes)
        assert all(band.attribute in codes for band in each.size_bands)
        for rule in each.attributes:
            assert {*rule.kinds} <= {"integer", "number", "flag", "text", "choice", "list", "record"}
            assert bool(rule.choices) == ("choice" in rule.kinds)


json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=8),
    lambda inner: st.lists(inner, max_size=2) | st.dictionaries(st.text(max_size=4), inner, max_size=2),
    max_leaves=4,
)


@given(
    st.sampled_from([each.type for each in TYPES.types]),
    st.dictionaries(st.sampled_from(["floors", "tenants", "detectors", "x"]), json_values),
)
@settings(deadline=None)
def test_any_attributes_are_taken_or_refused_with_pointers(type_: str, attributes: dict[str, Any]) -> None:
    entered = replace(HOUSE, type=type_, attributes=attributes)
    pointers = []
    try:
        rules.size_bands(rules.check(entered, TYPES), TYPES)
    except rules.RiskObjectInvalid as refused:
        pointers = [pointer for pointer, _, _ in refused.errors]
    assert all(pointer.startswith("/attributes/") for pointer in pointers)
