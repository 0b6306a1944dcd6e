"""Looking into a case or a measure is a row: they speak of people who may be held to account."""

from __future__ import annotations

from uuid import UUID

from libs.common.db import Tx
from libs.common.sensitive_reads import Sensitive, note_read
from services.responsibility_registry.accountability import store
from services.responsibility_registry.accountability.actions_measures import measure_of_case
from services.responsibility_registry.accountability.rules import Case
from services.responsibility_registry.accountability.rules_measures import Measure

CASE = Sensitive(
    noun="accountability_case", why="says who may be held to account", source="个人信息保护法 Art 51; 公务员法 Art 57"
)
MEASURE = Sensitive(
    noun="measure", why="proposes what befalls a person or a body", source="个人信息保护法 Art 51; 公务员法 Art 57"
)
SENSITIVE = (CASE, MEASURE)


async def look_into_case(tx: Tx, case_id: UUID) -> Case:
    """The case within the scope, and the row of the look; NotFound otherwise."""
    case = await store.find_case(tx, case_id)
    await note_read(tx, case, CASE)
    return case


async def look_into_measure(tx: Tx, case_id: UUID, measure_id: UUID) -> Measure:
    """The measure, if it is this case's, and the row of the look; NotFound otherwise."""
    measure = await measure_of_case(tx, case_id, measure_id)
    await note_read(tx, measure, MEASURE)
    return measure
