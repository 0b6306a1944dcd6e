"""The doors of rosters through HTTP: what is shown to whom, offered, repeated and refused."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID, uuid4

import httpx
import orjson

from libs.common.clocks import CITY_ZONE, now
from libs.common.db import Tx
from libs.common.scope import Scope
from libs.common.tokens import Principal
from libs.common.web import create_service_app
from services.responsibility_registry import examples_rosters as examples
from services.responsibility_registry.app import SERVICE
from services.responsibility_registry.rosters import actions_cover
from tests.cluster import FreshDatabase
from tests.common.counter_service import runtime, token
from tests.responsibility_registry.stage import SYSTEM, Stage, let_in, stage

ROSTERS, SHIFTS, SWAPS = "/v1/rosters", "/v1/shifts", "/v1/shift-swaps"


def day(days: int) -> str:
    """A day of the city from today on."""
    return (now().astimezone(CITY_ZONE).date() + timedelta(days=days)).isoformat()


@dataclass(slots=True)
class Doors:
    """Requests in somebody's name."""

    town: Stage
    client: httpx.AsyncClient

    async def __call__(self, who: str, path: str, body: Any = None, **headers: str) -> httpx.Response:
        """GET, or POST where there is a body."""
        told = {"Authorization": f"Bearer {token(sub=who)}"} | {k.replace("_", "-"): v for k, v in headers.items()}
        if body is None:
            return await self.client.get(path, headers=told)
        told["Content-Type"] = "application/json"
        return await self.client.post(path, content=orjson.dumps(body), headers=told)

    def roster(self, **changes: object) -> dict[str, Any]:
        """The example, from tomorrow on, with two posts of this place."""
        posts = [{"post_id": str(self.town.posts[link])} for link in ("township_deputy", "police_station")]
        posts[1]["subject"] = "li"
        rotas = [one | {"first_day": day(1)} for one in examples.ROSTER["rotas"]]
        return examples.ROSTER | {"members": posts, "rotas": rotas, "first_day": day(1)} | changes

    async def drawn(self) -> dict[str, Any]:
        """A roster whose first two weeks are published."""
        answer = await self("leader", ROSTERS, self.roster())
        assert answer.status_code == 201, answer.text
        async with self.town.database.unit_of_work(SYSTEM) as tx:
            await actions_cover.keep_rosters(tx, now(), 10)
        return dict((await self("leader", f"{ROSTERS}/{answer.json()['id']}")).json())


@asynccontextmanager
async def doors(fresh: FreshDatabase) -> AsyncIterator[Doors]:
    """The registry's doors; the police station's post is held by one who is named."""
    async with stage(fresh) as town:
        await let_in(town, "li", "police_station")
        callers = {
            "leader": town.acting("township_government_first", "leader"),
            "li": replace(town.acting("police_station"), subject="li", grants=()),
            "deputy": replace(town.acting("township_deputy"), grants=()),
            "stranger": replace(town.acting("county_executive_deputy"), grants=()),
            "inspector": town.acting("sector_supervisor", "inspector"),
        }

        async def scope_of(tx: Tx, who: Principal, acting_post: UUID | None) -> Scope:
            del tx, acting_post
            return callers[who.subject]

        app = create_service_app(
            replace(runtime(town.database), scope_of=scope_of, ranges_of=SERVICE.ranges_of),
            SERVICE.routers,
            title=SERVICE.title,
        )
        async with httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url="http://test") as client:
            yield Doors(town, client)


async def test_a_repeat_with_the_same_key_draws_one_roster(fresh_database: FreshDatabase) -> None:
    async with doors(fresh_database) as call:
        key, asked = str(uuid4()), call.roster()
        first, again = [await call("leader", ROSTERS, asked, Idempotency_Key=key) for _ in range(2)]
        assert (first.status_code, again.status_code) == (201, 201)
        assert first.json()["id"] == again.json()["id"]
        assert again.headers["idempotency-replayed"] == "true"
        assert first.json()["actions"] == ["change", "publish", "assign", "end"]
        assert (await call("inspector", f"{ROSTERS}/{first.json()['id']}")).json()["actions"] == []
        other = await call("leader", ROSTERS, asked | {"name": "别的"}, Idempotency_Key=key)
        assert other.status_code == 422


async def test_a_person_is_named_to_keepers_and_to_themselves_only(fresh_database: FreshDatabase) -> None:
    async with doors(fresh_database) as call:
        roster = await call.drawn()
        shifts = (await call("leader", f"{SHIFTS}?roster_id={roster['id']}&limit=4")).json()["items"]
        named = next(one for one in shifts if one["subject"] == "li")
        for who, told in (("inspector", None), ("li", "li"), ("leader", "li")):
            shown = (await call(who, f"{SHIFTS}/{named['id']}")).json()
            assert shown["subject"] == told, who
        assert (await call("stranger", f"{SHIFTS}/{named['id']}")).status_code == 404
        members = (await call("inspector", f"{ROSTERS}/{roster['id']}")).json()["plans"][0]["members"]
        assert [one["subject"] for one in members] == [None, None]
        at = named["begins_at"]
        duty = (await call("stranger", f"/v1/on-duty?at={at}&area_code=331002004000")).json()["items"]
        assert {one["role"] for one in duty} == {"leader_on_duty", "duty_officer"}
        assert all("subject" not in one for one in duty)
        again = (await call("stranger", f"/v1/on-duty?at={at}&role=duty_officer&limit=1")).json()
        assert len(again["items"]) == 1


