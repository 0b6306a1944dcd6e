"""Every verb that creates asks one grant for every sector of what is new, or is listed here with its reason."""

from __future__ import annotations

import ast
from collections.abc import Iterable, Iterator

import pytest

from tests.architecture.sources import Function, Source, planted, product

_EVERY = frozenset({
    "services/emergency_command/resources import_teams",
    "services/public_reporting/reports receive",
    "services/responsibility_registry/blacklist propose",
    "services/responsibility_registry/bodies found_body",
    "services/responsibility_registry/credit adopt_pack",
    "services/responsibility_registry/credit enter_fact",
    "services/responsibility_registry/credit open_firm",
    "services/responsibility_registry/chain_templates adopt_template",
    "services/responsibility_registry/chain_templates enter_template",
    "services/responsibility_registry/chain_templates import_assignments",
    "services/responsibility_registry/chain_templates repeal_template",
    "services/responsibility_registry/duties assign_duty",
    "services/responsibility_registry/duties import_duty_rows",
    "services/responsibility_registry/duty_items enter_item",
    "services/responsibility_registry/duty_items repeal_item",
    "services/responsibility_registry/letters issue_letter",
    "services/responsibility_registry/duties reassign_duty",
    "services/responsibility_registry/commendations award",
    "services/responsibility_registry/leads transfer_lead",
    "services/responsibility_registry/liability_links register_link",
    "services/responsibility_registry/enforcement enter_fact",
    "services/responsibility_registry/enforcement import_facts",
    "services/responsibility_registry/evaluations adopt_pack",
    "services/responsibility_registry/evaluations open_evaluation",
    "services/responsibility_registry/inspection_tours plan_tour",
    "services/responsibility_registry/pairings begin_pairing",
    "services/responsibility_registry/order_batches issue_batch",
    "services/responsibility_registry/orders draft_order",
    "services/responsibility_registry/orders issue_order",
    "services/responsibility_registry/organizations import_organizations",
    "services/responsibility_registry/organizations import_posts",
    "services/responsibility_registry/contacts enter_contact",
    "services/responsibility_registry/rosters draw_roster",
    "services/responsibility_registry/tenures begin_tenure",
    "services/responsibility_registry/tenures hand_over",
    "services/risk_grading/objects correct_object",
    "services/risk_grading/objects import_objects",
    "services/risk_grading/objects register_object",
})  # fmt: skip
"""To create, to issue, to move into other sectors: all of the sectors, from one grant (libs/common/scope.py)."""
_ONE = {
    "gateway/feed make_ticket": "carries no right; who shows it sees what its maker may see",
    "gateway/webhooks send_test": "a message to the caller's own receiver",
    "gateway/webhooks register_webhook": "it tells its owner what that one may see, and binds nobody",
    "gateway/entry_links issue_link": "a way to a notice that is there, for who may serve it",
    "gateway/identity register_agency": "an agency is no case: its sectors say what it is about",
    "gateway/subjects adopt_table": "a table has no sector: asks for a grant over everything",
    "gateway/files begin_upload": "a file has no sector: it is its sender's, and seen through what refers to it",
    "gateway/files keep_file": "as its upload",
    "gateway/erasures request_erasure": "asks about a row that is there, in its own sectors",
    "gateway/timeline record_correction": "speaks of a row that is there, in its own sectors",
    "gateway/identity register_client": "a client has no sector; its grants lie within one administered range",
    "gateway/people invite_person": "an account has no sector, and gives no right by itself",
    "gateway/identity add_key": "a key of a client that is there",
    "gateway/providers link_account": "an account has no sector: asks for administration of everything",
    "gateway/providers register_provider": "a provider has no sector: asks for administration of everything",
    "services/emergency_command/alarms raise_alarm": "a signal binds nobody; its sectors follow from its kind",
    "services/emergency_command/incidents open_by_hand": "its sectors follow from its kind, nobody chooses them",
    "services/emergency_command/incidents send_more": "sends to an incident that is there",
    "services/responsibility_registry/consequences report": "speaks of a firm that is on file, and binds nobody",
    "services/responsibility_registry/areas import_areas": "an area has no sector: asks for a grant over every one",
    "services/responsibility_registry/grids import_grids": "a grid has no sector: as an area",
    "services/responsibility_registry/grids register_grid": "a grid has no sector: as an area",
    "services/responsibility_registry/duty_records enter_record": "of the post's own duty; it binds nobody",
    "services/responsibility_registry/duty_records correct_record": "as its record",
    "services/responsibility_registry/accountability renew_measure": "a proposal about a measure that is there",
    "services/responsibility_registry/liability_traces trace_liability": "speaks of what is there, and binds nobody",
    "services/responsibility_registry/meetings plan_meeting": "a meeting of a body that is there, in its own sectors",
    "services/responsibility_registry/evaluations lodge_appeal": "speaks of a publication that is there",
    "services/responsibility_registry/inspection_tours record_visit": "a part of a tour that is there",
    "services/responsibility_registry/work_lists draw_list": "a post's own list, in its own sectors; it binds itself",
    "services/responsibility_registry/rosters assign_shift": "a part of a roster that is there, in its own sectors",
    "services/responsibility_registry/rosters ask_swap": "about a shift that is there, which the caller stands",
    "services/responsibility_registry/listings register_listing": "about an order that is there, in its own sectors",
    "services/responsibility_registry/stop_measures propose_measure": "as a listing; another decides on it",
    "services/responsibility_registry/stages plan_stage": "a part of an order that is there, in its own sectors",
    "services/responsibility_registry/stages report_progress": "a part of an order that is there; whoever has it",
    "services/responsibility_registry/workdays announce_year": "a year has no sector: as an area",
    "services/risk_grading/assessments assess_object": "grades an object that is there, in its own sectors",
    "services/risk_grading/hazards part_hazard": "a part of a hazard that is there, in its own sectors",
    "services/risk_grading/monitoring raise_warning": "a warning binds nobody",
}
"""Where one sector is enough, and why."""
_ASKS = frozenset({"require_every", "holds_every"})


