"""The documents that follow from the code are the ones in git, and say what is so."""

from __future__ import annotations

import json
import re
from dataclasses import replace
from pathlib import Path
from typing import Any

import jsonschema_rs
import pytest

from infra import documents
from libs.common import asyncapi, flows
from libs.common.bus_names import ConsumerKind
from libs.common.db import Tx
from libs.common.hearing import on
from libs.common.service import Service
from libs.contracts.catalogue import CATALOGUE
from libs.contracts.event import Heard, noun_of, producer_of
from libs.contracts.risk_grading import HazardVerified
from tests.contracts import actions_of_nobody as actions

STANDARD = Path(__file__).parent / "standards" / "asyncapi-3.0.0.json"


async def on_hazard_verified(event: Heard[HazardVerified], tx: Tx) -> None:
    """A handler as slices write them."""
    await actions.issue_order(tx, event.aggregate_id)


PLANTED = Service(
    name="responsibility_registry", title="Registry", routers=(), listens=(on(HazardVerified, on_hazard_verified),)
)


@pytest.fixture(scope="module")
def described() -> dict[str, Any]:
    return asyncapi.document(documents.services())


def test_the_documents_in_git_are_those_of_the_code() -> None:
    assert documents.differences() == [], f"run: {documents.COMMAND}"


def test_flows_name_the_verb_behind_a_listener() -> None:
    page = flows.document([PLANTED])
    assert "| `risk_grading.hazard.verified.v1` | `contracts.issue_order` |" in page
    assert "risk_grading -- hazard --> responsibility_registry" in page


def test_a_planted_listener_changes_both_documents() -> None:
    silent = replace(PLANTED, listens=())
    assert flows.document([PLANTED]) != flows.document([silent])
    assert asyncapi.document([PLANTED]) != asyncapi.document([silent])


def test_every_row_of_every_listen_table_is_on_the_page() -> None:
    heard = {(one.hearer, one.event) for one in flows.hearings(documents.services())}
    wired = {
        (service.name, listener.event)
        for service in documents.services()
        for kind in ConsumerKind
        for listener in service.listeners(kind)
    }
    assert heard == wired


def test_the_asyncapi_document_keeps_to_the_standard(described: dict[str, Any]) -> None:
    standard = json.loads(STANDARD.read_text("utf-8"))
    broken = jsonschema_rs.validator_for(standard, validate_formats=True).iter_errors(described)
    assert [str(error) for error in broken] == []


def test_a_document_that_breaks_the_standard_would_be_noticed(described: dict[str, Any]) -> None:
    standard = json.loads(STANDARD.read_text("utf-8"))
    name = next(iter(described["operations"]))
    broken = described | {"operations": {name: described["operations"][name] | {"action": "publish"}}}
    assert not jsonschema_rs.validator_for(standard, validate_formats=True).is_valid(broken)


def test_operations_point_at_the_messages_of_their_own_channel(described: dict[str, Any]) -> None:
    for operation in described["operations"].values():
        channel = operation["channel"]["$ref"].removeprefix("#/channels/")
        assert channel in described["channels"]
        assert operation["messages"] == [{"$ref": f"#/channels/{channel}/messages/{channel}"}]


def test_every_reference_leads_somewhere(described: dict[str, Any]) -> None:
    known = {f"#/{part}/{name}" for part in ("channels",) for name in described[part]}
    known |= {f"#/components/{kind}/{name}" for kind, ones in described["components"].items() for name in ones}
    known |= {f"#/channels/{name}/messages/{name}" for name in described["channels"]}
    assert set(_references(described)) <= known


def test_every_event_has_a_channel_and_every_payload_an_example(described: dict[str, Any]) -> None:
    assert set(described["channels"]) == set(CATALOGUE)
    messages = described["components"]["messages"]
    assert [name for name, message in messages.items() if not message.get("examples")] == []


def test_every_example_is_of_the_shape_that_its_payload_tells(described: dict[str, Any]) -> None:
    wrong = []
    for name, message in described["components"]["messages"].items():
        shape = message["payload"] | {"components": described["components"]}
        held = jsonschema_rs.validator_for(shape, validate_formats=True)
        wrong += [f"{name}: {fault}" for one in message["examples"] for fault in held.iter_errors(one["payload"])]
    assert wrong == []


def test_a_channels_parameters_are_those_of_its_address(described: dict[str, Any]) -> None:
    for channel in described["channels"].values():
        assert re.findall(r"{(\w+)}", channel["address"]) == list(channel["parameters"])


def test_a_service_hears_only_events_of_others() -> None:
    own = (one for one in flows.hearings(documents.services()) if producer_of(one.event.type) == one.hearer)
    assert [one for one in own if noun_of(one.event.type) != "copy"] == []


def _references(node: Any) -> list[str]:
    if isinstance(node, dict):
        own = [node["$ref"]] if isinstance(node.get("$ref"), str) else []
        return own + [found for value in node.values() for found in _references(value)]
    return [found for value in node for found in _references(value)] if isinstance(node, list) else []
