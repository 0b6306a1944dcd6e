"""What breaks behind our back heals: copies that lost rows, a stream that is gone, an event nobody can handle."""

from collections import Counter
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from uuid import UUID, uuid4

from infra import evidence, upkeep
from libs.common.bus import stream_of
from tests.cluster import eventually
from tests.journeys.caller import Body
from tests.journeys.running import RunningCity
from tests.journeys.small_city import VILLAGE
from tests.journeys.stories import Case, Posts, finding

REGISTRY = "responsibility_registry"


async def rows_of_the_loop(city: RunningCity) -> Counter[str]:
    """Every aggregate of loop A with its version, and how many times each of its facts was told."""
    found: Counter[str] = Counter()
    for service, tables in {
        "public_reporting": ("reports", "replies"), "risk_grading": ("hazards",), REGISTRY: ("orders",),
    }.items():  # fmt: skip
        for table in tables:
            for row in await city.rows(service, f"SELECT id, version FROM {table}"):
                found[f"{table} {row['id']} {row['version']}"] += 1
        told = f"SELECT * FROM outbox WHERE split_part(event_type, '.', 2) || 's' = ANY (ARRAY{[*tables]})"
        found.update(
            f"event {row['aggregate_id']} {row['aggregate_version']}" for row in await city.rows(service, told)
        )
    return found


async def until_heard(city: RunningCity) -> None:
    """Wait until every event is published and every consumer has handled all of it."""
    client = await city.platform.connect_admin()
    try:
        js = client.jetstream()

        async def nothing_moves() -> bool:
            for service in ("public_reporting", "risk_grading", REGISTRY, "emergency_command", "gateway"):
                if await city.rows(service, "SELECT 1 FROM outbox WHERE published_at IS NULL LIMIT 1"):
                    return False
                for info in await js.consumers_info(stream_of(service)):
                    if info.num_pending or info.num_ack_pending:
                        return False
            return True

        await eventually(nothing_moves, seconds=60, what="rest on the bus")
    finally:
        await client.close()


async def test_copies_that_lost_their_rows_are_noticed_and_rebuilt(city: RunningCity) -> None:
    posts = await Posts.of(city)
    areas = len(await city.rows("risk_grading", "SELECT 1 FROM area_copies"))
    async with city.looking("risk_grading") as connection:
        await connection.execute("DELETE FROM area_copies")
    async with city.looking("public_reporting") as connection:
        await connection.execute("DELETE FROM access_grants WHERE subject LIKE 'grid-%'")
        await connection.execute("UPDATE area_copies SET name = '被改了的名字' WHERE code = $1", VILLAGE)
    lost = await posts.grid.ask("GET", "/v1/reports")
    assert (lost.status_code, lost.json()["items"]) == (200, [])
    told = await upkeep.compare_copies(city.platform.settings)
    assert {"responsibility_registry.area", "gateway.subject"} <= set(told)
    await city.until_rows("risk_grading", "SELECT 1 FROM area_copies", count=areas)
    named = "SELECT 1 FROM area_copies WHERE code = $1 AND name <> '被改了的名字'"
    await city.until_rows("public_reporting", named, VILLAGE)
    await city.until_rows("public_reporting", "SELECT 1 FROM access_grants WHERE subject = $1", posts.grid.subject)
    case = await posts.find_on_the_spot()
    await posts.close(case)
    doubts = "SELECT 1 FROM copy_states WHERE noun = 'responsibility_registry.area' AND doubts > 0 AND rows = $1"
    await city.until_rows("risk_grading", doubts, areas)


async def test_a_stream_that_was_deleted_is_refilled_and_nothing_happens_twice(city: RunningCity) -> None:
    posts = await Posts.of(city)
    closed, running = await posts.find_on_the_spot(), await posts.verify_for_a_resident()
    await posts.close(closed)
    await until_heard(city)
    before = await rows_of_the_loop(city)
    told = len(await city.rows("risk_grading", "SELECT 1 FROM outbox"))
    client = await city.platform.connect_admin()
    try:
        js = client.jetstream()
        await js.delete_stream("RISK_GRADING")

        async def is_refilled() -> bool:
            there = {info.config.name: info.state.messages for info in await js.streams_info()}
            return there.get("RISK_GRADING", 0) >= told

        await eventually(is_refilled, seconds=60, what="the stream's refilling")
    finally:
        await client.close()
    await posts.close(running)
    await until_heard(city)
    after = await rows_of_the_loop(city)
    assert all(after[fact] == 1 for fact in before if fact.startswith("event"))
    unmoved = {fact for fact in before if closed.hazard["id"] in fact or closed.order["id"] in fact}
    assert unmoved
    assert unmoved <= set(after)
    assert running.report["state"] == "fixed"
    await nobody_waits(city)


