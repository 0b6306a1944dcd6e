"""The doors of organisations, bodies and meetings through HTTP: what is shown, offered, repeated and refused."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, replace
from datetime import timedelta
from typing import Any
from uuid import UUID, uuid4

import httpx
import orjson

from libs.common.clocks import system_now
from libs.common.db import Tx
from libs.common.scope import Scope
from libs.common.tokens import Principal
from libs.common.web import create_service_app
from services.responsibility_registry import examples, examples_bodies
from services.responsibility_registry.app import SERVICE
from tests.cluster import FreshDatabase
from tests.common.counter_service import runtime, token
from tests.responsibility_registry.meetings.hall import Hall, hall
from tests.responsibility_registry.stage import TOWNSHIP, VILLAGE, administrator

BODIES, MEETINGS, UNITS = "/v1/bodies", "/v1/meetings", "/v1/organizations"


@dataclass(slots=True)
class Doors:
    """Requests in somebody's name."""

    place: Hall
    client: httpx.AsyncClient

    async def __call__(self, who: str, path: str, body: Any = None, **headers: str) -> httpx.Response:
        """GET, or POST where there is a body."""
        told = {"Authorization": f"Bearer {token(sub=who)}"} | {k.replace("_", "-"): v for k, v in headers.items()}
        if body is None:
            return await self.client.get(path, headers=told)
        told["Content-Type"] = "application/json"
        return await self.client.post(path, content=orjson.dumps(body), headers=told)

    async def founded(self) -> dict[str, Any]:
        """The task force of the example, with the posts and the unit of this place."""
        posts = self.place.town.posts
        chair = {"party_id": str(posts["township_deputy"]), "party_kind": "post", "part": "chair"}
        office = {"party_id": str(self.place.bureau), "party_kind": "organization", "part": "office"}
        body = examples_bodies.FOUND | {"seats": [chair, office], "valid_to": _days(300)}
        answer = await self("leader", BODIES, body)
        assert answer.status_code == 201, answer.text
        return dict(answer.json())


def _days(days: int) -> str:
    return (system_now() + timedelta(days=days)).isoformat()


@asynccontextmanager
async def doors(fresh: FreshDatabase) -> AsyncIterator[Doors]:
    """The hall behind the registry's doors."""
    async with hall(fresh) as place:
        callers = {
            "leader": place.leader, "chair": place.chair, "office": place.of_the_bureau, "stranger": place.stranger,
            "administrator": administrator(),
        }  # fmt: skip

        async def scope_of(tx: Tx, who: Principal, acting_post: UUID | None) -> Scope:
            del tx, acting_post
            return callers[who.subject]

        app = create_service_app(
            replace(runtime(place.town.database), scope_of=scope_of, ranges_of=SERVICE.ranges_of),
            SERVICE.routers,
            title=SERVICE.title,
        )
        async with httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url="http://test") as client:
            yield Doors(place, client)


async def test_a_repeat_with_the_same_key_founds_and_plans_once(fresh_database: FreshDatabase) -> None:
    async with doors(fresh_database) as call:
        seats: list[object] = []
        asked = examples_bodies.FOUND | {"seats": seats, "valid_to": _days(300)}
        key = str(uuid4())
        first, again = [await call("leader", BODIES, asked, Idempotency_Key=key) for _ in range(2)]
        assert (first.status_code, again.status_code) == (201, 201)
        assert first.json()["id"] == again.json()["id"]
        assert (again.headers["idempotency-replayed"], first.json()["gaps"]) == ("true", ["no_chair", "no_office"])
        meeting = examples_bodies.PLAN | {"body_id": first.json()["id"], "planned_at": _days(2)}
        planned = [await call("leader", MEETINGS, meeting, Idempotency_Key=str(key) + "m") for _ in range(2)]
        assert len({one.json()["id"] for one in planned}) == 1
        assert len((await call("leader", f"{MEETINGS}?body_id={first.json()['id']}")).json()["items"]) == 1


