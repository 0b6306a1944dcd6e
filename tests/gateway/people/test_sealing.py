"""What is secret about a person is sealed in the table, sealed anew after the key changed, and nowhere else."""

from __future__ import annotations

from pydantic import SecretStr

from libs.common.scope import Scope
from tests.cluster import Cluster, eventually
from tests.gateway.running import SEAL, running_gateway
from tests.gateway.visiting import PASSWORD, browser, enrolled, sign_in


async def test_names_and_passwords_are_in_no_table_in_the_clear_and_a_new_key_opens_them(cluster: Cluster) -> None:
    async with cluster.fresh_database() as database:
        async with running_gateway(database) as gateway:
            person = await enrolled(gateway, display_name="郭某某某")
            async with browser(gateway) as at:
                await sign_in(at, person["login_name"])
            async with gateway.app.runtime.database.unit_of_work(Scope.of_system("test")) as tx:
                row = await tx.ask("SELECT * FROM person_secrets")
                assert row is not None
                kept = b"".join(value for value in row.values() if isinstance(value, bytes))
                told = await tx.ask(
                    "SELECT string_agg(details::text, ' ') || (SELECT string_agg(o::text, ' ') FROM outbox o) AS all"
                    " FROM timeline_details"
                )
            for secret in ("郭某某某", PASSWORD, "argon2"):
                assert secret.encode() not in kept
                assert told is not None
                assert secret not in told["all"]
            assert person["login_name"] not in told["all"]
        changes = {
            "key_seal": SecretStr("another-seal-with-256-bits-of-its-own"),
            "key_seal_id": "2",
            "retired_key_seals": {"1": SecretStr(SEAL)},
        }
        async with running_gateway(database, **changes) as gateway:
            seals = gateway.settings.seals

            async def sealed_anew() -> bool:
                """The app's own sweep does it, at its start."""
                async with gateway.app.runtime.database.unit_of_work(Scope.of_system("test")) as tx:
                    found = await tx.ask("SELECT display_name, password FROM person_secrets")
                return found is not None and not any(map(seals.is_stale, found.values()))

            await eventually(sealed_anew)
            async with browser(gateway) as at:
                assert (await sign_in(at, person["login_name"])).status_code == 303
