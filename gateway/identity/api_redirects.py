"""The door to where people who sign in by a client are led back to."""

from __future__ import annotations

from typing import Annotated
from uuid import UUID

from fastapi import Response
from pydantic import ConfigDict, Field, StringConstraints

from gateway.identity import actions, actions_redirects
from gateway.identity.actions import GrantBeyondOwn
from gateway.identity.api import ClientOut
from gateway.identity.rules import ClientAlreadyEnded, OfficeOfItsOwn
from gateway.identity.rules_redirects import LONGEST_REDIRECT, MOST_REDIRECTS, RedirectMalformed
from libs.common.doors import Change
from libs.common.forms import Form
from libs.common.openapi import refuses
from libs.common.strict_routes import router

routes = router("clients")

Redirect = Annotated[str, StringConstraints(min_length=1, max_length=LONGEST_REDIRECT)]


class RedirectsIn(Form):
    """Every address to which a code may be sent; the list is replaced whole."""

    model_config = ConfigDict(json_schema_extra={"examples": [{"redirect_uris": ["cn.gov.example.app:/callback"]}]})

    redirect_uris: list[Redirect] = Field(
        max_length=MOST_REDIRECTS,
        description="https, loopback by number (http://127.0.0.1/…; any port is taken then) or the app's own scheme"
        " in reverse domain form; compared character by character",
    )


@routes.put(
    "/v1/clients/{id}/redirect-uris",
    response_model=ClientOut,
    summary="登记登录回调地址 Say where an app is answered after a sign-in",
    responses=refuses(RedirectMalformed, ClientAlreadyEnded, GrantBeyondOwn, OfficeOfItsOwn),
)
async def set_redirects(id: UUID, body: RedirectsIn, door: Change) -> Response:  # noqa: A002
    """People sign in by an app only when it has an address here (RFC 6749 §3.1.2, RFC 8252 §7, RFC 9700 §2.1); with
    an empty list nobody does. An app on phones or computers is registered with `public`: it can keep no secret."""
    return await door.perform(
        lambda tx: actions_redirects.set_redirects(tx, id, door.expected_version, tuple(body.redirect_uris)),
        ClientOut.of,
        show_again=actions.find_client,
    )
