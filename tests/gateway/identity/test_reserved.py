"""What the settings' administrators are called is nobody else's, and no key opens an office of the settings."""

from __future__ import annotations

import pytest

from gateway.identity import store
from gateway.identity.actions_settings import ensure_administrators
from gateway.identity.rules import is_live
from gateway.identity.rules_keys import ClientKey
from libs.common.clocks import system_now
from libs.common.ids import new_id
from libs.common.scope import Scope
from tests.cluster import FreshDatabase
from tests.gateway.running import AUDIT, AUDIT_SECRET, Running, running_gateway


@pytest.fixture
def names() -> tuple[str, ...]:
    """An administrator's name, and two that read like it."""
    return (AUDIT, "Bootstrap_audit.administrator", "b00tstrap-audit-administrator")


async def test_nobody_takes_an_administrators_name_before_the_settings_do(
    fresh_database: FreshDatabase, names: tuple[str, ...]
) -> None:
    async with running_gateway(fresh_database, audit_administrator_secret=None) as gateway:
        for name in names:
            for field in ("client_id", "subject"):
                answer = await gateway.try_register(**{field: name})
                assert (answer.status_code, answer.json()["code"]) == (409, "subject_looks_alike"), field


async def test_a_key_beside_the_secret_of_the_settings_ends(gateway: Running) -> None:
    key = ClientKey(
        id=new_id(), kid="planted", algorithm="ES256", members={"kty": "EC"}, created_at=system_now(),
        expires_at=None,
    )  # fmt: skip
    async with gateway.app.state.runtime.database.unit_of_work(Scope.of_system("test")) as tx:
        client = await store.find_by_client_id(tx, AUDIT)
        assert client is not None
        assert await store.add_key(tx, client.id, key)
        await ensure_administrators(tx, {"audit_administrator": AUDIT_SECRET})
        assert not [one for one in await store.keys_of(tx, client.id) if is_live(one, system_now())]
