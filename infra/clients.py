"""The demonstration's client applications: registered through the front door, their secrets kept at home."""

import asyncio
import time
from collections.abc import Iterable
from uuid import NAMESPACE_URL, uuid5

import httpx

from infra.city.shapes import ClientRow, SubjectRow
from infra.environment import ADMINISTRATOR, client_password
from infra.secrets import Secrets

_KNOWN_SECONDS = 30.0
_POLL_SECONDS = 0.1
FIRST_DOORS = ("/v1/areas", "/v1/risk-objects", "/v1/teams")
"""One list of each service that a city is loaded into: who may read it is known there."""


class ClientRefused(Exception):
    """The front door refused a registration or a token; the message holds its own words."""


async def register_clients(
    client: httpx.AsyncClient, secrets: Secrets, rows: Iterable[ClientRow], area_code: str
) -> int:
    """Register everyone who acts, unless registered already; returns how many were new.

    One client for each subject, its client id being the subject. A client whose secret we have lost gets
    a new one. Raises ClientRefused.
    """
    token = await token_of(client, secrets, ADMINISTRATOR)
    headers = {"Authorization": f"Bearer {token}"}
    made = 0
    for row in rows:
        for subject in row.subjects:
            made += await _register(client, headers, secrets, _wanted(row, subject, area_code))
    return made


def _wanted(row: ClientRow, subject: SubjectRow, area_code: str) -> dict[str, object]:
    parties = [subject.post_id, *subject.team_ids, *subject.object_ids]
    grants = [grant for grant in subject.grants if grant.sectors != ()]
    return {
        "id": str(uuid5(NAMESPACE_URL, f"shoutu:client:{area_code}:{subject.subject}")),
        "client_id": subject.subject,
        "name": row.name_zh,
        "subject": subject.subject,
        "area_code": min((grant.area_from for grant in grants), default=area_code),
        "posts": [str(party) for party in parties if party is not None],
        "grants": [
            {
                "role": grant.role,
                "area_from": grant.area_from,
                "area_to": grant.area_to,
                "sectors": None if grant.sectors is None else list(grant.sectors),
                "post_id": None if grant.post_id is None else str(grant.post_id),
            }
            for grant in grants
        ],
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
    secrets.keep(name, _good(answer)["client_secret"])
    return True


async def _new_secret(client: httpx.AsyncClient, headers: dict[str, str], identifier: str) -> str:
    known = _good(await client.get(f"/v1/clients/{identifier}", headers=headers))
    answer = await client.post(
        f"/v1/clients/{identifier}/rotate-secret",
        json={"overlap_seconds": 0},
        headers={**headers, "If-Match": f'"{known["version"]}"'},
    )
    return str(_good(answer)["client_secret"])


async def token_of(client: httpx.AsyncClient, secrets: Secrets, client_id: str) -> str:
    """An access token for one client. Raises ClientRefused."""
    password = secrets.find(client_password(client_id))
    if password is None:
        raise ClientRefused(f"there is no secret of {client_id} in this home folder; run `shoutu load-city`")
    form = {"grant_type": "client_credentials"}
    answer = await client.post("/oauth/token", data=form, auth=(client_id, password))
    return str(_good(answer)["access_token"])


async def until_known(client: httpx.AsyncClient, token: str, doors: Iterable[str] = FIRST_DOORS) -> None:
    """Wait until every service has heard what the token's client may do. Raises ClientRefused after 30 s."""
    headers = {"Authorization": f"Bearer {token}"}
    deadline = time.monotonic() + _KNOWN_SECONDS
    for door in doors:
        answer = await client.get(door, params={"limit": 1}, headers=headers)
        while not answer.is_success and time.monotonic() < deadline:
            await asyncio.sleep(_POLL_SECONDS)
            answer = await client.get(door, params={"limit": 1}, headers=headers)
        _good(answer)


def _good(answer: httpx.Response) -> dict[str, str]:
    if not answer.is_success:
        raise ClientRefused(
            f"{answer.request.method} {answer.request.url.path} answered {answer.status_code}: {answer.text[:500]}"
        )
    told: dict[str, str] = answer.json()
    return told
