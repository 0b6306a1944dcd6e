"""Looking into what is sensitive is a row: once a minute a caller and thing, and held by the services' tables."""

from __future__ import annotations

import ast
import importlib
from dataclasses import replace

from infra.settings import APPS, app_module
from libs.common.sensitive_reads import Sensitive, note_read
from libs.common.timeline import history
from tests.architecture.sources import product
from tests.common.plumbed import Plumbed, Thing, inspector, thing

DIARY = Sensitive(noun="diary", why="says what somebody thought", source="[DEF]")


async def look(plumbed: Plumbed, diary: Thing, **who: object) -> None:
    async with plumbed.app.unit_of_work(inspector(**who)) as tx:
        await note_read(tx, diary, DIARY, why="asked to", details={"pages": 3})


async def test_a_look_is_a_row_and_the_next_within_the_minute_is_the_same_look(plumbed: Plumbed) -> None:
    diary, other = thing(), thing()
    for _ in range(3):
        await look(plumbed, diary)
    await look(plumbed, replace(diary, version=2))
    await look(plumbed, diary, subject="li")
    await look(plumbed, other)
    async with plumbed.app.unit_of_work(inspector()) as tx:
        rows = await history(tx, diary.id)
        assert [(row.event_type, row.actor_subject, row.why, row.details) for row in rows] == [
            ("risk_grading.diary.looked_into.v1", "zhang", "asked to", {"pages": 3}),
            ("risk_grading.diary.looked_into.v1", "li", "asked to", {"pages": 3}),
        ]
        assert len(await history(tx, other.id)) == 1
    # A minute later it is another look.
    await plumbed.superuser.execute("UPDATE timeline SET recorded_at = recorded_at - interval '61 s'")
    await look(plumbed, diary)
    async with plumbed.app.unit_of_work(inspector()) as tx:
        assert len(await history(tx, diary.id)) == 3


async def test_a_look_whose_transaction_fails_is_no_look(plumbed: Plumbed) -> None:
    diary = thing()
    try:
        async with plumbed.app.unit_of_work(inspector()) as tx:
            await note_read(tx, diary, DIARY)
            raise InterruptedError
    except InterruptedError:
        await look(plumbed, diary)
    async with plumbed.app.unit_of_work(inspector()) as tx:
        assert len(await history(tx, diary.id)) == 1


def _noted() -> set[str]:
    """What the code notes a look by: the third argument of each call."""
    return {
        ast.unparse(node.args[2])
        for source in product()
        if source.path.startswith(("services/", "gateway/"))
        for node in ast.walk(source.tree)
        if isinstance(node, ast.Call) and ast.unparse(node.func) == "note_read" and len(node.args) > 2
    }


def test_every_noun_whose_looks_are_noted_stands_in_its_services_table_and_none_stands_there_for_nothing() -> None:
    tables = [one for app in APPS for one in importlib.import_module(app_module(app)).SERVICE.sensitive]
    assert {one.noun.rpartition("_")[2].upper() for one in tables} == _noted()
    assert all(one.why and one.source for one in tables)
    assert len({one.noun for one in tables}) == len(tables)
