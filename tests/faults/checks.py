"""What must be true after a round, read from the tables and the streams by somebody who sees everything."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from uuid import UUID

from nats.js.api import ConsumerConfig, DeliverPolicy

from infra import evidence
from infra.settings import APPS
from libs.common.bus import stream_of
from tests.cluster import eventually
from tests.faults.chains import Chain
from tests.faults.rounds import Round
from tests.faults.sending import Acknowledged
from tests.journeys.running import RunningCity

REPORTING, GRADING, REGISTRY = "public_reporting", "risk_grading", "responsibility_registry"
LOOP = (REPORTING, GRADING, REGISTRY)
_FETCH = 500
_VERBS = {
    "serve": "order.served",
    "sign-for": "order.signed_for",
    "rectify": "order.rectified",
    "inspect": "order.closed",
}


@dataclass(slots=True)
class Checked:
    """What was found wrong, in sentences, and how much was looked at."""

    wrong: list[str] = field(default_factory=list)
    looked_at: Counter[str] = field(default_factory=Counter)

    def demand(self, holds: bool, sentence: str) -> None:
        """Note the sentence unless it holds."""
        if not holds:
            self.wrong.append(sentence)


async def check(city: RunningCity, chains: Sequence[Chain], acknowledged: Sequence[Acknowledged]) -> Checked:
    """Everything that must hold of these chains once the platform has come to rest."""
    found = Checked()
    await _acknowledged_is_there(city, acknowledged, found)
    await _nothing_twice(city, chains, found)
    await _states_are_final(city, found)
    await _versions_have_one_event_each(city, found)
    await _nobody_waits(city, found)
    await _streams_keep_the_order(city, found)
    await _timelines_verify(city, found)
    return found


async def until_at_rest(city: RunningCity, played: Round) -> None:
    """Wait until every reporter is told, everything is published, and every consumer has handled everything.

    Raises AssertionError with what it still waited for.
    """
    waits = ""

    async def at_rest() -> bool:
        nonlocal waits
        waits = await _awaited(city)
        return not waits

    try:
        await eventually(at_rest, seconds=played.settle_seconds, what="rest after the round")
    except AssertionError as error:
        raise AssertionError(f"{error}: {waits}") from None


async def _awaited(city: RunningCity) -> str:
    """The first thing that is not done yet, or nothing."""
    untold = "SELECT id, state FROM reports WHERE state <> 'fixed' OR result_told_at IS NULL LIMIT 1"
    if reports := await city.rows(REPORTING, untold):
        return f"report {reports[0]['id']} is {reports[0]['state']}"
    for app in APPS:
        unsent = "SELECT event_type, recorded_at FROM outbox WHERE published_at IS NULL ORDER BY id LIMIT 1"
        if rows := await city.rows(app, unsent):
            return f"{app} has not published {rows[0]['event_type']} of {rows[0]['recorded_at']}"
    client = await city.platform.connect_admin()
    try:
        for app in APPS:
            for info in await client.jetstream().consumers_info(stream_of(app)):
                if info.num_pending or info.num_ack_pending:
                    return f"{info.name} has {info.num_pending} to come and {info.num_ack_pending} in hand"
    finally:
        await client.close()
    return ""


async def _acknowledged_is_there(city: RunningCity, acknowledged: Sequence[Acknowledged], found: Checked) -> None:
    """Each request that was answered with success left its fact, once, in the outbox and in the timeline."""
    told = await _facts(city)
    for one in acknowledged:
        verb = one.path.rpartition("/")[2]
        fact = _VERBS.get(verb, "report.accepted")
        found.demand(
            told[(one.about, fact)] == 1,
            f"{one.path} was acknowledged after {one.attempts} attempts and is told {told[(one.about, fact)]} times",
        )
    found.looked_at["acknowledged requests"] = len(acknowledged)
    found.demand(len({one.key for one in acknowledged}) == len(acknowledged), "a key was acknowledged twice")


async def _facts(city: RunningCity) -> Counter[tuple[UUID, str]]:
    """How often each fact is told of each aggregate."""
    asked = (
        "SELECT o.aggregate_id, split_part(o.event_type, '.', 2) || '.' || split_part(o.event_type, '.', 3) AS fact"
        " FROM outbox o JOIN timeline t ON t.id = o.id"
    )
    rows = [row for service in LOOP for row in await city.rows(service, asked)]
    return Counter((row["aggregate_id"], row["fact"]) for row in rows)


async def _nothing_twice(city: RunningCity, chains: Sequence[Chain], found: Checked) -> None:
    """One hazard a finding, one order a hazard within a limit, one result told a report."""
    hazards = Counter(
        str(row["report_id"])
        for row in await city.rows(GRADING, "SELECT unnest(report_ids) AS report_id FROM hazards")
    )
    wanted = {chain.named("report"): chain.findings for chain in chains}
    found.demand(hazards == wanted, f"hazards a report: {_differences(hazards, wanted)}")
    limited = {
        str(row["id"]): 1
        for row in await city.rows(GRADING, "SELECT id FROM hazards WHERE handling = 'within_limit'")
    }
    orders = Counter(str(row["hazard_id"]) for row in await city.rows(REGISTRY, "SELECT hazard_id FROM orders"))
    found.demand(orders == limited, f"orders a hazard: {_differences(orders, limited)}")
    told = "SELECT report_id FROM replies WHERE kind = 'result'"
    replies = Counter(str(row["report_id"]) for row in await city.rows(REPORTING, told))
    once = dict.fromkeys(wanted, 1)
    found.demand(replies == once, f"replies a report: {_differences(replies, once)}")
    found.looked_at.update({"reports": len(wanted), "hazards": sum(hazards.values()), "orders": len(orders)})


async def _states_are_final(city: RunningCity, found: Checked) -> None:
    """Every aggregate stands where its chain ended."""
    for service, table, final in ((REPORTING, "reports", "fixed"), (GRADING, "hazards", "closed"), (
        REGISTRY, "orders", "closed"
    )):  # fmt: skip
        rows = await city.rows(service, f"SELECT state, count(*) AS many FROM {table} GROUP BY state")
        states = {row["state"]: row["many"] for row in rows}
        found.demand(set(states) == {final}, f"{table} end as {states}")


async def _versions_have_one_event_each(city: RunningCity, found: Checked) -> None:
    """Versions rise by one and each has one event; the row shows the last of them."""
    for service, tables in ((REPORTING, ("reports", "replies")), (GRADING, ("hazards",)), (REGISTRY, ("orders",))):
        for table in tables:
            asked = (
                f"SELECT r.id, r.version, count(o.id) AS events, count(DISTINCT o.aggregate_version) AS versions,"
                f" max(o.aggregate_version) AS last FROM {table} r JOIN outbox o ON o.aggregate_id = r.id"
                " GROUP BY r.id, r.version HAVING count(o.id) <> r.version"
                " OR count(DISTINCT o.aggregate_version) <> r.version OR max(o.aggregate_version) <> r.version"
            )
            wrong = [dict(row) for row in await city.rows(service, asked)]
            found.demand(not wrong, f"versions of {table} and their events differ: {wrong[:3]} and more")
        apart = (
            "SELECT count(*) FROM outbox o FULL JOIN timeline t ON t.id = o.id WHERE (o.id IS NULL OR t.id IS NULL)"
            f" AND split_part(coalesce(o.event_type, t.event_type), '.', 2) IN {_NOUNS}"
            # That somebody read an order is written down and told to nobody.
            " AND coalesce(t.event_type, '') NOT LIKE '%.read.v1'"
        )
        [row] = await city.rows(service, apart)
        found.demand(row["count"] == 0, f"{row['count']} rows of {service} are in one of outbox and timeline only")


async def _nobody_waits(city: RunningCity, found: Checked) -> None:
    for app in APPS:
        for table in ("parked_events", "dead_letters", "failed_deliveries"):
            rows = [dict(row) for row in await city.rows(app, f"SELECT * FROM {table} LIMIT 3")]
            found.demand(not rows, f"{table} of {app}: {[{**row, 'data': '', 'headers': ''} for row in rows]}")


async def _streams_keep_the_order(city: RunningCity, found: Checked) -> None:
    """Every event is in its stream, and first arrivals of one aggregate come in the order of its versions."""
    for service in LOOP:
        stored = await _stored(city, service)
        told = {str(row["id"]) for row in await city.rows(service, _EVENTS)}
        ids = {identifier for identifier, _, _ in stored}
        found.demand(told <= ids, f"{len(told - ids)} events of {service} are not in its stream")
        found.looked_at["events in streams"] += len(told)
        found.looked_at["sent again"] += len(stored) - len(ids)
        newest: dict[str, int] = {}
        seen: set[str] = set()
        for identifier, aggregate, version in stored:
            if identifier in seen:
                continue
            seen.add(identifier)
            found.demand(version > newest.get(aggregate, 0), f"version {version} of {aggregate} came out of order")
            newest[aggregate] = version


_NOUNS = ("report", "reply", "hazard", "order")
_EVENTS = f"SELECT id FROM outbox WHERE split_part(event_type, '.', 2) IN {_NOUNS}"


async def _stored(city: RunningCity, service: str) -> list[tuple[str, str, int]]:
    """Id, aggregate and version of every event of loop A in a stream, in its order."""
    client = await city.platform.connect_admin()
    try:
        js = client.jetstream()
        nouns = [f"{service}.{noun}.>" for noun in _NOUNS]
        reading = ConsumerConfig(deliver_policy=DeliverPolicy.ALL, filter_subjects=nouns)
        pulled = await js.pull_subscribe("", stream=stream_of(service), config=reading)
        left = (await pulled.consumer_info()).num_pending or 0
        stored: list[tuple[str, str, int]] = []
        while len(stored) < left:
            for message in await pulled.fetch(min(_FETCH, left - len(stored)), timeout=10):
                headers = message.headers or {}
                stored.append((headers["ce-id"], headers["ce-subject"], int(headers["ce-aggregateversion"])))
                await message.ack()
        return stored
    finally:
        await client.close()


async def _timelines_verify(city: RunningCity, found: Checked) -> None:
    results = await evidence.verify(city.platform.settings)
    for result in results:
        found.demand(result.ok, f"the timeline of {result.service} does not verify: {result.findings[:3]}")
    found.looked_at["sealed rows"] = sum(result.rows for result in results)


def _differences(found: Counter[str], wanted: dict[str, int]) -> list[tuple[str, int, int]]:
    """The first few that are not as wanted: which, how many there are, how many there should be."""
    every = {*found, *wanted}
    return [(one, found[one], wanted.get(one, 0)) for one in sorted(every) if found[one] != wanted.get(one, 0)][:5]
