"""Administrators of everything register providers and link accounts; nobody else, and no secret is ever shown."""

from __future__ import annotations

from typing import Any

import pytest
from sqlalchemy import text

from gateway.providers.actions import SEALED
from libs.common.crypto import Seals
from libs.common.resealing import reseal
from libs.common.scope import Scope
from tests.gateway.providers.conftest import Joined, registration
from tests.gateway.providers.fake_provider import CLIENT_SECRET
from tests.gateway.running import ADMINISTRATOR, AUDIT, SEAL, SECURITY, Running
from tests.gateway.timeline.rows import looks
from tests.gateway.visiting import enrolled

_EVERYWHERE = text(
    "SELECT string_agg(CAST(o.data AS text), ' ') AS told,"
    " (SELECT string_agg(CAST(d.details AS text), ' ') FROM gateway.timeline_details d) AS kept,"
    " (SELECT string_agg(CAST(k AS text), ' ') FROM gateway.idempotency_keys k) AS repeats FROM gateway.outbox o"
)
_SEALED = text("SELECT sealed FROM gateway.provider_secrets")


async def try_register(gateway: Running, by: dict[str, str] | None = None, **fields: Any) -> Any:
    """The answer to a registration."""
    body = registration("https://provider.example/") | fields
    return await gateway.http.post("/v1/identity-providers", json=body, headers=by or await gateway.bearer())


async def test_the_client_secret_is_sealed_and_in_no_answer_event_or_repeat(joined: Joined) -> None:
    headers = await joined.gateway.bearer() | {"Idempotency-Key": "register-once"}
    body = registration("https://repeat.example/")
    first = await joined.gateway.http.post("/v1/identity-providers", json=body, headers=headers)
    again = await joined.gateway.http.post("/v1/identity-providers", json=body, headers=headers)
    assert (first.status_code, again.headers["idempotency-replayed"]) == (201, "true")
    assert first.headers["location"] == f"/v1/identity-providers/{first.json()['id']}"
    assert CLIENT_SECRET not in first.text + again.text
    async with joined.gateway.app.state.runtime.database.unit_of_work(Scope.of_system("test")) as tx:
        (row,) = await tx.all(_EVERYWHERE)
        assert CLIENT_SECRET not in f"{row['told']}{row['kept']}{row['repeats']}"
        assert "f4b1c6de" not in row["told"], "which account it is stays out of events"
        assert all(CLIENT_SECRET.encode() not in bytes(one["sealed"]) for one in await tx.all(_SEALED))


async def test_secrets_are_sealed_again_after_the_seal_was_changed(joined: Joined) -> None:
    changed = Seals(current_id="2", current="another-seal-with-other-256-random-bits-in-it", retired={"1": SEAL})
    async with joined.gateway.app.state.runtime.database.unit_of_work(Scope.of_system("test")) as tx:
        first = await reseal(tx, changed, SEALED)
        assert first.moved >= 1
        assert not first.broken
        assert (await reseal(tx, changed, SEALED)).moved == 0
        back = Seals(current_id="1", current=SEAL, retired={"2": changed.current})
        assert (await reseal(tx, back, SEALED)).moved == first.moved


async def test_a_county_administers_no_provider_and_sees_no_account(joined: Joined) -> None:
    gateway = joined.gateway
    grant = {"role": "administrator", "area_from": "331002000000", "area_to": "331002999999"}
    narrow = {"role": "administrator", "area_from": "000000000000", "area_to": "999999999999", "sectors": ["fire"]}
    for held in (grant, narrow, grant | {"role": "auditor", "area_from": "000000000000", "area_to": "999999999999"}):
        made = await gateway.register(grants=[held])
        county = await gateway.bearer(made["client_id"], made["client_secret"])
        assert (await try_register(gateway, county)).json()["code"] == "role_missing"
        for path in ("/v1/identity-providers", "/v1/external-identities"):
            assert (await gateway.http.get(path, headers=county)).json()["code"] == "role_missing"
        shown = await gateway.http.get(f"/v1/identity-providers/{joined.row['id']}", headers=county)
        assert shown.status_code in (403, 404)
        body = {"provider_id": joined.row["id"], "external_subject": "x", "subject": "inspector-1"}
        linked = await gateway.http.post("/v1/external-identities", json=body, headers=county)
        assert linked.json()["code"] == "role_missing"


