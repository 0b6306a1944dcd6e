"""Rule packs: the LEC vectors and counts, the edge switch, exactness, and what a pack must be."""

import json
from collections import Counter
from dataclasses import replace
from datetime import date
from decimal import Decimal, localcontext
from itertools import product
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pydantic import TypeAdapter, ValidationError

from services.risk_grading.models import rules
from services.risk_grading.models.rules import Boundary, Colour, Pack

FILE = Path(rules.__file__).with_name("packs") / "lec-1.json"
DATA: dict[str, Any] = json.loads(FILE.read_text("utf-8"))
LEC = TypeAdapter(Pack).validate_python(DATA)
LEC_GE = replace(LEC, boundary=Boundary.GE)
TRIPLES = list(product(*([v.value for v in factor.values] for factor in LEC.factors)))
FINGERPRINT_OF_3_6_15 = "2e4e59f95d4e89a0b55717a18117be1d1cd7c28390d6b825a8df4b60d0de30bc"
EDGES = {
    ("10", "2", "1"), ("1", "0.5", "40"), ("0.5", "1", "40"), ("0.2", "1", "100"), ("0.1", "2", "100"),
    ("10", "1", "7"), ("1", "10", "7"),
}  # fmt: skip


def lec(likelihood: str, exposure: str, consequence: str) -> dict[str, Decimal]:
    return {"L": Decimal(likelihood), "E": Decimal(exposure), "C": Decimal(consequence)}


def altered(**changes: object) -> dict[str, Any]:
    return DATA | changes


@pytest.mark.parametrize(
    ("inputs", "figure", "band"),
    [
        (("3", "6", "15"), "270", "B"),
        (("6", "6", "40"), "1440", "A"),
        (("1", "6", "7"), "42", "D"),
        (("0.5", "3", "3"), "4.5", "E"),
        (("10", "1", "7"), "70", "D"),
    ],
)
def test_the_domain_vectors_hold(inputs: tuple[str, str, str], figure: str, band: str) -> None:
    graded = rules.grade(LEC, lec(*inputs))
    assert (graded.product, graded.band) == (Decimal(figure), band)


@pytest.mark.parametrize(
    ("inputs", "figure", "ordinal", "colour"),
    [
        (("6", "6", "40"), "1440", 1, Colour.RED),
        (("1", "6", "40"), "240", 2, Colour.ORANGE),
        (("1", "6", "15"), "90", 3, Colour.YELLOW),
    ],
)
def test_the_tour_house_goes_from_red_over_orange_to_yellow(
    inputs: tuple[str, str, str], figure: str, ordinal: int, colour: Colour
) -> None:
    graded = rules.grade(LEC, lec(*inputs))
    assert graded.product == Decimal(figure)
    assert (graded.ordinal, graded.colour, graded.scale) == (ordinal, colour, "risk_control")


def test_the_edge_switch_raises_a_product_of_seventy_by_one_class() -> None:
    assert rules.grade(LEC, lec("10", "1", "7")).band == "D"
    assert rules.grade(LEC_GE, lec("10", "1", "7")).band == "C"


@pytest.mark.parametrize(
    ("pack", "counts"),
    [
        (LEC, {"A": 40, "B": 21, "C": 28, "D": 47, "E": 116}),
        (LEC_GE, {"A": 40, "B": 21, "C": 30, "D": 50, "E": 111}),
    ],
)
def test_all_252_triples_fall_as_counted(pack: Pack, counts: dict[str, int]) -> None:
    assert len(TRIPLES) == 252
    graded = (rules.grade(pack, dict(zip("LEC", triple, strict=True))) for triple in TRIPLES)
    assert Counter(each.band for each in graded) == counts


def test_the_edge_switch_changes_exactly_the_seven_edge_triples() -> None:
    changed = set()
    for triple in TRIPLES:
        inputs = dict(zip("LEC", triple, strict=True))
        if rules.grade(LEC, inputs).band != rules.grade(LEC_GE, inputs).band:
            changed.add(tuple(rules.plain(figure) for figure in triple))
    assert changed == EDGES


def test_a_product_stays_exact_even_where_the_thread_rounds() -> None:
    with localcontext() as rounding:
        rounding.prec = 1
        assert rules.grade(LEC, lec("3", "6", "15")).product == Decimal(270)


@pytest.mark.parametrize(
    ("inputs", "pointer", "code"),
    [
        (lec("4", "6", "15"), "/inputs/L", "not_in_table"),
        (lec("0", "6", "15"), "/inputs/L", "not_in_table"),
        (lec("NaN", "6", "15"), "/inputs/L", "not_in_table"),
        (lec("sNaN", "6", "15"), "/inputs/L", "not_in_table"),
        (lec("-3", "6", "15"), "/inputs/L", "not_in_table"),
        ({"L": Decimal(3), "E": Decimal(6)}, "/inputs/C", "required"),
        (lec("3", "6", "15") | {"S": Decimal(1)}, "/inputs/S", "unknown_factor"),
    ],
)
def test_only_figures_of_the_tables_are_taken(inputs: dict[str, Decimal], pointer: str, code: str) -> None:
    with pytest.raises(rules.InputsDoNotFitPack) as refused:
        rules.grade(LEC, inputs)
    assert [(p, c) for p, c, _ in refused.value.errors] == [(pointer, code)]
    assert refused.value.status == 422


def test_every_fault_of_the_inputs_is_named_at_once() -> None:
    with pytest.raises(rules.InputsDoNotFitPack) as refused:
        rules.grade(LEC, {"L": Decimal(4), "X": Decimal(1)})
    assert len(refused.value.errors) == 4


