"""Every operation of the whole API, derived from the routes of the five apps; and what it can be tried with."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from fastapi.routing import APIRoute

from infra import documents
from libs.common.doors import Entrance
from libs.common.ids import new_id
from libs.common.openapi import entrance_of
from libs.contracts.sample_values import cast
from tests.authorization.house import House
from tests.contracts.feeding import THEN
from tests.gateway.uploads import jpeg

_PARAMETER = re.compile(r"\{[^}]+\}")
STALE = {"If-Match": '"999999"'}
Ids = dict[str, str]
"""By what comes before a parameter in a path: whose id it takes. By an operation's name: the id that it takes, where
it needs another thing of the kind, in another state."""
_QUERIES: Mapping[str, Mapping[str, str]] = {
    "GET /v1/areas/locate": {"lon": "121.4", "lat": "28.6"},
    "GET /v1/chain-checks": {"template": "road_chiefs", "area_code": "331002004208"},
    "GET /v1/chain-checks/map": {"template": "road_chiefs", "area_code": "331002004208"},
    "GET /v1/chain-checks/summary": {"template": "road_chiefs", "area_code": "331002004208"},
    "GET /v1/chain-checks/unit": {"template": "forest_chiefs", "area_code": "331002004208"},
    "GET /v1/chain-templates/catalogue": {"area_code": "331002000000"},
    "GET /v1/days-since-major": {"area_code": "331002000000"},
    "GET /v1/duty-items/catalogue": {"area_code": "331002000000"},
    "GET /v1/duty-records/fulfilment": {"post_id": "5d3c1f52-8a0e-5c0b-9f4e-2f3a61a0c701", "year": "2026"},
    "GET /v1/evaluation-packs/weights": {"code": "area_safety", "area_code": "331002000000"},
    "GET /v1/evaluation-publications/{publication_id}/facts": {"body": "331002000000", "named": "on_time_rate"},
    "GET /v1/evaluations/{evaluation_id}/facts": {"body": "331002000000", "named": "on_time_rate"},
    "GET /v1/grids/coverage": {"kind": "railway", "area_code": "331002004000"},
    "GET /v1/grids/locate": {"lon": "121.433", "lat": "28.663"},
    "GET /v1/listings/statistics": {"year": "2026", "quarter": "4"},
    "GET /v1/letters/progress": {"area_code": "331002000000", "year": "2027"},
    "GET /v1/responsibility-gaps": {"area_code": "331002004208"},
    "GET /v1/responsibility-gaps/map": {"area_code": "331002004208"},
    "GET /v1/responsible": {"category": "ebike_charging", "area_code": "331002004208"},
    "GET /v1/responsible/diff": {
        "category": "ebike_charging", "area_code": "331002004208", "from": "2026-01-10T00:00:00Z",
        "to": "2026-12-10T00:00:00Z",
    },
    "GET /v1/work-lists/board": {"year": "2026"},
    "GET /v1/duty-rooms": {"area_code": "331002004208"},
    "GET /v1/credit-consequences": {"credit_code": "91331002MA2DEM000J"},
    "GET /v1/credit-feedback/counts": {"since": "2026-01-01T00:00:00Z", "before": "2027-01-01T00:00:00Z"},
    "GET /v1/credit-packs/in-force": {"area_code": "331002000000"},
    "GET /v1/events": {"type": "risk_grading.*"},
    "GET /v1/file-contents/{id}": {"key": "none"},
    "POST /v1/imports": {"list": "/v1/areas", "format": "csv"},
}  # fmt: skip
"""What has to be asked for."""
NEIGHBOURS = ("331002004209", "331002004210")
"""The villages beside the planted one."""
_FREE = "a post that is free"
_TUS = {"Tus-Resumable": "1.0.0"}


@dataclass(frozen=True, slots=True)
class Operation:
    """One method on one path of one app, and the door that it stands behind."""

    service: str
    method: str
    path: str
    entrance: Entrance

    @property
    def name(self) -> str:
        """How the table calls it."""
        return f"{self.method} {self.path}"

    @property
    def needs_token(self) -> bool:
        """Whether nobody gets in without a token."""
        return self.entrance.system is None

    @property
    def prefixes(self) -> tuple[str, ...]:
        """What comes before each parameter of the path: it names whose ids belong there."""
        return tuple(self.path[: found.start()] for found in _PARAMETER.finditer(self.path))

    def at(self, ids: Mapping[str, str]) -> str:
        """The path to what is planted."""
        values = iter([ids.get(self.name, ids[prefix]) for prefix in self.prefixes])
        return _PARAMETER.sub(lambda _: next(values), self.path)


def operations() -> Iterator[Operation]:
    """Every operation that there is, in the order of the apps and their routes."""
    for service in documents.services():
        for router in service.routers:
            for route in router.routes:
                assert isinstance(route, APIRoute)
                entrance = entrance_of(route)
                assert entrance is not None
                for method in sorted(route.methods or ()):
                    yield Operation(service.name, method, route.path, entrance)


def sent_with(house: House, operation: Operation, ids: Ids) -> dict[str, Any]:
    """What a request needs that the door lets through: query, headers, and the body that the document shows."""
    headers = dict(STALE) if operation.entrance.if_match else {}
    sent: dict[str, Any] = {"headers": headers, "params": _QUERIES.get(operation.name, {})}
    if "/uploads" in operation.path:
        headers.update(_TUS)
    match operation.name:
        case "POST /v1/files":
            headers["Content-Type"] = "image/jpeg"
            sent["content"] = jpeg((16, 16))
        case "POST /v1/imports":
            headers["Content-Type"] = "text/csv"
            sent["content"] = b"code,name"
        case "POST /v1/uploads":
            headers |= {"Upload-Length": "10", "Upload-Metadata": "filetype aW1hZ2UvanBlZw=="}
        case "PATCH /v1/uploads/{id}":
            headers |= {"Upload-Offset": "0", "Content-Type": "application/offset+octet-stream"}
            sent["content"] = b"0"
        case _:
            shown = example_of(house, operation)
            if shown is not None:
                sent["json"] = shown | _spoken_of(operation.name, ids)
    return sent


def _spoken_of(name: str, ids: Ids) -> dict[str, Any]:
    """What a body refers to has to be there, else nothing could be learned from the refusal."""
    match name:
        case "POST /v1/duty-items" | "POST /v1/chain-templates":
            return {"code": "asked_by_everybody"}
        case "POST /v1/pairings":
            return {"home_key": str(new_id())}
        case "POST /v1/entry-links":
            return {"order_id": ids["/v1/orders/"]}
        case "POST /v1/erasures":
            return {"timeline_id": ids["/v1/timeline/"]}
        case "POST /v1/hazards/{hazard_id}/merge":
            return {"into": str(cast.DOUBLE.id)}
        case "POST /v1/external-identities":
            return {"provider_id": ids["/v1/identity-providers/"]}
        case "POST /v1/areas/{code}/merge":
            return {"into": NEIGHBOURS[0]}
        case "POST /v1/areas/{code}/split":
            return {"into": list(NEIGHBOURS)}
        case "POST /v1/bodies/{body_id}/seat":
            return {"party_id": "5d3c1f52-8a0e-5c0b-9f4e-2f3a61a0c703", "party_kind": "post", "part": "member"}
        case "POST /v1/meetings":
            return {"body_id": ids["/v1/bodies/"]}
        case "POST /v1/meetings/{meeting_id}/postpone":
            return {"planned_at": "2026-12-28T06:00:00Z"}
        case "POST /v1/evaluation-packs" | "POST /v1/evaluations":
            return {"area_code": "331002000000"}
        case "POST /v1/inspection-tours":
            return {"area_code": "331002000000", "among": "township"}
        case "POST /v1/evaluation-appeals/{appeal_id}/decide":
            return {"upheld": False, "exclude": []}
        case "POST /v1/leads" | "POST /v1/leads/{lead_id}/forward":
            return {"to_organization_id": "5d3c1f52-8a0e-5c0b-9f4e-2f3a61a0c712"}
        case "POST /v1/liability-links":
            return {"to_id": "91331002MA2CD5678N"}
        case "POST /v1/commendations":
            return {"honour": f"荣誉 {new_id()}"}
        case "POST /v1/tour-visits":
            return {"tour_id": ids["/v1/inspection-tours/"], "body": "331002004000"}
        case "POST /v1/contacts":
            return {"post_id": ids[_FREE]} if _FREE in ids else {}
        case "POST /v1/shifts":
            return {"roster_id": ids["/v1/rosters/"]}
        case "POST /v1/shifts/{shift_id}/reassign":
            return {"post_id": ids[_FREE]}
        case "POST /v1/shifts/{shift_id}/hand-over":
            return {"to_shift_id": ids["POST /v1/shift-swaps"]}
        case "POST /v1/shift-swaps":
            swapped = {"shift_id": ids["/v1/shifts/"], "with_shift_id": None}
            return swapped | {"to": {"post_id": ids[_FREE]}}
        case "POST /v1/order-batches":
            return {"id": str(new_id())}
        case "POST /v1/listings" | "POST /v1/stop-measures":
            return {"order_id": ids["/v1/orders/"]}
        case "POST /v1/orders/{order_id}/stages":
            return {"id": str(new_id()), "due_at": (THEN + timedelta(hours=6)).isoformat()}
        case "POST /v1/webhooks":
            # The example names its id, and what is planted has that id already.
            return {"id": str(new_id())}
    return {}


def example_of(house: House, operation: Operation) -> Any:
    """The body that the API document shows for it; None where it takes none."""
    document = house.apps[operation.service].openapi()
    described = document["paths"].get(operation.path, {}).get(operation.method.lower(), {})
    content = described.get("requestBody", {}).get("content", {}).get("application/json")
    if content is None:
        return None
    return content.get("example") or _shown(document, content["schema"])


def _shown(document: dict[str, Any], schema: dict[str, Any]) -> Any:
    named = document["components"]["schemas"][schema["$ref"].rpartition("/")[2]]
    if "examples" in named:
        return named["examples"][0]
    rows = named["properties"]["items"]["items"]
    return {"items": [_shown(document, rows)]}
