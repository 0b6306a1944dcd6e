"""The one verb of the token endpoint."""

from __future__ import annotations

from collections.abc import Mapping

from gateway.identity.actions import authenticate
from gateway.signing.actions import sign
from gateway.tokens.rules import Credentials, TokenLife, TokenRefused, claims, scope_of
from libs.common.clocks import system_now
from libs.common.crypto import Seals
from libs.common.db import Tx
from libs.common.ids import new_id
from libs.common.metrics import counter

_issued = counter("tokens_issued", "answers of the token endpoint", ("outcome",))


async def issue_token(
    tx: Tx, seals: Seals, life: TokenLife, credentials: Credentials, form: Mapping[str, str]
) -> tuple[str, str]:
    """A token for the client and the scope it was issued for; TokenRefused for wrong credentials or requests.

    Times are the real clock's, whatever a demonstration's clock says: verifiers go by the real one.
    """
    client = await authenticate(tx, credentials.client_id, credentials.secret)
    if client is None:
        _issued.labels(tx.service, "invalid_client").inc()
        raise TokenRefused(
            "invalid_client",
            "the client is unknown, has ended, or the secret is wrong",
            status=401,
            challenge=credentials.by_header,
        )
    scope, at = scope_of(form, life.scopes), system_now()
    said = claims(life, subject=client.subject, client_id=client.client_id, scope=scope, token_id=new_id(), at=at)
    token = await sign(tx, seals, said, at)
    _issued.labels(tx.service, "issued").inc()
    return token, scope
