"""The AsyncAPI 3 document of everything that travels on the bus, made from the contracts and the listen tables."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any

import orjson
from pydantic.json_schema import models_json_schema

from libs import contracts
from libs.common.bus_names import ConsumerKind, consumer_name
from libs.common.flows import Hearing, hearings
from libs.common.service import Service
from libs.contracts.catalogue import CATALOGUE
from libs.contracts.event import PARTITIONS, Event, producer_of

_SAMPLES = Path(contracts.__file__).parent / "samples"
_DESCRIPTION = (
    "CloudEvents 1.0 in binary mode over NATS JetStream: the attributes travel as lower-case `ce-` headers, the"
    " data is the JSON body. One stream per producing service; a subject ends in the county's six digits and a"
    " partition, so an agency imports its own county only. Order is promised per aggregate, by its version."
    " Fields are only added within a version; ignore what you do not know."
)
_UUID = {"type": "string", "format": "uuid"}
_TIME = {"type": "string", "format": "date-time"}
_HEADERS: dict[str, tuple[dict[str, Any], str]] = {
    "ce-specversion": ({"type": "string", "const": "1.0"}, "CloudEvents version"),
    "ce-id": (_UUID, "id of the event; hearers deduplicate by it"),
    "ce-source": ({"type": "string", "format": "uri-reference"}, "the producing service"),
    "ce-type": ({"type": "string"}, "`<service>.<noun>.<past fact>.v<version>`"),
    "ce-subject": (_UUID, "id of the aggregate"),
    "ce-time": (_TIME, "when it happened, in the city's time"),
    "ce-recordedtime": (_TIME, "when it was written down"),
    "ce-datacontenttype": ({"type": "string", "const": "application/json"}, "the body's media type"),
    "ce-aggregateversion": ({"type": "string", "pattern": "^[0-9]+$"}, "the aggregate's version after this event"),
    "ce-correlationid": (_UUID, "the trace from first sign to last consequence"),
    "ce-causationid": (_UUID, "the event that led to this one"),
    "ce-areacode": ({"type": "string", "pattern": "^[0-9]{12}$"}, "12-digit area code"),
    "ce-sectors": ({"type": "string"}, "sectors, separated by commas; empty: not yet triaged"),
    "ce-actorpost": (_UUID, "the post that acted"),
    "ce-policyversion": ({"type": "string"}, "version of the rules that decided"),
    "ce-exercise": ({"type": "string", "enum": ["true", "false"]}, "whether it is an exercise"),
    "ce-sensitivity": ({"type": "string", "enum": ["internal", "shared"]}, "`shared` may leave the house"),
    "ce-parties": (
        {"type": "string"},
        "posts and bodies, separated by commas, that take part in the aggregate from this event on",
    ),
    "ce-sequence": ({"type": "string", "pattern": "^[0-9]{20}$"}, "position in the producer's outbox"),
    "traceparent": ({"type": "string"}, "W3C trace context"),
}
_OPTIONAL = frozenset({"ce-causationid", "ce-parties", "ce-actorpost", "ce-policyversion", "traceparent"})


def document(services: Sequence[Service]) -> dict[str, Any]:
    """The whole document; channels for every event of the catalogue, operations for each service's part."""
    events = [CATALOGUE[name] for name in sorted(CATALOGUE)]
    wanted: list[Any] = [(event, "validation") for event in events]
    payloads, definitions = models_json_schema(wanted, ref_template="#/components/schemas/{model}")
    return {
        "asyncapi": "3.0.0",
        "info": {
            "title": "Shoutu 守土 events",
            "version": "1",
            "description": _DESCRIPTION,
            "license": {"name": "Apache-2.0"},
            "tags": [{"name": service.name, "description": service.title} for service in services],
        },
        "defaultContentType": "application/json",
        "channels": {event.type: _channel(event) for event in events},
        "operations": _operations(services, events),
        "components": {
            "messages": {event.type: _message(event, payloads[event, "validation"]) for event in events},
            "schemas": {"Envelope": _envelope()} | dict(sorted(definitions["$defs"].items())),
        },
    }


def _channel(event: type[Event]) -> dict[str, Any]:
    return {
        "address": f"{event.type}.{{county}}.{{partition}}",
        "title": event.__name__,
        "description": _said(event),
        "tags": [{"name": producer_of(event.type)}],
        "parameters": {
            "county": {"description": "first six digits of the area code", "examples": ["331002"]},
            "partition": {
                "description": f"hash of the aggregate id, 00 to {PARTITIONS - 1}; one aggregate always has the same",
                "examples": ["07"],
            },
        },
        "messages": {event.type: {"$ref": f"#/components/messages/{event.type}"}},
    }


def _message(event: type[Event], payload: dict[str, Any]) -> dict[str, Any]:
    message: dict[str, Any] = {
        "name": event.type,
        "title": event.__name__,
        "summary": _said(event),
        "contentType": "application/json",
        "headers": {"$ref": "#/components/schemas/Envelope"},
        "payload": payload,
        "correlationId": {"location": "$message.header#/ce-correlationid"},
    }
    return message | _examples(event)


def _examples(event: type[Event]) -> dict[str, Any]:
    """The event's golden sample, where it has one already."""
    sample = _SAMPLES / f"{event.type}.json"
    return {"examples": [{"payload": orjson.loads(sample.read_bytes())["data"]}]} if sample.exists() else {}


def _operations(services: Sequence[Service], events: Iterable[type[Event]]) -> dict[str, Any]:
    operations: dict[str, Any] = {}
    for event in events:
        producer = producer_of(event.type)
        if any(service.name == producer for service in services):
            operations[f"{producer}.tells.{event.type}"] = _operation("send", event, _said(event))
    for one in hearings(services):
        name = f"{one.hearer}.{'copies' if one.copies else 'hears'}.{one.event.type}"
        operations.setdefault(name, _operation("receive", one.event, one.leads_to) | _consumer(one))
    return operations


def _operation(action: str, event: type[Event], summary: str) -> dict[str, Any]:
    channel = f"#/channels/{event.type}"
    return {
        "action": action,
        "channel": {"$ref": channel},
        "messages": [{"$ref": f"{channel}/messages/{event.type}"}],
        "summary": summary,
    }


def _consumer(one: Hearing) -> dict[str, Any]:
    kind = ConsumerKind.COPIES if one.copies else ConsumerKind.ACTS
    return {"x-durable-consumer": consumer_name(one.hearer, kind, producer_of(one.event.type))}


def _envelope() -> dict[str, Any]:
    return {
        "type": "object",
        "properties": {name: schema | {"description": said} for name, (schema, said) in _HEADERS.items()},
        "required": [name for name in _HEADERS if name not in _OPTIONAL],
    }


def _said(event: type[Event]) -> str:
    return " ".join((event.__doc__ or "").split())
