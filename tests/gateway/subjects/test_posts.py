"""Rights follow posts: what the registry tells of tenures and posts, a subject's state says soon after."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID, uuid4

import pytest
from sqlalchemy import text

from gateway.copies.store import POST_COPY, TENURE_COPY
from libs.common.clocks import system_now
from libs.common.copies import Copy
from libs.common.ids import new_id
from libs.common.scope import Scope
from libs.contracts.event import Event, Heard
from libs.contracts.responsibility_registry import PostChanged, PostRegistered, PostState
from libs.contracts.tenures import TenureBegun, TenureEnded, TenureState
from tests.cluster import eventually
from tests.gateway.running import Running

TOWNSHIP = "331002004000"
LONG_AGO = system_now() - timedelta(days=300)
ROLES = {
    "label": f"test-{uuid4().hex[:6]}",
    "source": "[DEF] test",
    "rows": [
        {"kind": "police_station", "role": "inspector"},
        {"kind": "duty_office", "role": "duty_officer", "every_sector": True},
    ],
}


@dataclass
class Registry:
    """The registry, as the gateway hears it."""

    gateway: Running

    async def post(
        self, kind: str = "police_station", *, known: UUID | None = None, version: int = 1, **fields: Any
    ) -> UUID:
        """A post is told of."""
        told = {
            "code": uuid4().hex, "name_zh": "派出所所长岗", "name_en": "Head", "kind": kind, "tier": "township",
            "area_code": TOWNSHIP, "sectors": ("police", "fire"), "organization": "派出所", "vacant": False,
            "substitute_post_id": None, **fields,
        }  # fmt: skip
        post, state = known or new_id(), PostState.model_validate(told)
        event = PostRegistered(state=state) if version == 1 else PostChanged(state=state)
        await self._hear(POST_COPY, event, post, version)
        return post

    async def tenure(self, post: UUID, subject: str, ends: datetime | None = None, *, id: UUID | None = None) -> UUID:  # noqa: A002
        """A tenure is told of, or its end where it has an id."""
        state = TenureState(post_id=post, subject=subject, valid_from=LONG_AGO, valid_to=ends)
        event: Event = TenureBegun(state=state) if id is None else TenureEnded(state=state, reason="test")
        tenure = id or new_id()
        await self._hear(TENURE_COPY, event, tenure, 1 if id is None else 2)
        return tenure

    async def _hear(self, copy: Copy, event: Event, aggregate: UUID, version: int) -> None:
        heard = Heard(
            id=new_id(), type=event.type, aggregate_id=aggregate, aggregate_version=version, correlation_id=aggregate,
            causation_id=None, area_code=TOWNSHIP, sectors=(), actor_post=None, occurred_at=system_now(),
            recorded_at=system_now(), policy_version="", exercise=False, sensitivity="internal", traceparent=None,
            data=event,
        )  # fmt: skip
        async with self.gateway.app.state.runtime.database.unit_of_work(Scope.of_system("test")) as tx:
            await copy.take(heard, tx)


@pytest.fixture(scope="module")
async def registry(gateway: Running) -> Registry:
    """The registry, and what the city says that posts give."""
    answer = await gateway.http.post("/v1/post-roles", json=ROLES, headers=await gateway.security())
    assert answer.status_code == 201, answer.text
    return Registry(gateway)


async def me(gateway: Running, made: dict[str, Any]) -> dict[str, Any]:
    headers = await gateway.bearer(made["client_id"], made["client_secret"])
    return dict((await gateway.http.get("/v1/me", headers=headers)).json())


async def until_roles(gateway: Running, made: dict[str, Any], *roles: str) -> dict[str, Any]:
    found: dict[str, Any] = {}

    async def are_so() -> bool:
        found.update(await me(gateway, made))
        return found["roles"] == sorted(roles)

    await eventually(are_so, seconds=10, what=f"{made['subject']} holds {roles}")
    return found


async def test_who_holds_a_post_has_what_its_kind_gives_where_the_post_is_and_no_longer(
    gateway: Running, registry: Registry
) -> None:
    made = await gateway.register()
    post = await registry.post()
    tenure = await registry.tenure(post, made["subject"])
    shown = await until_roles(gateway, made, "inspector")
    (held,) = shown["posts"]
    assert (held["post_id"], held["area_from"], held["area_to"]) == (str(post), TOWNSHIP, "331002004999")
    assert held["roles"] == [{"role": "inspector", "sectors": ["police", "fire"]}]
    assert shown["acting_post"] == str(post)
    await registry.post(known=post, version=2, area_code="331003001000", sectors=("fire",))
    moved = (
        'SELECT 1 FROM gateway.access_grants WHERE subject = :who AND grants @> \'[{"area_from": "331003001000"}]\''
    )

    async def has_moved() -> bool:
        async with gateway.app.state.runtime.database.unit_of_work(Scope.of_system("test")) as tx:
            return bool(await tx.scalar(text(moved), {"who": made["subject"]}))

    await eventually(has_moved, seconds=10, what="the grant moved with its post")
    await registry.tenure(post, made["subject"], system_now(), id=tenure)
    assert (await until_roles(gateway, made))["posts"] == []


async def test_a_tenure_that_is_heard_of_before_its_post_counts_when_the_post_is(
    gateway: Running, registry: Registry
) -> None:
    made, post = await gateway.register(), new_id()
    await registry.tenure(post, made["subject"])
    later = await gateway.register()
    await registry.tenure(await registry.post(), later["subject"])
    await until_roles(gateway, later, "inspector")
    assert (await me(gateway, made))["roles"] == []
    await registry.post(known=post)
    await until_roles(gateway, made, "inspector")


async def test_who_holds_the_substitute_sees_for_a_vacant_post_and_acts_for_its_own(
    gateway: Running, registry: Registry
) -> None:
    stands_in, holder = await gateway.register(), await gateway.register()
    own, post = await registry.post(), await registry.post("duty_office", area_code="331002005000", sectors=())
    await registry.tenure(own, stands_in["subject"])
    await registry.tenure(post, holder["subject"])
    await until_roles(gateway, holder, "duty_officer")
    await registry.post(
        "duty_office",
        known=post,
        version=2,
        area_code="331002005000",
        sectors=(),
        vacant=True,
        substitute_post_id=own,
    )
    shown = await until_roles(gateway, stands_in, "duty_officer", "inspector")
    assert shown["acting_post"] == str(own)
    assert [(one["post_id"], one["stands_in"]) for one in shown["posts"] if one["stands_in"]] == [(str(post), True)]
    await until_roles(gateway, holder)
    await registry.post("duty_office", known=post, version=3, area_code="331002005000", sectors=())
    await until_roles(gateway, holder, "duty_officer")
    await until_roles(gateway, stands_in, "inspector")


async def test_another_table_changes_what_everybody_holds(gateway: Running, registry: Registry) -> None:
    made = await gateway.register()
    await registry.tenure(await registry.post("night_watch"), made["subject"])
    rows = [*ROLES["rows"], {"kind": "night_watch", "role": "grid_member"}]
    table = {**ROLES, "label": f"test-{uuid4().hex[:6]}", "rows": rows}
    assert (
        await gateway.http.post("/v1/post-roles", json=table, headers=await gateway.security())
    ).status_code == 201
    await until_roles(gateway, made, "grid_member")


@pytest.mark.parametrize(
    ("wrong", "pointer"),
    [
        ({"source": "somebody said so"}, "#/source"),
        ({"rows": [{"kind": "mayor", "role": "security_administrator"}]}, "#/rows/0/role"),
        ({"rows": [{"kind": "mayor", "role": "leader"}, {"kind": "mayor", "role": "leader"}]}, "#/rows/0"),
    ],
)
async def test_a_table_names_its_source_and_gives_no_office(
    gateway: Running, wrong: dict[str, Any], pointer: str
) -> None:
    body = {**ROLES, "label": f"test-{uuid4().hex[:6]}", **wrong}
    answer = await gateway.http.post("/v1/post-roles", json=body, headers=await gateway.security())
    assert (answer.status_code, answer.json()["errors"][0]["pointer"]) == (422, pointer)


async def test_only_who_administers_the_security_of_everything_adopts_a_table(gateway: Running) -> None:
    body = {**ROLES, "label": f"test-{uuid4().hex[:6]}"}
    county = {"role": "security_administrator", "area_from": "331002000000", "area_to": "331002999999"}
    refused = {"role_missing": await gateway.bearer(), "grant_beyond_own": await gateway.person(county)}
    for code, headers in refused.items():
        answer = await gateway.http.post("/v1/post-roles", json=body, headers=headers)
        assert (answer.status_code, answer.json()["code"]) == (403, code)
