"""The demonstration's people are invited once, and sign in with what they were told."""

from __future__ import annotations

from pathlib import Path

from infra.city.data_files import read_city
from infra.demonstration import shipped_city
from infra.environment import SECURITY_ADMINISTRATOR, SYSTEM_ADMINISTRATOR, client_password
from infra.people import invite_people, person_password
from infra.secrets import Secrets
from tests.cluster import Cluster
from tests.gateway.running import SECRET, SECURITY_SECRET, running_gateway
from tests.gateway.visiting import browser, sign_in


async def test_the_demonstrations_people_sign_in_with_the_password_that_was_told(
    cluster: Cluster, tmp_path: Path
) -> None:
    secrets = Secrets(tmp_path)
    secrets.keep(client_password(SYSTEM_ADMINISTRATOR), SECRET)
    secrets.keep(client_password(SECURITY_ADMINISTRATOR), SECURITY_SECRET)
    people = read_city(shipped_city()).people
    assert len(people) == 3
    async with cluster.fresh_database() as database, running_gateway(database) as gateway:
        assert await invite_people(gateway.http, secrets, people) == [one.login_name for one in people]
        assert await invite_people(gateway.http, secrets, people) == [], "a second load invites nobody again"
        for one in people:
            async with browser(gateway) as at:
                told = secrets.of(person_password(one.login_name))
                assert (await sign_in(at, one.login_name, told)).status_code == 303