async def test_a_meeting_goes_from_its_plan_to_a_board_of_orders(fresh_database: FreshDatabase) -> None:
    async with doors(fresh_database) as call:
        force = await call.founded()
        assert (force["gaps"], force["actions"]) == ([], ["seat", "unseat", "prolong", "end"])
        plan = examples_bodies.PLAN | {"body_id": force["id"], "planned_at": _days(2)}
        planned = await call("office", MEETINGS, plan)
        assert (planned.status_code, planned.headers["etag"]) == (201, '"1"')
        path = f"{MEETINGS}/{planned.json()['id']}"
        assert planned.json()["actions"] == ["postpone", "hold", "cancel"]
        held = await call("chair", f"{path}/hold", {"chaired_by": force["seats"][0]["party_id"]}, If_Match='"1"')
        assert (held.status_code, held.json()["state"], held.json()["actions"]) == (200, "held", ["minute", "decide"])
        minutes = await call("chair", f"{path}/minutes", examples_bodies.MINUTES, If_Match='"2"')
        assert minutes.json()["minutes"][0]["files"] == examples_bodies.MINUTES["files"]
        decided = await call("leader", f"{path}/decide", examples_bodies.TASK, If_Match='"3"')
        assert decided.status_code == 200, decided.text
        (task,) = (await call("office", f"{path}/board")).json()["tasks"]
        order = (await call("office", f"/v1/orders/{task['order_id']}")).json()
        assert (task["state"], task["due_at"], order["area_code"]) == ("issued", order["due_at"], VILLAGE)
        year = (await call("stranger", f"{BODIES}/{force['id']}/meeting-year")).json()
        assert (year["required"], year["held"], year["short"], year["board"]["open"]) == (None, 1, False, 0)
        own = (await call("office", f"{BODIES}/{force['id']}/meeting-year")).json()
        assert own["board"]["open"] == 1, "tasks are told to who sees the meeting"


async def test_a_stale_version_shows_what_is_there_and_a_missing_one_is_asked_for(
    fresh_database: FreshDatabase,
) -> None:
    async with doors(fresh_database) as call:
        force = await call.founded()
        path = f"{BODIES}/{force['id']}/end"
        missing = await call("leader", path, examples_bodies.END_BODY)
        stale = await call("leader", path, examples_bodies.END_BODY, If_Match='"9"')
        assert (missing.status_code, stale.status_code, stale.json()["current"]["version"]) == (428, 412, 1)
        refused = await call("stranger", path, examples_bodies.END_BODY, If_Match='"9"')
        assert (refused.status_code, refused.json()["code"]) == (403, "role_missing")
        ended = await call("leader", path, examples_bodies.END_BODY, If_Match='"1"')
        again = await call("leader", path, examples_bodies.END_BODY, If_Match='"2"')
        assert (ended.json()["actions"], again.status_code, again.json()["code"]) == ([], 409, "body_already_ended")
        assert again.json()["open_moves"] == []


async def test_a_meeting_is_hidden_from_who_does_not_sit_in_the_body(fresh_database: FreshDatabase) -> None:
    async with doors(fresh_database) as call:
        force = await call.founded()
        plan = examples_bodies.PLAN | {"body_id": force["id"], "planned_at": _days(2)}
        assert (await call("stranger", MEETINGS, plan)).status_code == 403
        planned = (await call("chair", MEETINGS, plan)).json()
        for path in (f"{MEETINGS}/{planned['id']}", f"{MEETINGS}/{planned['id']}/board"):
            assert ((await call("stranger", path)).status_code, (await call("office", path)).status_code) == (
                404,
                200,
            )
        assert (await call("stranger", MEETINGS)).json()["items"] == []


async def test_units_are_imported_listed_by_their_gap_and_ended(fresh_database: FreshDatabase) -> None:
    async with doors(fresh_database) as call:
        row = {name: value for name, value in examples.ORGANIZATION.items() if name != "id"}
        wrong = await call("administrator", f"{UNITS}/import", {"items": [row | {"credit_code": "1" * 18}]})
        assert (wrong.status_code, wrong.json()["errors"][0]["pointer"]) == (422, "#/items/0/credit_code")
        for created in (1, 0):
            done = (await call("administrator", f"{UNITS}/import", {"items": [row]})).json()
            assert done["created"] == created
        assert (await call("leader", f"{UNITS}/import", {"items": [row]})).status_code == 403
        (shown,) = (await call("stranger", f"{UNITS}?unanswered=true")).json()["items"]
        assert (shown["code"], shown["gaps"], shown["actions"]) == (row["code"], ["no_first_post"], [])
        zones = (await call("stranger", f"{UNITS}?zone_of={TOWNSHIP}")).json()["items"]
        assert zones == []
        path = f"{UNITS}/{shown['id']}"
        ended = await call("administrator", f"{path}/end", {"reason": "撤并"}, If_Match='"1"')
        assert (ended.status_code, ended.json()["gaps"], ended.json()["actions"]) == (200, [], [])
        stale = await call("administrator", f"{path}/end", {"reason": "撤并"}, If_Match='"1"')
        assert (stale.status_code, stale.json()["current"]["version"]) == (412, 2)
