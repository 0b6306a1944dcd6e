"""Bodies are visited by others, a finding becomes one order, and coverage counts a body once."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, replace
from datetime import date, timedelta
from decimal import Decimal
from typing import Any
from uuid import UUID

import httpx
import orjson
import pytest
from hypothesis import given
from hypothesis import strategies as st

from libs.common.db import Tx
from libs.common.ids import new_id
from libs.common.problems import NotFound, RoleMissing, StaleVersion
from libs.common.scope import Scope
from libs.common.tokens import Principal
from libs.common.web import create_service_app
from services.responsibility_registry.app import SERVICE
from services.responsibility_registry.evaluations.rules import BodyKind, EvaluationWrong
from services.responsibility_registry.evaluations.rules_scores import Body
from services.responsibility_registry.inspection_tours import actions, rules, store
from services.responsibility_registry.inspection_tours.actions import NewOrder, NewTour, NewVisit
from services.responsibility_registry.inspection_tours.rules import Seen, Tour, TourState, Visit
from services.responsibility_registry.orders.store import find_order
from tests.cluster import FreshDatabase
from tests.common.counter_service import runtime, token
from tests.responsibility_registry.evaluations.scene import BEGAN, COUNTY, HERE, THERE, VILLAGE, Scene, scene

NEW = NewTour(
    name="一季度巡查", area_code=COUNTY, body_kind=BodyKind.AREAS, among="township", first_day=date(2027, 1, 1),
    last_day=date(2027, 3, 31),
)  # fmt: skip
ORDER = NewOrder(finding=1, entity="房屋出租人", area_code=VILLAGE, sectors=("fire",), major=False)


@given(planned=st.integers(0, 20), seen=st.dictionaries(st.integers(0, 30), st.integers(1, 3)))
def test_coverage_is_visited_over_planned_and_never_divided_by_zero(planned: int, seen: dict[int, int]) -> None:
    bodies = [Body(key=str(one), zh="甲", en="A", area_code=COUNTY) for one in range(planned)]
    found = rules.coverage(bodies, {str(one): Seen(visits=many, findings=0, ordered=0) for one, many in seen.items()})
    assert found.visited + len(found.left) == found.planned == planned
    assert (found.share is None) is (planned == 0)
    assert found.share is None or Decimal(0) <= found.share <= Decimal(1)


def new_visit(tour: Tour, body: str = HERE, **changes: Any) -> NewVisit:
    said = NewVisit(
        tour_id=tour.id, body=body, visited_at=BEGAN, words="抽查三处", evidence=(),
        findings=(("rental_house_fire", "未装烟感"), ("electrical", "私拉电线")),
    )  # fmt: skip
    return replace(said, **changes)


async def plan(there: Scene, by: Scope | None = None, **changes: Any) -> Tour:
    async with there.town.database.unit_of_work(by or there.acting("committee")) as tx:
        return await actions.plan_tour(tx, replace(NEW, **changes))


async def visit(there: Scene, new: NewVisit, by: Scope | None = None) -> Visit:
    async with there.town.database.unit_of_work(by or there.acting("committee")) as tx:
        return await actions.record_visit(tx, new)


async def test_bodies_are_visited_findings_become_orders_and_the_rest_is_left(fresh_database: FreshDatabase) -> None:
    async with scene(fresh_database) as there:
        tour = await plan(there)
        first = await visit(there, new_visit(tour))
        await visit(there, new_visit(tour, findings=()))
        async with there.town.database.unit_of_work(there.acting("committee")) as tx:
            after = await actions.order_finding(tx, first.id, first.version, ORDER)
            order_id = after.findings[0].order_id
            assert order_id is not None
            assert (await find_order(tx, order_id)).words == "未装烟感"
            with pytest.raises(rules.FindingAlreadyOrdered):
                await actions.order_finding(tx, first.id, None, ORDER)
            with pytest.raises(StaleVersion):
                await actions.order_finding(tx, first.id, first.version, replace(ORDER, finding=2))
            for wrong in (replace(ORDER, finding=3), replace(ORDER, finding=2, area_code=THERE)):
                with pytest.raises(rules.TourWrong):
                    await actions.order_finding(tx, first.id, None, wrong)
            found = await actions.coverage_of(tx, tour.id)
        assert (found.planned, found.visited, found.share) == (2, 1, Decimal("0.5000"))
        assert (found.visits, found.findings, found.ordered) == (2, 2, 1)
        assert [one.key for one in found.left] == [THERE]
        async with there.town.database.unit_of_work(there.acting("reviewer")) as tx:
            ended = await actions.conclude_tour(tx, tour.id, None, "一个街道顺延")
            assert (ended.state, ended.conclusion) == (TourState.CONCLUDED, "一个街道顺延")
            with pytest.raises(rules.TourCannotMove):
                await actions.conclude_tour(tx, tour.id, None, "again")
        with pytest.raises(rules.TourCannotMove):
            await visit(there, new_visit(tour, THERE))


async def test_nobody_visits_their_own_body_or_beside_the_plan(fresh_database: FreshDatabase) -> None:
    async with scene(fresh_database) as there:
        tour = await plan(there)
        own = there.town.posts["secretary"]
        inside = replace(there.acting("committee"), posts=frozenset({own}), post_id=own)
        with pytest.raises(rules.OwnBodyNotVisited):
            await visit(there, new_visit(tour), inside)
        for wrong in (
            new_visit(tour, "331002009000"), new_visit(tour, visited_at=BEGAN + timedelta(days=300)),
            new_visit(tour, visited_at=BEGAN - timedelta(days=30)), new_visit(tour, findings=(("unheard_of", "?"),)),
        ):  # fmt: skip
            with pytest.raises(rules.TourWrong):
                await visit(there, wrong)


async def test_a_tour_is_planned_over_ones_own_area_and_a_visit_is_seen_where_it_was(
    fresh_database: FreshDatabase,
) -> None:
    async with scene(fresh_database) as there:
        for by in (there.acting("secretary"), there.acting("committee", role="inspector")):
            with pytest.raises(RoleMissing):
                await plan(there, by)
        with pytest.raises(rules.TourWrong):
            await plan(there, last_day=date(2026, 12, 31))
        with pytest.raises(EvaluationWrong):
            await plan(there, among="street")
        tour = await plan(there)
        seen = await visit(there, new_visit(tour))
        async with there.town.database.unit_of_work(there.acting("secretary")) as tx:
            assert (await store.find_visit(tx, seen.id)).words == "抽查三处"
            with pytest.raises(NotFound):
                await store.find_tour(tx, tour.id)
        async with there.town.database.unit_of_work(there.acting("neighbour")) as tx:
            with pytest.raises(NotFound):
                await store.find_visit(tx, seen.id)
        posts = await plan(there, body_kind=BodyKind.POSTS, among="grid_post")
        assert [one.post_id for one in posts.bodies] == [there.town.posts["grid_post"]]


@asynccontextmanager
async def doors(there: Scene) -> AsyncIterator[httpx.AsyncClient]:
    """The registry's doors, in the name of the committee's post."""

    async def scope_of(tx: Tx, who: Principal, acting_post: UUID | None) -> Scope:
        del tx, acting_post
        return there.acting(who.subject)

    app = create_service_app(
        replace(runtime(there.town.database), scope_of=scope_of, ranges_of=SERVICE.ranges_of),
        SERVICE.routers,
        title=SERVICE.title,
    )
    async with httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url="http://test") as client:
        yield client


@dataclass(slots=True)
class Caller:
    """Requests of the committee."""

    client: httpx.AsyncClient

    async def __call__(self, path: str, body: Any = None, **headers: str) -> httpx.Response:
        told = {"Authorization": f"Bearer {token(sub='committee')}", "Content-Type": "application/json"}
        told |= {name.replace("_", "-"): value for name, value in headers.items()}
        if body is None:
            return await self.client.get(path, headers=told)
        return await self.client.post(path, content=orjson.dumps(body), headers=told)


async def test_a_tour_through_the_doors(fresh_database: FreshDatabase) -> None:
    async with scene(fresh_database) as there, doors(there) as client:
        call = Caller(client)
        said = {
            "name": "一季度巡查", "area_code": COUNTY, "body_kind": "areas", "among": "township",
            "first_day": "2027-01-01", "last_day": "2027-03-31",
        }  # fmt: skip
        key = str(new_id())
        planned = await call("/v1/inspection-tours", said, Idempotency_Key=key)
        again = await call("/v1/inspection-tours", said, Idempotency_Key=key)
        assert (planned.status_code, again.json()["id"]) == (201, planned.json()["id"])
        tour = planned.json()
        assert tour["actions"] == ["visit", "conclude"]
        seen = await call("/v1/tour-visits", {
            "tour_id": tour["id"], "body": HERE, "visited_at": BEGAN.isoformat(), "words": "抽查",
            "findings": [{"category": "electrical", "words": "私拉电线"}],
        })  # fmt: skip
        assert (seen.status_code, seen.json()["actions"]) == (201, ["order"])
        where = f"/v1/tour-visits/{seen.json()['id']}"
        ordered = await call(
            f"{where}/order", {"finding": 1, "area_code": VILLAGE, "sectors": ["fire"]}, If_Match='"1"'
        )
        assert (ordered.json()["actions"], ordered.json()["findings"][0]["order_id"] is None) == ([], False)
        assert (await call(where)).json() == ordered.json()
        path = f"/v1/inspection-tours/{tour['id']}"
        covered = (await call(f"{path}/coverage")).json()
        assert (covered["share"], [one["key"] for one in covered["left"]]) == ("0.5000", [THERE])
        listed = (await call(f"/v1/tour-visits?tour_id={tour['id']}&body={HERE}")).json()
        assert len(listed["items"]) == 1
        ended = await call(f"{path}/conclude", {"conclusion": "完成"}, If_Match="*")
        assert (ended.json()["state"], ended.json()["actions"]) == ("concluded", [])
        assert (await call(path)).json() == ended.json()
        running = await call(f"/v1/inspection-tours?state=concluded&area_code={COUNTY}")
        assert [one["id"] for one in running.json()["items"]] == [tour["id"]]
