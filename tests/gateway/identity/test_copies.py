"""Every service copies clients by their events; copy and original have one digest, so a difference is noticed."""

from uuid import UUID, uuid4

from gateway.identity.actions import CLIENTS
from gateway.identity.rules import Client
from libs.common.access import ACCESS_COPY, ScopesOfCallers, access_grants
from libs.common.aggregates import load, selected
from libs.common.announcing import announce
from libs.common.clocks import system_now
from libs.common.copies import as_digest, digest_of, row_hash
from libs.common.scope import Scope
from libs.contracts.event import Heard
from libs.contracts.gateway import ClientState, ClientStated
from tests.gateway.running import Running, county_grant

SYSTEM = Scope.of_system("test")


async def test_a_copy_made_from_events_has_the_digest_of_the_original(gateway: Running) -> None:
    post = str(uuid4())
    dated = {"valid_from": "2026-10-12T19:40:00.123456+08:00", "valid_to": "2027-01-01T00:00:00Z"}
    await gateway.register(posts=[post], grants=[county_grant(post_id=post, **dated), county_grant()])
    async with gateway.app.state.runtime.database.unit_of_work(SYSTEM) as tx:
        rows = await tx.all(selected(CLIENTS.table, tx.scope))
        clients = [load(Client, row) for row in rows]
        mirrored = await digest_of(tx, access_grants, ClientState)
        for client in clients:
            await ACCESS_COPY.take(heard(client), tx)
        copied = await digest_of(tx, access_grants, ClientState)
    hashes = [row_hash(one.id, one.version, CLIENTS.state_of(one)) for one in clients]
    assert mirrored == copied == (len(clients), as_digest(hashes))


def heard(client: Client) -> Heard[ClientStated]:
    """The event as it arrives: through JSON and back."""
    told = ClientStated(state=CLIENTS.state_of(client)).model_dump_json()
    return Heard(
        id=uuid4(),
        type=ClientStated.type,
        aggregate_id=client.id,
        aggregate_version=client.version,
        correlation_id=client.correlation_id,
        causation_id=None,
        area_code=client.area_code,
        sectors=(),
        actor_post=None,
        occurred_at=system_now(),
        recorded_at=system_now(),
        policy_version="",
        exercise=False,
        sensitivity="internal",
        traceparent=None,
        data=ClientStated.model_validate_json(told),
    )


async def test_the_scope_is_what_the_grants_say_at_the_citys_instant(gateway: Running) -> None:
    post = str(uuid4())
    future = county_grant(role="commander", valid_from="2999-01-01T00:00:00Z")
    past = county_grant(role="leader", valid_to="2020-01-01T00:00:00Z")
    made = await gateway.register(posts=[post], grants=[county_grant(post_id=post), future, past])
    async with gateway.app.state.runtime.database.unit_of_work(SYSTEM) as tx:
        scope = await ScopesOfCallers().find(tx, made["subject"], made["client_id"], None)
    assert [grant.role for grant in scope.grants] == ["inspector"]
    assert scope.grants[0].post_id == UUID(post)
    assert scope.post_id == UUID(post)


async def test_clients_are_stated_again_for_whoever_lost_them(gateway: Running) -> None:
    await gateway.register()
    async with gateway.app.state.runtime.database.unit_of_work(SYSTEM) as tx:
        assert await announce(tx, CLIENTS) == len(await tx.all(selected(CLIENTS.table, tx.scope)))
