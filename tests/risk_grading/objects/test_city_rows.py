"""Every object of the demonstration city fits its type as the import takes it: its rows are the door's own shape."""

from dataclasses import asdict

from infra.city.data_files import read_city
from infra.city.generate import generate
from services.risk_grading.objects import rules
from services.risk_grading.objects.forms import ObjectRowIn
from services.risk_grading.objects.policies import TYPES
from services.risk_grading.objects.rules import EntityKind


def test_every_drawn_object_is_a_row_that_the_import_takes() -> None:
    objects = generate(read_city("taizhou")).objects
    taken = [ObjectRowIn.model_validate(asdict(row)).risk_object() for row in objects]
    assert all(rules.check(one, TYPES) is one for one in taken)
    assert {one.responsible_entity.kind for one in taken} == {EntityKind.PERSON, EntityKind.FIRM}
