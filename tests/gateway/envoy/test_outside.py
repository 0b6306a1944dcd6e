"""What stands outside: TLS to the callers, and a proxy of the city's own in front."""

import datetime
import ssl
from collections.abc import Callable
from dataclasses import replace
from ipaddress import ip_address
from pathlib import Path

import httpx
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec

from gateway.envoy.plan import EnvoyPlan, TlsFiles
from tests.gateway.envoy.door import running
from tests.gateway.envoy.keys import bearer

PlanFor = Callable[[Path], EnvoyPlan]


def certificate(folder: Path) -> TlsFiles:
    """A certificate for 127.0.0.1 that signs itself."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, "city.test")])
    now = datetime.datetime.now(datetime.UTC)
    made = (
        x509.CertificateBuilder(name, name, key.public_key(), x509.random_serial_number())
        .not_valid_before(now - datetime.timedelta(days=1))
        .not_valid_after(now + datetime.timedelta(days=1))
        .add_extension(x509.SubjectAlternativeName([x509.IPAddress(ip_address("127.0.0.1"))]), critical=False)
        .sign(key, hashes.SHA256())
    )
    (folder / "city.crt").write_bytes(made.public_bytes(serialization.Encoding.PEM))
    private = key.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )
    (folder / "city.key").write_bytes(private)
    return TlsFiles(certificate=str(folder / "city.crt"), private_key=str(folder / "city.key"))


async def test_with_a_certificate_the_door_speaks_tls_and_asks_to_stay_with_it(
    plan_for: PlanFor, tmp_path: Path
) -> None:
    files = certificate(tmp_path)
    plan = replace(plan_for(tmp_path), tls=files)
    trusting = ssl.create_default_context(cafile=files.certificate)
    async with running(plan, tmp_path), httpx.AsyncClient(verify=trusting, trust_env=False) as http:
        answer = await http.get(f"https://127.0.0.1:{plan.listen.port}/v1/areas", headers=bearer("tls"))
    assert answer.status_code == 200
    assert answer.headers["strict-transport-security"] == "max-age=31536000"
    assert dict(answer.json()["headers"])["x-forwarded-proto"] == "https"


async def test_behind_the_citys_own_proxy_its_word_about_the_caller_counts(plan_for: PlanFor, tmp_path: Path) -> None:
    plan = replace(plan_for(tmp_path), trusted_proxies=1)
    headers = {**bearer("proxied"), "X-Forwarded-For": "198.51.100.9, 203.0.113.7"}
    async with running(plan, tmp_path) as http:
        answer = await http.get("/v1/areas", headers=headers)
    received = dict(answer.json()["headers"])
    assert received["x-forwarded-for"].startswith("198.51.100.9, 203.0.113.7")
    line = (tmp_path / "access.log").read_text()
    assert '"client_address":"203.0.113.7"' in line