async def test_requests_go_on_while_the_bus_is_away_and_are_told_afterwards(city: RunningCity) -> None:
    posts = await Posts.of(city)
    waiting = "SELECT 1 FROM outbox WHERE published_at IS NULL"
    city.platform.nats.child.pause()
    try:
        reports = [await posts.grid.create("/v1/reports", found_on_the_spot(posts, number)) for number in range(5)]
        # Received and accepted, for each of them.
        await city.until_rows("public_reporting", waiting, count=10)
        for report in reports:
            assert await posts.police.list("/v1/hazards", report_id=report["id"]) == []
    finally:
        city.platform.nats.child.resume()
    for report in reports:
        await posts.hazard_of(report, state="rectifying")
    await until_heard(city)
    await nobody_waits(city)


def found_on_the_spot(posts: Posts, number: int) -> Body:
    """What a grid member tells of a house."""
    return {
        "source": "grid_member", "category": "ebike_charging", "words": f"总线中断期间第{number}条",
        "sectors": ["fire"], "area_code": VILLAGE, "place_words": "楼梯口",
        "findings": [finding(risk_object_id=posts.house)],
    }  # fmt: skip


async def nobody_waits(city: RunningCity) -> None:
    """No event is parked or dead anywhere."""
    for service in ("public_reporting", "risk_grading", REGISTRY, "emergency_command", "gateway"):
        assert await city.rows(service, "SELECT * FROM parked_events") == []
        assert await city.rows(service, "SELECT * FROM dead_letters WHERE replayed_at IS NULL") == []


@asynccontextmanager
async def unable_to_write_orders(city: RunningCity, words: str) -> AsyncIterator[None]:
    """A fault in the registry: it cannot keep an order of these words, until somebody mends it."""
    async with city.looking(REGISTRY) as connection:
        await connection.execute(
            "CREATE FUNCTION broken() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN"
            f" IF NEW.words = '{words}' THEN RAISE EXCEPTION 'a fault in this release'; END IF; RETURN NEW; END $$"
        )
        await connection.execute(
            "CREATE TRIGGER broken BEFORE INSERT ON orders FOR EACH ROW EXECUTE FUNCTION broken()"
        )
        try:
            yield
        finally:
            await connection.execute("DROP TRIGGER broken ON orders")
            await connection.execute("DROP FUNCTION broken()")


async def verified(posts: Posts, words: str) -> Case:
    """A hazard that was verified with these words; nobody waits for its order."""
    said = f"毒 {uuid4()}"
    receipt = await posts.tell(words=said)
    report = await posts.accept(await posts.newest_report(said))
    hazard = await posts.hazard_of(report, state="registered")
    seen = {
        "severity": "ordinary", "basis": "[DEF]", "handling": "within_limit", "words": words, "evidence": [],
        "proposal": {"responsible": "房屋出租人", "measures": "分隔", "funds_fen": 0, "contingency": "断电"},
        "risk_object_id": posts.house,
    }  # fmt: skip
    hazard = await posts.grid.act(f"/v1/hazards/{hazard['id']}/verify", seen)
    return Case(report, hazard, {}, receipt["tracking_code"])


async def test_a_poison_event_dies_alone_and_is_replayed_after_the_fix(city: RunningCity) -> None:
    posts, words = await Posts.of(city), f"无人能办 {uuid4()}"
    dead = "SELECT * FROM dead_letters WHERE aggregate_id = $1 AND replayed_at IS NULL"
    async with unable_to_write_orders(city, words):
        poisoned = await verified(posts, words)
        hazard_id = UUID(poisoned.hazard["id"])
        [letter] = await city.until_rows(REGISTRY, dead, hazard_id)
        assert letter["event_type"] == "risk_grading.hazard.verified.v1"
        assert "a fault in this release" in letter["error"]
        neighbour = await posts.find_on_the_spot()
        await posts.close(neighbour)
        # What follows for the same hazard waits its turn: it is parked, not dead.
        await posts.police.act(f"{poisoned.hazard_path}/raise", {"basis": "重大火灾隐患判定 [P]"})
        await city.until_rows(REGISTRY, "SELECT 1 FROM parked_events WHERE aggregate_id = $1", hazard_id)
        [listed] = await upkeep.replay(city.platform.settings, REGISTRY, do_it=False)
        assert listed.event_id == letter["event_id"]
        [failed] = await upkeep.replay(city.platform.settings, REGISTRY, do_it=True)
        assert failed.failed
        assert await city.rows(REGISTRY, dead, hazard_id)
    [mended] = await upkeep.replay(city.platform.settings, REGISTRY, do_it=True)
    assert (mended.failed, mended.said) == (False, "replayed: applied")
    await posts.look(poisoned, state="rectifying")
    assert poisoned.order["major"] is True
    await posts.close(poisoned)
    await nobody_waits(city)
    assert await upkeep.replay(city.platform.settings, REGISTRY, do_it=True) == []


async def test_every_timeline_verifies_after_all_that(city: RunningCity) -> None:
    results = await evidence.verify(city.platform.settings)
    assert [(result.service, result.findings) for result in results if not result.ok] == []
    assert sum(result.rows for result in results) > 100