def test_the_same_inputs_written_otherwise_are_the_same_grade() -> None:
    assert rules.grade(LEC, lec("0.50", "3.0", "3")) == rules.grade(LEC, lec("0.5", "3", "3"))


@given(st.sampled_from(TRIPLES), st.sampled_from([LEC, LEC_GE]))
@settings(deadline=None)
def test_every_grade_is_reproduced_bit_for_bit_after_storage(triple: tuple[Decimal, ...], pack: Pack) -> None:
    graded = rules.grade(pack, dict(zip("LEC", triple, strict=True)))
    stored = TypeAdapter(rules.Grade)
    back = stored.validate_json(stored.dump_json(graded))
    assert rules.recompute(pack, back) == graded == back


def test_a_changed_record_or_a_changed_pack_does_not_reproduce() -> None:
    graded = rules.grade(LEC, lec("3", "6", "15"))
    for tampered in (replace(graded, band="C"), replace(graded, product=Decimal(271))):
        with pytest.raises(rules.GradeDoesNotReproduce):
            rules.recompute(LEC, tampered)
    with pytest.raises(rules.GradeDoesNotReproduce):
        rules.recompute(LEC_GE, graded)


def test_a_fingerprint_tells_inputs_version_and_content_apart() -> None:
    packs = (LEC, LEC_GE, replace(LEC, version="2"))
    prints = {rules.grade(pack, lec("3", "6", "15")).fingerprint for pack in packs}
    prints.add(rules.grade(LEC, lec("6", "3", "15")).fingerprint)
    assert len(prints) == 4


def test_a_version_that_ends_and_a_corrected_label_leave_its_grades_reproducible() -> None:
    graded = rules.grade(LEC, lec("3", "6", "15"))
    ended = replace(LEC, valid_to=date(2027, 1, 1), title={"zh": "LEC", "en": "LEC"})
    assert rules.recompute(ended, graded) == graded


def test_the_fingerprint_of_a_known_grade_never_changes() -> None:
    """Recorded grades must be found again by later code: whoever changes the canonical form sees it here."""
    graded = rules.grade(LEC, lec("3", "6", "15"))
    assert graded.fingerprint == FINGERPRINT_OF_3_6_15


def test_the_version_in_force_is_found_by_day_and_the_end_day_is_out() -> None:
    old = replace(LEC, valid_to=date(2026, 7, 1))
    new = replace(LEC, version="2", valid_from=date(2026, 7, 1))
    assert rules.pack_in_force([new, old], "lec", date(2026, 6, 30)).version == "1"
    assert rules.pack_in_force([new, old], "lec", date(2026, 7, 1)).version == "2"
    with pytest.raises(rules.NoPackInForce):
        rules.pack_in_force([new, old], "lec", date(2015, 12, 31))
    with pytest.raises(rules.NoPackInForce):
        rules.pack_in_force([new, old], "mes", date(2026, 7, 1))


def _bands(**changes: object) -> list[dict[str, Any]]:
    bands: list[dict[str, Any]] = json.loads(json.dumps(DATA["bands"]))
    bands[1] |= changes
    return bands


@pytest.mark.parametrize(
    ("changes", "fault"),
    [
        ({"bands": _bands(lower="21")}, "hole or overlap"),
        ({"bands": _bands(lower="19")}, "hole or overlap"),
        ({"bands": DATA["bands"][1:]}, "hole or overlap"),
        ({"bands": []}, "hole or overlap"),
        ({"bands": DATA["bands"][::-1]}, "hole or overlap"),
        ({"bands": _bands(colour="red")}, "colour and ordinal"),
        ({"bands": _bands(colour="red", ordinal=1)}, "lesser class"),
        ({"bands": _bands(code="E")}, "one code"),
        ({"factors": []}, "factor's table"),
        ({"factors": [DATA["factors"][0], DATA["factors"][0]]}, "one code"),
        ({"factors": [DATA["factors"][0] | {"source": "somebody said"}]}, "source"),
        ({"sources": {}}, "source"),
        ({"valid_to": "2015-01-01"}, "ends before"),
        ({"kind": "oracle"}, "factor_product"),
    ],
)
def test_a_pack_with_a_fault_is_refused_and_the_fault_named(changes: dict[str, Any], fault: str) -> None:
    with pytest.raises(ValidationError, match=fault):
        TypeAdapter(Pack).validate_python(altered(**changes))


def test_the_shipped_pack_says_where_each_part_comes_from_and_loses_nothing_when_read() -> None:
    assert rules.pack_faults(LEC) == ()
    assert TypeAdapter(Pack).dump_python(LEC, mode="json") == DATA
    assert set(DATA["sources"]) == {"bands", "boundary", "colours", "scale"}


def test_a_grade_offers_no_moves() -> None:
    assert rules.open_moves(rules.grade(LEC, lec("3", "6", "15"))) == ()


@given(st.decimals(min_value="0.01", max_value="100000", allow_nan=False), st.sampled_from([LEC, LEC_GE]))
@settings(deadline=None)
def test_every_product_falls_into_exactly_one_band(figure: Decimal, pack: Pack) -> None:
    band = rules.band_of(pack, figure)
    inclusive_below = pack.boundary is Boundary.GE
    assert band.lower is None or figure > band.lower or (inclusive_below and figure == band.lower)
    assert band.upper is None or figure < band.upper or (not inclusive_below and figure == band.upper)
