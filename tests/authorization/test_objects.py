"""OWASP API1 and API3: another's ids in every parameter of every path, and fields that nobody may set."""

from __future__ import annotations

import pytest

from tests.authorization.callers import BESIDE, BY_SUBJECT, PARENT
from tests.authorization.conftest import Planted
from tests.authorization.operations import Operation, example_of, operations, sent_with
from tests.authorization.table import kept, outcome_in

OPERATIONS = tuple(operations())
NAMING = tuple(one for one in OPERATIONS if one.needs_token and one.prefixes)
WRITING = tuple(one for one in OPERATIONS if one.needs_token and one.method in ("POST", "PATCH", "PUT"))
NOBODY_SETS = (
    "version", "state", "correlation_id", "owner", "created_at", "updated_at", "changed_in", "role", "grants",
    "posts", "subject_id", "closed_at", "actions", "level", "overdue", "__proto__",
)  # fmt: skip
"""What the product decides by itself; a form that has a field of such a name of its own is left out for it."""
KNOWN_TO_ALL = frozenset({
    "/v1/areas/", "/v1/posts/", "/v1/rule-packs/", "/v1/calendar-years/", "/v1/duties/", "/v1/imports/templates/",
    "/v1/post-roles/", "/v1/grids/", "/v1/organizations/", "/v1/bodies/", "/v1/evaluation-packs/",
    "/v1/credit-packs/", "/v1/duty-items/", "/v1/duty-ledger/", "/v1/chain-templates/", "/v1/chain-assignments/",
    "/v1/firm-records/", "/v1/post-records/",
})  # fmt: skip
"""Reference data, which has no county that it is hidden from: places and their grids, organisations, the bodies and
duties that a document publishes, the catalogue of duties and the ledger that follows from both, the templates of
chains and who is in which link, and the rules by which is counted. A record of a firm or a post hides nothing either:
it holds for each reader what they see at its parts. What a body says in its meetings is not."""
_TABLE = kept()


@pytest.mark.parametrize("operation", NAMING, ids=lambda one: one.name)
def test_no_role_of_another_county_reaches_a_thing_by_its_id(operation: Operation) -> None:
    """For every role, as the table has it: 404, and never 403, which would say that it is there."""
    if operation.prefixes[0] in KNOWN_TO_ALL:
        return
    reached = {
        role: said
        for role in {subject.partition(",")[0] for subject in BY_SUBJECT if BESIDE in subject}
        if (said := outcome_in(_TABLE[operation.name], BESIDE, role)) != "not there"
    }
    assert reached == {}


@pytest.mark.parametrize("operation", WRITING, ids=lambda one: one.name)
async def test_a_field_that_nobody_may_set_is_refused_with_its_pointer(
    planted: Planted, operation: Operation
) -> None:
    house = planted.house
    shown = example_of(house, operation)
    if not isinstance(shown, dict):
        return
    known = {*house.fields_of(operation.service, operation.method, operation.path)}
    smuggled = {name: "x" for name in NOBODY_SETS if name not in known}
    sent = sent_with(house, operation, planted.ids)
    sent["json"] = sent["json"] | smuggled
    path = operation.at(planted.ids)
    answer = await house.ask(operation.service, operation.method, path, f"administrator, {PARENT}", **sent)
    assert (answer.status_code, answer.json()["code"]) == (422, "invalid_body"), answer.text
    assert {one["pointer"] for one in answer.json()["errors"] if one["code"] == "unknown_field"} == {
        f"#/{name}" for name in smuggled
    }
