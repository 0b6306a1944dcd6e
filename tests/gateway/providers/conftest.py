"""Fixtures: a provider of another body, registered with a gateway that may call it."""

from __future__ import annotations

from collections.abc import AsyncIterator
from dataclasses import dataclass
from typing import Any
from uuid import uuid4

import httpx
import pytest

from gateway.providers.rules import ACCESS_TOKEN, TOKEN_EXCHANGE
from tests.cluster import Cluster
from tests.gateway.providers.fake_provider import CLIENT_SECRET, FakeProvider, fake_provider
from tests.gateway.running import Running, running_gateway


@dataclass
class Joined:
    """A gateway, a provider that it knows, and a client that exchanges."""

    gateway: Running
    provider: FakeProvider
    row: dict[str, Any]
    client: tuple[str, str]

    async def exchange(self, token: str, **form: str) -> httpx.Response:
        """The token endpoint's answer to a provider's token."""
        asked = {"grant_type": TOKEN_EXCHANGE, "subject_token": token, "subject_token_type": ACCESS_TOKEN} | form
        return await self.gateway.http.post("/oauth/token", data=asked, auth=self.client)

    async def link(self, external_subject: str, subject: str) -> httpx.Response:
        """The answer to linking an account."""
        body = {"provider_id": self.row["id"], "external_subject": external_subject, "subject": subject}
        return await self.gateway.http.post(
            "/v1/external-identities", json=body, headers=await self.gateway.security()
        )

    async def change(self, path: str, method: str = "POST", **body: Any) -> httpx.Response:
        """The answer to a change of what stands at a path, in its present version."""
        of_links = path.startswith("/v1/external-identities/")
        headers = {**(await self.gateway.security() if of_links else await self.gateway.bearer())}
        present = await self.gateway.http.get(path.removesuffix("/end"), headers=headers)
        headers["If-Match"] = present.headers["etag"]
        return await self.gateway.http.request(method, path, json=body, headers=headers)


def registration(issuer: str, **fields: Any) -> dict[str, Any]:
    """What an administrator says about a provider."""
    named = {"name_zh": "区政务统一身份认证", "name_en": "District sign-in"}
    ours = {"client_id": "shoutu", "client_secret": CLIENT_SECRET, "audiences": ["shoutu"]}
    roles = {"roles_path": ["realm_access", "roles"], "required_roles": ["shoutu-user"]}
    return {"issuer": issuer, **named, **ours, **roles, **fields}


@pytest.fixture(scope="module")
async def joined(cluster: Cluster) -> AsyncIterator[Joined]:
    """One provider with one linked account for the tests of a module."""
    async with (
        fake_provider() as provider,
        cluster.fresh_database() as database,
        running_gateway(database, outgoing_networks=["127.0.0.0/8"]) as gateway,
    ):
        made = await gateway.http.post(
            "/v1/identity-providers", json=registration(provider.issuer), headers=await gateway.bearer()
        )
        assert made.status_code == 201, made.text
        client = await gateway.register(client_id=f"app-{uuid4().hex[:8]}")
        found = Joined(gateway, provider, made.json(), (client["client_id"], client["client_secret"]))
        person = await gateway.register(subject="inspector-1")
        assert (await found.link("f4b1c6de", person["subject"])).status_code == 201
        yield found
