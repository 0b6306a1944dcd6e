"""What the demonstration's clients may do: given by its security administrator, by name and by their posts."""

import asyncio
import time
from collections.abc import Iterable, Iterator
from dataclasses import replace
from typing import Any
from uuid import NAMESPACE_URL, UUID, uuid5

import httpx

from gateway.subjects.rules import LAST_AREA, WHOLE_CITY
from gateway.subjects.rules_roles import Role
from infra.city.generate import PARTS
from infra.city.shapes import City, GrantRow, SubjectRow
from infra.clients import bearer_of, good
from infra.environment import REGISTRY_ADMINISTRATOR, SECURITY_ADMINISTRATOR
from infra.secrets import Secrets

EVER_SINCE = "2020-01-01T00:00:00Z"
"""Before any day of the tour, whose clock runs where it likes."""
REASON = "演示城市"
_KNOWN_SECONDS = 30.0
_POLL_SECONDS = 0.1
_EVERYTHING = GrantRow(role=Role.ADMINISTRATOR, area_from=WHOLE_CITY, area_to=LAST_AREA, sectors=None, post_id=None)


async def give_rights(client: httpx.AsyncClient, secrets: Secrets, city: City) -> None:
    """Adopt the city's table of post roles, and give every client what is given to it by name. Safe to repeat.

    The registry's keeper gets the whole books: the areas begin above the city. Raises ClientRefused.
    """
    headers = await bearer_of(client, secrets, SECURITY_ADMINISTRATOR)
    await _adopt(client, headers, city)
    await give(client, headers, REGISTRY_ADMINISTRATOR, (_EVERYTHING,), ())
    for subject in _subjects(city):
        parties = (*subject.team_ids, *subject.object_ids)
        if subject.grants or parties:
            await give(client, headers, subject.subject, subject.grants, parties)


def only_acting(city: City) -> City:
    """The posts that somebody acts for, and nothing else of the city: loaded first, so that rights need not wait
    until the copies of ten thousand posts have caught up."""
    acting = {subject.post_id for subject in _subjects(city)}
    posts = tuple(post for post in city.posts if post.id in acting and not post.vacant)
    others: dict[str, Any] = {part: () for part in PARTS if part not in ("posts", "clients")}
    return replace(city, posts=posts, **others)


async def begin_tenures(client: httpx.AsyncClient, secrets: Secrets, city: City) -> int:
    """Put everyone who acts for a post into it; returns how many tenures were new. Raises ClientRefused.

    Whoever nobody has heard of in the registry yet is waited for. Safe to repeat.
    """
    headers = await bearer_of(client, secrets, SECURITY_ADMINISTRATOR)
    holding = [subject for subject in _subjects(city) if subject.post_id is not None]
    return sum([await _begin(client, headers, city, subject) for subject in holding])


def _subjects(city: City) -> Iterator[SubjectRow]:
    return (subject for row in city.clients for subject in row.subjects)


async def _adopt(client: httpx.AsyncClient, headers: dict[str, str], city: City) -> None:
    roles = city.post_roles
    rows = [{"kind": row.kind, "role": row.role, "every_sector": row.every_sector} for row in roles.rows]
    body = {"label": roles.label, "source": roles.source, "rows": rows}
    answer = await client.post("/v1/post-roles", json=body, headers=headers)
    if answer.status_code != httpx.codes.CONFLICT:
        good(answer)


async def give(
    client: httpx.AsyncClient, headers: dict[str, str], name: str, grants: Iterable[GrantRow], parties: Iterable[UUID]
) -> None:
    """Give somebody what they lack of these, by name. Raises ClientRefused."""
    listed = good(await client.get("/v1/subjects", params={"subject": name}, headers=headers))
    subject: dict[str, Any] = listed["items"][0]
    for grant in grants:
        wanted = {
            "role": grant.role, "area_from": grant.area_from, "area_to": grant.area_to,
            "sectors": None if grant.sectors is None else list(grant.sectors),
        }  # fmt: skip
        if not any(wanted.items() <= given.items() for given in subject["grants"]):
            subject = await _post(client, headers, subject, "give-grant", wanted)
    for party in parties:
        if not any(given["party_id"] == str(party) for given in subject["parties"]):
            subject = await _post(client, headers, subject, "give-party", {"party_id": str(party)})


async def _post(
    client: httpx.AsyncClient, headers: dict[str, str], subject: dict[str, Any], verb: str, body: dict[str, Any]
) -> dict[str, Any]:
    told = {**headers, "If-Match": f'"{subject["version"]}"'}
    given = {**body, "valid_from": EVER_SINCE, "reason": REASON}
    return good(await client.post(f"/v1/subjects/{subject['id']}/{verb}", json=given, headers=told))


async def _begin(client: httpx.AsyncClient, headers: dict[str, str], city: City, subject: SubjectRow) -> bool:
    body = {
        "id": str(uuid5(NAMESPACE_URL, f"shoutu:tenure:{city.code}:{subject.subject}")),
        "post_id": str(subject.post_id),
        "subject": subject.subject,
        "valid_from": EVER_SINCE,
        "document": REASON,
    }
    deadline = time.monotonic() + _KNOWN_SECONDS
    while True:
        answer = await client.post("/v1/tenures", json=body, headers=headers)
        if answer.status_code == httpx.codes.CONFLICT:
            return False
        not_yet = answer.status_code in (httpx.codes.FORBIDDEN, httpx.codes.UNPROCESSABLE_ENTITY)
        if not not_yet or time.monotonic() > deadline:
            good(answer)
            return True
        await asyncio.sleep(_POLL_SECONDS)
