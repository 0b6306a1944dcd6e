"""The audit's search: for auditors only, where they are auditors, by every filter, in pages that skip nothing."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import Any
from uuid import UUID

import pytest
from sqlalchemy import text

from libs.common.clocks import system_now
from libs.common.ids import new_id
from libs.common.parts import add_parts
from libs.common.problems import RoleMissing
from libs.common.scope import Grant, Scope
from libs.common.timeline import Entry, TimelineRow, append_all
from libs.common.timeline_search import Place, Sought, search
from tests.common.plumbed import Plumbed, Thing, inspector, thing

HERE, THERE = "331002000000", "331003000000"
POST = new_id()


def auditor(area: str = HERE, *, role: str = "auditor", sectors: tuple[str, ...] | None = None, **more: Any) -> Scope:
    grant = Grant(area_from=area, area_to=area[:6] + "999999", sectors=sectors, role=role)
    return Scope(**({"subject": "wang", "client_id": "audit", "grants": (grant,)} | more))


async def did(plumbed: Plumbed, about: Thing, fact: str = "kettle.boiled", **who: Any) -> UUID:
    entry = Entry(event_type=f"risk_grading.{fact}.v1", about=about, details={"n": 1}, why="tea", id=new_id())
    async with plumbed.app.unit_of_work(inspector(**who)) as tx:
        await append_all(tx, [entry])
    assert entry.id is not None
    return entry.id


async def found(plumbed: Plumbed, scope: Scope, **sought: Any) -> list[UUID]:
    async with plumbed.app.unit_of_work(scope) as tx:
        return [row.id for row in await search(tx, Sought(**sought), limit=50)]


async def test_who_is_no_auditor_searches_nothing(plumbed: Plumbed) -> None:
    for nobody in (inspector(), Scope(subject="li"), Scope(subject="li", posts=frozenset({POST}))):
        with pytest.raises(RoleMissing):
            await found(plumbed, nobody)


async def test_an_auditor_sees_its_areas_and_sectors_and_nothing_by_other_grants(plumbed: Plumbed) -> None:
    fire, gas = await did(plumbed, thing()), await did(plumbed, thing(sectors=("gas",)))
    there = await did(plumbed, thing(area_code=THERE))
    took_part = thing(area_code=THERE)
    await did(plumbed, took_part)
    async with plumbed.app.unit_of_work(inspector()) as tx:
        await add_parts(tx, took_part.id, [(POST, "observer")])
    assert await found(plumbed, auditor()) == [gas, fire]
    assert await found(plumbed, auditor(sectors=("fire",))) == [fire]
    inspects_there = Grant(area_from=THERE, area_to="331003999999", sectors=None, role="inspector")
    here = auditor()
    both = replace(here, grants=(*here.grants, inspects_there), posts=frozenset({POST}))
    assert await found(plumbed, both) == [gas, fire]
    assert there not in await found(plumbed, both)


async def test_who_administers_the_audit_sees_what_has_no_sector_too_and_no_other_area(plumbed: Plumbed) -> None:
    plain, untriaged = await did(plumbed, thing()), await did(plumbed, thing(sectors=()))
    there = await did(plumbed, thing(area_code=THERE))
    assert await found(plumbed, auditor()) == [plain]
    assert await found(plumbed, auditor(role="audit_administrator")) == [untriaged, plain]
    assert await found(plumbed, auditor(role="audit_administrator", sectors=("fire",))) == [plain]
    everything = Grant(area_from="0" * 12, area_to="9" * 12, sectors=None, role="audit_administrator")
    assert await found(plumbed, Scope(subject="wang", grants=(everything,))) == [there, untriaged, plain]


async def test_each_filter_finds_what_it_says(plumbed: Plumbed) -> None:
    begun = system_now()
    kettle, exercise = thing(), thing(exercise=True, area_code="331002004001")
    first = await did(plumbed, kettle)
    by_post = await did(plumbed, thing(), posts=frozenset({POST}), post_id=POST)
    by_li = await did(plumbed, thing(), subject="li")
    by_app = await did(plumbed, thing(), client_id="app")
    pot = await did(plumbed, thing(), fact="pot.filled")
    drill = await did(plumbed, exercise, fact="kettle_lid.lifted")
    both = await did(plumbed, thing(sectors=("fire", "gas")))
    asked: list[tuple[dict[str, Any], list[UUID]]] = [
        ({"actor_subject": "li"}, [by_li]),
        ({"actor_post": POST}, [by_post]),
        ({"client_id": "app"}, [by_app]),
        ({"noun": "pot"}, [pot]),
        ({"noun": "kettle", "actor_subject": "li"}, [by_li]),
        ({"noun": "kettle_lid"}, [drill]),
        ({"event_type": "risk_grading.po"}, [pot]),
        ({"event_type": "risk_grading.pot.filled.v1"}, [pot]),
        ({"aggregate_id": kettle.id}, [first]),
        ({"correlation_id": exercise.correlation_id}, [drill]),
        ({"exercise": True}, [drill]),
        ({"area_code": "331002004000"}, [drill]),
        ({"sector": "gas"}, [both]),
        ({"recorded_to": begun}, []),
        ({"recorded_from": system_now() + timedelta(seconds=5)}, []),
        ({"recorded_from": begun, "exercise": False}, [both, pot, by_app, by_li, by_post, first]),
        ({"actor_subject": "nobody' OR true --"}, []),
    ]
    for sought, expected in asked:
        assert await found(plumbed, auditor(), **sought) == expected, sought


async def test_pages_follow_each_other_whatever_is_written_meanwhile(plumbed: Plumbed) -> None:
    written = [await did(plumbed, thing()) for _ in range(7)]
    seen: list[UUID] = []
    before: Place | None = None
    while True:
        async with plumbed.app.unit_of_work(auditor()) as tx:
            page: list[TimelineRow] = await search(tx, Sought(), limit=3, before=before)
        if not page:
            break
        seen += [row.id for row in page]
        before = Place(recorded_at=page[-1].recorded_at, id=page[-1].id)
        await did(plumbed, thing())
    assert seen == written[::-1]


async def test_the_scope_is_the_callers_own_again_after_a_wide_search(plumbed: Plumbed) -> None:
    await did(plumbed, thing(sectors=()))
    async with plumbed.app.unit_of_work(auditor(role="audit_administrator")) as tx:
        assert len(await search(tx, Sought(), limit=5)) == 1
        assert tx.scope.system is None
        assert await tx.scalar(text("SELECT count(*) FROM timeline")) == 0
