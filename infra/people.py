"""The demonstration's people: invited through the front door, their first passwords kept at home and told once."""

import re
import secrets as random_secrets
from collections.abc import Iterable
from html import unescape
from uuid import NAMESPACE_URL, uuid5

import httpx

from infra.city.shapes import GrantRow
from infra.city.templates import PersonTemplate
from infra.clients import ClientRefused, bearer_of
from infra.environment import SECURITY_ADMINISTRATOR, SYSTEM_ADMINISTRATOR
from infra.rights import give
from infra.secrets import Secrets
from libs.common.places import area_range

_FORM_TOKEN = re.compile(r'name="form_token" value="([^"]+)"')
_PASSWORD_BYTES = 12


def person_password(login_name: str) -> str:
    """The name under which a person's first password is kept."""
    return f"person/{login_name}"


async def invite_people(client: httpx.AsyncClient, secrets: Secrets, people: Iterable[PersonTemplate]) -> list[str]:
    """Invite whoever is not there yet, with a role and a password chosen in their place; returns the new login names.

    For a demonstration only: elsewhere nobody but the person knows it. Raises ClientRefused.
    """
    headers = await bearer_of(client, secrets, SYSTEM_ADMINISTRATOR)
    gives = await bearer_of(client, secrets, SECURITY_ADMINISTRATOR)
    made = []
    for person in people:
        wanted = {
            "id": str(uuid5(NAMESPACE_URL, f"shoutu:person:{person.login_name}")),
            "login_name": person.login_name,
            "display_name": person.zh,
            "area_code": person.area,
        }
        answer = await client.post("/v1/people", json=wanted, headers=headers)
        if answer.status_code == httpx.codes.CONFLICT:
            continue
        password = random_secrets.token_urlsafe(_PASSWORD_BYTES)
        secrets.keep(person_password(person.login_name), password)
        invited = _good(answer, httpx.codes.CREATED).json()
        # Before the role: a code opens no office that was given after it was issued.
        await _enrol(client, str(invited["enrolment_code"]), password)
        await give(client, gives, invited["subject"], (_grant(person),), ())
        made.append(person.login_name)
    return made


def _grant(person: PersonTemplate) -> GrantRow:
    first, last = area_range(person.area)
    return GrantRow(role=person.role, area_from=first, area_to=last, sectors=None, post_id=None)


async def _enrol(client: httpx.AsyncClient, code: str, password: str) -> None:
    """Fill in the page on which a person takes an account up, as they would."""
    page = _good(await client.get("/oauth/enrol"), httpx.codes.OK)
    found = _FORM_TOKEN.search(page.text)
    form = {
        "form_token": unescape(found[1]) if found else "",
        "invitation": code,
        "new_password": password,
        "same_again": password,
    }
    _good(await client.post("/oauth/enrol", data=form), httpx.codes.SEE_OTHER)
    client.cookies.clear()


def _good(answer: httpx.Response, status: int) -> httpx.Response:
    if answer.status_code != status:
        path = answer.request.url.path
        raise ClientRefused(f"{answer.request.method} {path} answered {answer.status_code}: {answer.text[:500]}")
    return answer