async def test_own_shifts_are_seen_and_swapped_by_who_stands_them(fresh_database: FreshDatabase) -> None:
    async with doors(fresh_database) as call:
        roster = await call.drawn()
        mine = (await call("deputy", f"{SHIFTS}?roster_id={roster['id']}")).json()["items"]
        assert {one["post_id"] for one in mine} == {str(call.town.posts["township_deputy"])}
        assert mine[0]["actions"] == ["ask-swap"]
        first, second = mine[:2]
        asked = {
            "shift_id": first["id"],
            "to": {"post_id": str(call.town.posts["sector_supervisor"])},
            "reason": "事假",
        }
        swap = await call("deputy", SWAPS, asked)
        assert (swap.status_code, swap.json()["actions"]) == (201, ["withdraw"])
        twice = await call("deputy", SWAPS, asked)
        assert twice.status_code == 409
        path = f"{SWAPS}/{swap.json()['id']}"
        refused = await call("deputy", f"{path}/accept", {}, If_Match='"1"')
        assert refused.status_code in (403, 422)
        stale = await call("deputy", f"{path}/withdraw", {"reason": "不需要"}, If_Match='"9"')
        assert (stale.status_code, stale.json()["current"]["version"]) == (412, 1)
        done = await call("deputy", f"{path}/withdraw", {"reason": "不需要"}, If_Match='"1"')
        assert (done.json()["state"], done.json()["actions"]) == ("withdrawn", [])
        assert (await call("stranger", path)).status_code == 404
        note = {"to_shift_id": second["id"], "note": "无"}
        early = await call("deputy", f"{SHIFTS}/{first['id']}/hand-over", note, If_Match="*")
        assert (early.status_code, early.json()["code"], early.json()["open_moves"]) == (
            409, "shift_cannot_move", ["reassign", "cancel", "ask-swap"],
        )  # fmt: skip


async def test_a_cancelled_shift_is_a_gap_in_the_look_and_in_the_list(fresh_database: FreshDatabase) -> None:
    async with doors(fresh_database) as call:
        roster = await call.drawn()
        assert (await call("leader", f"{ROSTERS}/{roster['id']}/cover")).json()["gaps"] == []
        first = (await call("leader", f"{SHIFTS}?roster_id={roster['id']}&limit=1")).json()["items"][0]
        path = f"{SHIFTS}/{first['id']}/cancel"
        assert (await call("deputy", path, {"reason": "x"}, If_Match="*")).status_code in (403, 404)
        missing = await call("leader", path, {"reason": "病假"})
        assert missing.status_code == 428
        assert (await call("leader", path, {"reason": "病假"}, If_Match='"1"')).json()["state"] == "cancelled"
        (gap,) = (await call("leader", f"{ROSTERS}/{roster['id']}/cover?days=3")).json()["gaps"]
        assert (gap["missing"], gap["why"], gap["begins_at"]) == (1, "nobody", first["begins_at"])
        async with call.town.database.unit_of_work(SYSTEM) as tx:
            await actions_cover.keep_rosters(tx, now(), 10)
        (told,) = (await call("leader", f"/v1/shift-gaps?open=true&roster_id={roster['id']}")).json()["items"]
        assert (told["begins_at"], told["closed_at"]) == (first["begins_at"], None)
        assert datetime.fromisoformat(told["opened_at"]) < datetime.fromisoformat(told["begins_at"])
        assert (await call("stranger", "/v1/shift-gaps")).json()["items"] == []


async def test_no_input_is_a_failure_of_ours(fresh_database: FreshDatabase) -> None:
    async with doors(fresh_database) as call:
        roster = await call.drawn()
        far = call.roster(first_day="9999-12-31")
        ends = {"first_day": "9999-12-30", "last_day": "9999-12-31"}
        school = call.roster(terms=[ends])["rotas"][0] | {"days": "school_days", "first_day": "0001-01-01"}
        bodies: list[tuple[str, Any]] = [
            (ROSTERS, far),
            (ROSTERS, call.roster(terms=[ends], rotas=[school, *call.roster()["rotas"][1:]])),
            (ROSTERS, call.roster(members=[])),
            (ROSTERS, call.roster(name="\x00")),
            (f"{ROSTERS}/{roster['id']}/publish", {"to": "9999-12-31"}),
            (f"{ROSTERS}/{roster['id']}/publish", {"to": "0001-01-01"}),
        ]
        shift = examples.SHIFT | {"roster_id": roster["id"], "post_id": str(call.town.posts["sector_supervisor"])}
        bodies += [
            (SHIFTS, shift | {"begins_at": begins, "ends_at": ends_at})
            for begins, ends_at in (
                ("0001-01-01T00:00:00+08:00", "9999-12-31T23:59:59-08:00"),
                ("9999-12-31T23:00:00Z", "9999-12-31T23:59:59-08:00"),
            )
        ]
        for path, body in bodies:
            answer = await call("leader", path, body, If_Match="*")
            assert answer.status_code in (201, 400, 409, 422), (path, body, answer.text)
        for path in (
            "/v1/on-duty?at=0001-01-01T00:00:00%2B08:00", "/v1/on-duty?cursor=AAAA", f"{SHIFTS}?cursor=%00",
            f"{ROSTERS}/{roster['id']}/cover?begins_at=9999-12-31T23:59:59Z",
        ):  # fmt: skip
            assert (await call("leader", path)).status_code in (200, 400, 422), path
