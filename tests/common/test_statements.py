"""Statements on their way to the driver: the text, the values in their order, and the types on the way back."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any
from uuid import UUID

import pytest
from sqlalchemy import (
    Boolean,
    Column,
    Date,
    DateTime,
    Float,
    Integer,
    LargeBinary,
    MetaData,
    Numeric,
    Table,
    Text,
    bindparam,
    func,
    select,
    text,
)
from sqlalchemy.dialects.postgresql import ARRAY, JSONB, insert
from sqlalchemy.dialects.postgresql import UUID as PGUUID
from sqlalchemy.exc import DBAPIError

from libs.common.connections import Connections
from libs.common.db import Database, SeveralRows, Tx
from libs.common.ids import new_id
from libs.common.scope import Scope
from libs.common.statements import ColumnDefaultInPython, bound, bound_many
from tests.common.plumbed import SCHEMA, Plumbed, inspector

things = Table(
    "things", MetaData(), Column("id", PGUUID(as_uuid=True), primary_key=True), Column("name", Text),
    Column("tags", ARRAY(Text)), Column("shape", JSONB), Column("at", DateTime(timezone=True)), Column("day", Date),
    Column("amount", Numeric), Column("ratio", Float(53)), Column("seal", LargeBinary), Column("live", Boolean),
)  # fmt: skip
_DDL = (
    "CREATE TABLE things (id uuid PRIMARY KEY, name text, tags text[], shape jsonb, at timestamptz, day date,"
    " amount numeric, ratio double precision, seal bytea, live boolean)"
)
_SETTINGS = text(
    "SELECT concat_ws('|', current_setting('shoutu.system', true), current_setting('shoutu.grants', true),"
    " current_setting('shoutu.parties', true), current_setting('shoutu.subject', true),"
    " current_setting('shoutu.client', true))"
)


def thing(name: str = "a", **more: Any) -> dict[str, Any]:
    """One row with a value of every type."""
    usual = {
        "id": new_id(), "name": name, "tags": ["x", "y"], "shape": {"a": [1, None, "四"]},
        "at": datetime(2026, 10, 12, 11, 40, tzinfo=UTC), "day": date(2026, 10, 12), "amount": Decimal("0.10"),
        "ratio": 0.5, "seal": b"\x00\xff", "live": True,
    }  # fmt: skip
    return usual | more


@dataclass(frozen=True, slots=True)
class Things:
    """A table of things, and transactions over it."""

    plumbed: Plumbed

    def work(self) -> Any:
        """A transaction."""
        return self.plumbed.app.unit_of_work(Scope.of_system("test"))


@pytest.fixture
async def over(plumbed: Plumbed) -> Things:
    await plumbed.superuser.execute(_DDL)
    await plumbed.superuser.execute(f"GRANT ALL ON things TO {SCHEMA}_app")
    return Things(plumbed)


async def test_every_type_comes_back_as_it_went(over: Things) -> None:
    whole, nothing = thing(), thing() | dict.fromkeys(("tags", "at", "day", "amount", "ratio", "seal", "live"))
    async with over.work() as tx:
        await tx.execute(things.insert(), whole)
        await tx.execute(things.insert(), [thing("b"), nothing])
        for row in (whole, nothing):
            assert dict(await tx.one_or_none(select(things).where(things.c.id == row["id"])) or {}) == row
        assert await tx.scalar(select(func.count()).select_from(things)) == 3


@pytest.mark.parametrize("count", [0, 1, 2, 5])
async def test_a_list_of_any_length_may_be_asked_for(over: Things, count: int) -> None:
    rows = [thing(f"n{number}") for number in range(5)]
    wanted = [row["id"] for row in rows[:count]]
    async with over.work() as tx:
        await tx.execute(things.insert(), rows)
        found = await tx.all(select(things.c.name).where(things.c.id.in_(wanted), things.c.live))
        assert sorted(row["name"] for row in found) == [f"n{number}" for number in range(count)]
        by_name = text("SELECT count(*) FROM things WHERE name IN :names AND live = :live").bindparams(
            bindparam("names", expanding=True, type_=Text)
        )
        assert await tx.scalar(by_name, {"names": [f"n{n}" for n in range(count)], "live": True}) == count


async def test_how_many_rows_were_touched_is_told(over: Things) -> None:
    async with over.work() as tx:
        assert (await tx.execute(things.insert(), thing("a"))).rowcount == 1
        assert (await tx.execute(things.insert().values([thing("b"), thing("c")]))).rowcount == 2
        named = things.update().where(things.c.name == bindparam("old"))
        assert (await tx.execute(named, {"old": "a", "name": "z"})).rowcount == 1
        assert (await tx.execute(named, {"old": "a", "name": "z"})).rowcount == 0
        assert (await tx.execute(things.delete().where(things.c.name != "z"))).rowcount == 2
        assert (await tx.execute(text("LOCK TABLE things"))).rowcount == -1


async def test_one_row_is_one_row(over: Things) -> None:
    async with over.work() as tx:
        await tx.execute(things.insert(), [thing("a"), thing("a")])
        assert await tx.one_or_none(select(things).where(things.c.name == "b")) is None
        assert await tx.scalar(select(things.c.name).where(things.c.name == "b")) is None
        with pytest.raises(SeveralRows):
            await tx.one_or_none(select(things))


async def test_a_write_that_may_meet_its_like_keeps_one(over: Things) -> None:
    row = thing("a")
    added = insert(things).values(row)
    async with over.work() as tx:
        for _ in range(2):
            kept = added.on_conflict_do_update(index_elements=[things.c.id], set_={"name": func.upper(things.c.name)})
            await tx.execute(kept)
        assert await tx.scalar(select(things.c.name)) == "A"


def test_one_shape_is_compiled_once_and_carries_its_own_values() -> None:
    first, second = (select(things).where(things.c.name == name, things.c.tags.overlap([name])) for name in "ab")
    assert bound(first)[0] is bound(second)[0]
    assert (bound(first)[1], bound(second)[1]) == (["a", ["a"]], ["b", ["b"]])
    same = bindparam("name")
    assert bound(select(things.c.id).where(things.c.name == same), {"name": "c"})[1] == ["c"]
    assert bound(text("SELECT :a, :b, :a"), {"a": 1, "b": 2, "unused": 3}) == ("SELECT $1, $2, $1", [1, 2])
    assert bound(text("SELECT :a").bindparams(a=5))[1] == [5]
    sql, rows = bound_many(things.insert(), [{"id": UUID(int=n), "shape": {"n": n}} for n in range(2)])
    assert sql.count("$") == 2
    assert rows == [[UUID(int=0), '{"n":0}'], [UUID(int=1), '{"n":1}']]


def test_a_list_has_one_text_whatever_its_length() -> None:
    texts = {bound(select(things.c.id).where(things.c.name.in_(list(names))))[0] for names in ("", "a", "abc")}
    assert len(texts) == 1
    assert "= ANY ($1::TEXT[])" in texts.pop()
    assert "<> ALL ($1::TEXT[])" in bound(select(things.c.id).where(things.c.name.not_in(["a"])))[0]
    named = select(things.c.id).where(things.c.name == "a")
    assert " IN (SELECT" in bound(select(things.c.id).where(things.c.id.in_(named)))[0]


def test_a_value_that_is_missing_is_said_before_anything_is_asked() -> None:
    with pytest.raises(Exception, match="name"):
        bound(select(things).where(things.c.name == bindparam("name")))
    with pytest.raises(Exception, match="'b'"):
        bound(text("SELECT :a, :b"), {"a": 1})


def test_a_column_that_python_would_fill_is_refused() -> None:
    filled = Table("filled", MetaData(), Column("id", Integer, primary_key=True), Column("n", Integer, default=7))
    with pytest.raises(ColumnDefaultInPython):
        bound(filled.insert(), {"id": 1})


async def test_no_value_stands_in_the_text_of_an_error(over: Things) -> None:
    row = thing("13900000000")
    async with over.work() as tx:
        await tx.execute(things.insert(), row)
    wrong: list[dict[str, Any]] = [row, thing("13900000000") | {"at": "13900000000"}]
    for values in wrong:
        with pytest.raises(DBAPIError) as told:
            async with over.work() as tx:
                await tx.execute(things.insert(), values)
        for secret in ("139", str(row["id"])):
            assert secret not in str(told.value)


async def test_no_setting_waits_on_a_connection_for_the_next_caller(plumbed: Plumbed) -> None:
    database = Database(plumbed.app.url, service=SCHEMA, pool_size=1)

    async def fail(tx: Tx) -> Scope:
        assert await tx.scalar(_SETTINGS) == "||||"
        raise LookupError

    for scope in (inspector(), Scope.of_system("wide"), Scope.of_system("odd ' name")):
        async with database.unit_of_work(scope) as tx:
            assert scope.subject in await tx.scalar(_SETTINGS)
        with pytest.raises(LookupError):
            async with database.unit_of_work(fail):
                pytest.fail("nobody comes in without a scope")
    await database.close()


async def test_a_connection_that_comes_back_inside_a_transaction_is_rolled_back(plumbed: Plumbed) -> None:
    connections = Connections(plumbed.app.url, 1)
    async with connections.one() as connection:
        await connection.execute("BEGIN; SELECT set_config('shoutu.system', 'left behind', true)")
    async with connections.one() as connection:
        assert not connection.is_in_transaction()
        assert not await connection.fetchval("SELECT current_setting('shoutu.system', true)")
    await connections.close()