@pytest.mark.parametrize(
    ("fields", "pointer"),
    [
        ({"issuer": "ftp://provider.example/"}, "#/issuer"),
        ({"issuer": "https://user:secret@provider.example/"}, "#/issuer"),
        ({"issuer": "https://provider.example/#x"}, "#/issuer"),
        ({"issuer": "https://"}, "#/issuer"),
        ({"jwks_uri": "https://provider.example:0/keys"}, "#/jwks_uri"),
        ({"algorithms": ["HS256"]}, "#/algorithms/0"),
        ({"algorithms": ["none"]}, "#/algorithms/0"),
        ({"algorithms": []}, "#/algorithms"),
        ({"audiences": []}, "#/audiences"),
        ({"audiences": ["\u0000"]}, "#/audiences/0"),
        ({"token_types": ["logout+jwt"]}, "#/token_types/0"),
        ({"name_zh": ""}, "#/name_zh"),
        ({"ended_at": None}, "#/ended_at"),
    ],
)
async def test_bad_fields_are_refused_by_pointer(joined: Joined, fields: dict[str, Any], pointer: str) -> None:
    refused = await try_register(joined.gateway, **fields)
    assert refused.status_code in (400, 422), refused.text
    if refused.status_code == 422:
        assert pointer in [error["pointer"] for error in refused.json()["errors"]]


async def test_one_live_provider_for_each_issuer(joined: Joined) -> None:
    taken = await joined.gateway.http.post(
        "/v1/identity-providers", json=registration(joined.provider.issuer), headers=await joined.gateway.bearer()
    )
    assert (taken.status_code, taken.json()["code"]) == (409, "already_exists")


async def test_the_lists_show_what_stands(joined: Joined) -> None:
    headers = await joined.gateway.bearer()
    providers = await joined.gateway.http.get("/v1/identity-providers", headers=headers)
    assert joined.row["id"] in [one["id"] for one in providers.json()["items"]]
    links = await joined.gateway.http.get("/v1/external-identities?subject=inspector-1", headers=headers)
    (link,) = links.json()["items"]
    assert (link["external_subject"], link["provider"]) == ("f4b1c6de", joined.row["id"])
    shown = await joined.gateway.http.get(f"/v1/external-identities/{link['id']}", headers=headers)
    assert shown.json() == link
    rows = await looks(joined.gateway, "external_identity")
    assert {str(row.aggregate_id) for row in rows} > {link["id"]}, "the one and the list are a row each"
    assert all("f4b1c6de" not in str(row.details) for row in rows)


async def test_a_link_needs_a_provider_that_stands(joined: Joined) -> None:
    body = {"provider_id": "019a0d2c-5b00-7000-8000-000000000001", "external_subject": "x", "subject": "y"}
    headers = await joined.gateway.security()
    assert (await joined.gateway.http.post("/v1/external-identities", json=body, headers=headers)).status_code == 404
    document = (await joined.gateway.http.get("/openapi.json")).json()
    told = document["paths"]["/v1/external-identities"]["post"]["responses"]["404"]
    assert told["x-problem-codes"] == ["not_found"]


async def test_nobody_links_an_account_to_an_administrator_or_to_themselves(joined: Joined) -> None:
    gateway = joined.gateway
    everywhere = {"area_from": "000000000000", "area_to": "999999999999"}
    person = await enrolled(gateway)
    assert (await gateway.give(person["subject"], {"role": "system_administrator", **everywhere})).status_code == 200
    for subject in (ADMINISTRATOR, AUDIT, person["subject"]):
        refused = await joined.link(f"account-of-{subject}", subject)
        assert (refused.status_code, refused.json()["code"]) == (403, "office_of_its_own"), refused.text
    own = await joined.link("account-of-its-own", SECURITY)
    assert (own.status_code, own.json()["code"]) == (403, "not_to_oneself")
