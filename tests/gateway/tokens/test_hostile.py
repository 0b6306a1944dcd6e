"""Whatever somebody signs or writes, it is refused in words of ours and never by a fault."""

from __future__ import annotations

import json
from contextlib import suppress
from datetime import UTC, datetime
from typing import Any
from uuid import UUID

from hypothesis import given
from hypothesis import strategies as st

from gateway.identity.rules_keys import AssertionRefused, KeyRefused, check_assertion, check_key
from gateway.jose import peek
from gateway.providers.rules import Provider, ProviderTokenRefused, algorithm_of, check_claims, roles_of
from tests.gateway.tokens.signing_client import compact

NOW = datetime(2026, 10, 12, tzinfo=UTC)
PROVIDER = Provider(
    id=UUID(int=1), version=1, area_code="000000000000", sectors=(), exercise=False, correlation_id=UUID(int=2),
    issuer="https://provider.example", name_zh="区", name_en="District", jwks_uri=None, client_id=None,
    algorithms=("RS256",), audiences=("shoutu",), authorized_parties=(), token_types=("JWT",), subject_claim="sub",
    roles_path=("realm_access", "roles"), required_roles=("user",), ended_at=None, ended_reason=None,
)  # fmt: skip

JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text() | st.just("shoutu"),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=3),
    max_leaves=6,
)
CLAIMS = st.dictionaries(
    st.sampled_from(["iss", "sub", "aud", "exp", "nbf", "iat", "jti", "azp", "events", "realm_access"]), JSON
)
HEADERS = st.dictionaries(st.sampled_from(["alg", "typ", "kid", "crit", "jku"]), JSON)
KEYS = st.dictionaries(
    st.sampled_from(["kty", "crv", "x", "y", "n", "e", "use", "alg"]),
    st.sampled_from(["EC", "OKP", "RSA", "P-256", "Ed25519", "sig", "ES256", "AQAB", "", "=", "é", "_" * 342]),
)


@given(claims=CLAIMS)
def test_no_claim_of_an_assertion_or_of_a_providers_token_is_a_fault(claims: dict[str, Any]) -> None:
    with suppress(AssertionRefused):
        check_assertion(claims | {"iss": "a", "sub": "a"}, "a", {"https://city.test"}, NOW)
    with suppress(ProviderTokenRefused):
        check_claims(PROVIDER, claims | {"iss": PROVIDER.issuer}, NOW)
    assert roles_of(PROVIDER, claims) >= set()


@given(header=HEADERS, claims=CLAIMS)
def test_no_header_is_a_fault(header: dict[str, Any], claims: dict[str, Any]) -> None:
    found = peek(compact(header, claims, None))
    assert (found is None) == ("crit" in header)
    if found is not None:
        assert found.kid is None or isinstance(found.kid, str)
        with suppress(ProviderTokenRefused):
            assert algorithm_of(PROVIDER, found.header) == "RS256"


@given(
    text=st.text(alphabet='abe30.=-_[{"é\ud800', max_size=60)
    | st.binary(max_size=60).map(lambda raw: raw.decode("latin-1"))
)
def test_no_text_is_a_fault(text: str) -> None:
    found = peek(text)
    assert found is None or json.dumps(dict(found.claims))


@given(jwk=KEYS)
def test_no_key_is_a_fault(jwk: dict[str, Any]) -> None:
    with suppress(KeyRefused):
        algorithm, members = check_key(jwk)
        assert algorithm in ("ES256", "EdDSA", "RS256")
        assert set(members) <= {"kty", "crv", "x", "y", "n", "e"}
