"""The demonstration's client applications: registered through the front door, their secrets kept at home."""

import asyncio
import time
from collections.abc import Iterable
from typing import Any
from uuid import NAMESPACE_URL, uuid5

import httpx

from infra.city.shapes import City
from infra.environment import REGISTRY_ADMINISTRATOR, SYSTEM_ADMINISTRATOR, client_password
from infra.secrets import Secrets

_KNOWN_SECONDS = 30.0
_POLL_SECONDS = 0.1
FIRST_DOORS = ("/v1/areas", "/v1/risk-objects", "/v1/teams")
"""One list of each service that a city is loaded into: who may read it is known there."""


class ClientRefused(Exception):
    """The front door refused a registration or a token; the message holds its own words."""


async def register_clients(client: httpx.AsyncClient, secrets: Secrets, city: City) -> int:
    """Register everyone who acts in a city, unless registered already; returns how many were new.

    The system administrator registers them, the security administrator says what they may do (infra.rights). One
    client for each subject, its client id being the subject. A client whose secret we have lost gets a new one.
    Raises ClientRefused.
    """
    headers = await bearer_of(client, secrets, SYSTEM_ADMINISTRATOR)
    made = int(await _register(client, headers, secrets, _wanted(REGISTRY_ADMINISTRATOR, "台账管理端", city.code)))
    for row in city.clients:
        for subject in row.subjects:
            ranges = [grant.area_from for grant in (*subject.grants, *subject.post_grants)]
            wanted = _wanted(subject.subject, row.name_zh, min(ranges, default=city.code))
            made += await _register(client, headers, secrets, wanted)
    return made


async def bearer_of(client: httpx.AsyncClient, secrets: Secrets, client_id: str) -> dict[str, str]:
    """The header of one client's requests. Raises ClientRefused."""
    return {"Authorization": f"Bearer {await token_of(client, secrets, client_id)}"}


def _wanted(client_id: str, name: str, area_code: str) -> dict[str, object]:
    return {
        "id": str(uuid5(NAMESPACE_URL, f"shoutu:client:{area_code}:{client_id}")),
        "client_id": client_id,
        "name": name,
        "subject": client_id,
        "area_code": area_code,
    }


async def _register(
    client: httpx.AsyncClient, headers: dict[str, str], secrets: Secrets, wanted: dict[str, object]
) -> bool:
    name = client_password(str(wanted["client_id"]))
    answer = await client.post("/v1/clients", json=wanted, headers=headers)
    if answer.status_code == httpx.codes.CONFLICT:
        if secrets.find(name) is None:
            secrets.keep(name, await _new_secret(client, headers, str(wanted["id"])))
        return False
    secrets.keep(name, good(answer)["client_secret"])
    return True


async def _new_secret(client: httpx.AsyncClient, headers: dict[str, str], identifier: str) -> str:
    known = good(await client.get(f"/v1/clients/{identifier}", headers=headers))
    answer = await client.post(
        f"/v1/clients/{identifier}/rotate-secret",
        json={"overlap_seconds": 0},
        headers={**headers, "If-Match": f'"{known["version"]}"'},
    )
    return str(good(answer)["client_secret"])


async def token_of(client: httpx.AsyncClient, secrets: Secrets, client_id: str) -> str:
    """An access token for one client. Raises ClientRefused."""
    password = secrets.find(client_password(client_id))
    if password is None:
        raise ClientRefused(f"there is no secret of {client_id} in this home folder; run `shoutu load-city`")
    form = {"grant_type": "client_credentials"}
    answer = await client.post("/oauth/token", data=form, auth=(client_id, password))
    return str(good(answer)["access_token"])


async def until_known(client: httpx.AsyncClient, token: str, doors: Iterable[str] = FIRST_DOORS) -> None:
    """Wait until every service has heard what the token's client may do. Raises ClientRefused after 30 s."""
    headers = {"Authorization": f"Bearer {token}"}
    deadline = time.monotonic() + _KNOWN_SECONDS
    for door in doors:
        answer = await client.get(door, params={"limit": 1}, headers=headers)
        while not answer.is_success and time.monotonic() < deadline:
            await asyncio.sleep(_POLL_SECONDS)
            answer = await client.get(door, params={"limit": 1}, headers=headers)
        good(answer)


def good(answer: httpx.Response) -> dict[str, Any]:
    """What a request was answered with. Raises ClientRefused where it was refused."""
    if not answer.is_success:
        raise ClientRefused(
            f"{answer.request.method} {answer.request.url.path} answered {answer.status_code}: {answer.text[:500]}"
        )
    told: dict[str, Any] = answer.json()
    return told
