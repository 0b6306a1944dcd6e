"""The outbox: told with the act or not at all, in the order of versions, and never more than a message carries."""

from __future__ import annotations

import asyncio
import re
from datetime import UTC, datetime
from uuid import UUID

import asyncpg
import pytest

from infra import database
from libs.common import outbox
from libs.common.ddl.plumbing import partition_ddl
from libs.common.ids import floor_id, new_id
from libs.common.leases import Lease
from libs.common.outbox import EventTooLarge
from libs.common.scope import Scope
from libs.contracts.plumbing import DOUBTED
from tests.cluster import Cluster, eventually
from tests.common.plumbed import SCHEMA, Plumbed, thing

SYSTEM = Scope.of_system("test")


def fact(word: str = "x") -> object:
    """Something to tell."""
    return DOUBTED[SCHEMA](producer="gateway", noun=word)


async def count(plumbed: Plumbed) -> int:
    """How many events are told."""
    return int(await plumbed.superuser.fetchval("SELECT count(*) FROM outbox"))


async def _tell_and_fall(plumbed: Plumbed) -> None:
    async with plumbed.app.unit_of_work(SYSTEM) as tx:
        await outbox.add(tx, fact(), thing())
        await outbox.add_all(tx, [(fact(), thing()), (fact(), thing())])
        raise LookupError


async def test_an_act_that_fails_tells_nothing_and_wakes_nobody(plumbed: Plumbed) -> None:
    woken: list[bool] = []
    plumbed.app.wake_relay = lambda: woken.append(True)
    with pytest.raises(LookupError):
        await _tell_and_fall(plumbed)
    assert (await count(plumbed), woken) == (0, [])
    async with plumbed.app.unit_of_work(SYSTEM) as tx:
        await outbox.add(tx, fact(), thing())
    assert (await count(plumbed), woken) == (1, [True])


async def test_many_events_keep_their_order(plumbed: Plumbed) -> None:
    made = [thing() for _ in range(500)]
    async with plumbed.app.unit_of_work(SYSTEM) as tx:
        ids = await outbox.add_all(tx, [(fact(), one) for one in made])
        assert await outbox.add_all(tx, []) == []
    rows = await plumbed.superuser.fetch("SELECT id, aggregate_id FROM outbox ORDER BY position")
    assert [row["aggregate_id"] for row in rows] == [one.id for one in made]
    assert [row["id"] for row in rows] == ids


@pytest.mark.parametrize("word", ["x" * 1_100_000, "守" * 400_000])
async def test_what_no_message_can_carry_is_refused_with_its_act(plumbed: Plumbed, word: str) -> None:
    """In the outbox it would stop all that is told after it, for ever."""
    async with plumbed.app.unit_of_work(SYSTEM) as tx:
        with pytest.raises(EventTooLarge):
            await outbox.add(tx, fact(word), thing())
        with pytest.raises(EventTooLarge):
            await outbox.add_all(tx, [(fact(), thing()), (fact(word), thing())])
        await outbox.add(tx, fact("守" * 300_000), thing())
    assert await count(plumbed) == 1


@pytest.mark.parametrize("asleep", [True, False])
@pytest.mark.parametrize("many", [True, False])
async def test_only_a_relay_that_sleeps_is_notified(plumbed: Plumbed, asleep: bool, many: bool) -> None:
    heard: list[str] = []
    ear = await asyncpg.connect(plumbed.app.url)
    await ear.add_listener(f"relay_{SCHEMA}", lambda *told: heard.append(str(told[3])))
    lease = Lease(plumbed.app, "relay")
    await lease.hold()
    await lease.mark_asleep(asleep)
    async with plumbed.app.unit_of_work(SYSTEM) as tx:
        if many:
            await outbox.add_all(tx, [(fact(), thing()), (fact(), thing())])
        else:
            await outbox.add(tx, fact(), thing())
    # A note of our own ends the listening: what was sent before has arrived by then.
    await plumbed.superuser.execute(f"NOTIFY relay_{SCHEMA}, 'end'")
    await eventually(lambda: "end" in heard)
    await ear.close()
    assert heard == ([""] if asleep else []) + ["end"]


