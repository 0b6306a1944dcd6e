"""Every door that needs a token refuses one that is not good here, each in its own words."""

from __future__ import annotations

from time import time
from typing import Any

import pytest

from tests.authorization.callers import ENDED, JTI, REVOKED
from tests.authorization.conftest import Planted
from tests.authorization.house import EVERY_CALL
from tests.authorization.operations import Operation, operations, sent_with
from tests.common.counter_service import token

GUARDED = tuple(one for one in operations() if one.needs_token)
_OVER = int(time()) - 3_600


def bad_tokens(operation: Operation) -> dict[str, tuple[str, int, str]]:
    """By what is wrong with it alone: a token, and the status and code that it has to be refused with."""

    def good(**claims: Any) -> str:
        return token(**{"scope": EVERY_CALL} | claims)

    wrong_scope = "shoutu:read" if operation.entrance.kind == "write" else "shoutu:write"
    return {
        "expired": (good(iat=_OVER - 300, exp=_OVER), 401, "token_expired"),
        "for another audience": (good(aud="elsewhere"), 401, "token_invalid"),
        "of another issuer": (good(iss="https://elsewhere.example"), 401, "token_invalid"),
        "no access token": (good(header={"typ": "JWT"}), 401, "token_invalid"),
        "of a system scope": (good(sub="system:sweep"), 401, "token_invalid"),
        "for another kind of call": (token(scope=wrong_scope), 403, "oauth_scope_missing"),
        "of an ended subject": (good(sub=ENDED, client_id=ENDED), 401, "client_ended"),
        "revoked": (good(sub=REVOKED, client_id=REVOKED, jti=JTI), 401, "token_revoked"),
        "for another service": (token(scope="elsewhere"), 403, "oauth_scope_missing"),
    }


@pytest.mark.parametrize("operation", GUARDED, ids=lambda one: one.name)
async def test_a_token_that_is_not_good_here_is_refused(planted: Planted, operation: Operation) -> None:
    path = operation.at(planted.ids)
    client = planted.house.clients[operation.service]
    for wrong, (shown, status, code) in bad_tokens(operation).items():
        sent = sent_with(planted.house, operation, planted.ids)
        sent["headers"] |= {"Authorization": f"Bearer {shown}"}
        answer = await client.request(operation.method, path, **sent)
        assert (answer.status_code, answer.json()["code"]) == (status, code), wrong
        assert answer.headers["www-authenticate"].startswith("Bearer"), wrong