def _creating(sources: Iterable[Source]) -> Iterator[str]:
    """The verbs behind doors that answer 201 or take an import, by slice."""
    for source in sources:
        slice_path, _, file = source.path.rpartition("/")
        if file.startswith("api") and source.path.startswith(("services/", "gateway/")):
            for route in source.functions():
                if _makes(route):
                    yield from (f"{slice_path} {verb}" for verb in _verbs_in(route))


def _makes(route: Function) -> bool:
    said = [ast.unparse(one) for one in route.decorator_list]
    taken = [ast.unparse(one.annotation) for one in route.args.args if one.annotation is not None]
    return any("status_code=201" in one for one in said) or any(one.startswith("Items[") for one in taken)


def _verbs_in(route: Function) -> Iterator[str]:
    """What a route calls of its slice's actions; what only looks or shapes is no verb of creating."""
    for node in ast.walk(route):
        match node:
            case (
                ast.Call(func=ast.Attribute(value=ast.Name(id=module), attr=verb))
                | ast.Call(
                    # An import hands its verb on, to be tried once or row by row.
                    func=ast.Name(id="import_as_asked"),
                    args=[_, _, ast.Attribute(value=ast.Name(id=module), attr=verb), *_],
                )
            ):
                if module.startswith("actions") and module != "actions_view" and verb != "shown_again":
                    yield verb


def _asks(sources: Iterable[Source], listed: str) -> bool:
    """Whether the verb, or what it calls in its slice's actions, asks for every sector."""
    slice_path, _, verb = listed.partition(" ")
    own = {
        function.name: function
        for source in sources
        if source.path.startswith(f"{slice_path}/actions")
        for function in source.functions()
    }
    open_names, seen = [verb], set[str]()
    while open_names:
        name = open_names.pop()
        if name in seen or name not in own:
            continue
        seen.add(name)
        called = {*_called(own[name])}
        if called & _ASKS:
            return True
        open_names += called
    return False


def _called(function: Function) -> Iterator[str]:
    for node in ast.walk(function):
        if isinstance(node, ast.Call):
            yield node.func.attr if isinstance(node.func, ast.Attribute) else getattr(node.func, "id", "")


def test_every_verb_that_creates_is_listed() -> None:
    assert {*_creating(product())} - _EVERY == {*_ONE}


@pytest.mark.parametrize("verb", sorted(_EVERY))
def test_what_is_created_or_issued_asks_for_every_sector(verb: str) -> None:
    assert _asks(product(), verb)


def test_a_verb_that_asks_for_one_sector_only_would_be_noticed() -> None:
    door = (
        '@routes.post("", status_code=201)\nasync def add(door):\n    return await door.perform(actions.add_one(tx))'
    )
    assert [*_creating([planted("services/a/b/api.py", door)])] == ["services/a/b add_one"]
    one = "async def add_one(tx):\n    tx.caller.require('x', area_code=a, sectors=s)"
    both = "async def add_one(tx):\n    _may(tx)\ndef _may(tx):\n    tx.caller.require_every('x')"
    assert not _asks([planted("services/a/b/actions.py", one)], "services/a/b add_one")
    assert _asks([planted("services/a/b/actions.py", both)], "services/a/b add_one")