async def test_events_lie_in_the_partition_of_their_birth_and_never_nowhere(plumbed: Plumbed) -> None:
    async with plumbed.app.unit_of_work(SYSTEM) as tx:
        await outbox.add(tx, fact(), thing())
        far = floor_id(datetime(2199, 1, 1, tzinfo=UTC))
        await outbox.add(tx, fact(), thing(), event_id=far)
    where = await plumbed.superuser.fetch("SELECT tableoid::regclass::text AS name FROM outbox ORDER BY id")
    assert where[0]["name"] != "outbox_rest"
    assert where[1]["name"] == "outbox_rest"


async def test_positions_of_one_aggregate_rise_with_its_versions_whoever_writes(plumbed: Plumbed) -> None:
    """The position is drawn under the aggregate's lock; two writers of one row come one after the other."""
    await plumbed.superuser.execute(
        f"CREATE TABLE counted (id uuid PRIMARY KEY, version integer); GRANT ALL ON counted TO {SCHEMA}_app"
    )
    one = new_id()
    await plumbed.superuser.execute("INSERT INTO counted VALUES ($1, 0)", one)

    async def write() -> None:
        async with plumbed.app.unit_of_work(SYSTEM) as tx:
            version = await tx.connection.fetchval(
                "UPDATE counted SET version = version + 1 WHERE id = $1 RETURNING version", one
            )
            await outbox.add(tx, fact(), thing(id=one, version=version))

    await asyncio.gather(*(write() for _ in range(40)))
    told = await plumbed.superuser.fetch("SELECT aggregate_version AS v FROM outbox ORDER BY position")
    assert [row["v"] for row in told] == list(range(1, 41))


def borders(statements: list[str], table: str) -> list[tuple[UUID, UUID]]:
    """From and to of each partition that a DDL makes of a table."""
    found = [
        re.search(rf"ATTACH PARTITION {SCHEMA}.{table}_\\d+ FOR VALUES FROM \\('(.*?)'\\) TO \\('(.*?)'\\)", one)
        for one in statements
    ]
    return [(UUID(hit[1]), UUID(hit[2])) for hit in found if hit]


@pytest.mark.parametrize("table", ["outbox", "inbox"])
def test_partitions_meet_without_a_gap_from_one_run_of_migrations_to_the_next(table: str) -> None:
    first = borders(partition_ddl(SCHEMA, datetime(2026, 11, 1, tzinfo=UTC), 3), table)
    later = borders(partition_ddl(SCHEMA, datetime(2027, 2, 1, tzinfo=UTC), 3), table)
    assert first[1:] == later[:-1], "the same borders, whenever they are made"
    assert [end for _, end in first[:-1]] == [begin for begin, _ in first[1:]]


async def test_a_partition_that_comes_late_takes_its_rows_over(cluster: Cluster, plumbed: Plumbed) -> None:
    """Migrations that nobody ran for years leave rows in the default partition: the next must not fail on them."""
    late = datetime(2031, 5, 5, tzinfo=UTC)
    async with plumbed.app.unit_of_work(SYSTEM) as tx:
        told = await outbox.add(tx, fact(), thing(), event_id=floor_id(late))
    role = f"{SCHEMA}_owner"
    url = database.at(cluster.postgres.url, database=plumbed.name, user=role, password=cluster.password_of(role))
    owner = await asyncpg.connect(url)
    for _ in range(2):
        for statement in partition_ddl(SCHEMA, late, 1):
            await owner.execute(statement)
    await owner.close()
    where = await plumbed.superuser.fetchval("SELECT tableoid::regclass::text FROM outbox WHERE id = $1", told)
    assert where.startswith("outbox_2031")
    assert await plumbed.superuser.fetchval("SELECT relforcerowsecurity FROM pg_class WHERE relname = 'outbox_rest'")
    async with plumbed.app.unit_of_work(SYSTEM) as tx:
        await tx.say("UPDATE outbox SET published_at = now()")
        assert await tx.connection.fetchval("SELECT count(*) FROM outbox WHERE published_at IS NOT NULL") == 1
