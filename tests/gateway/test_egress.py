"""Calls to addresses that somebody typed in reach the open Internet and what the settings name, and nothing else."""

from __future__ import annotations

import ssl
from collections.abc import AsyncIterator, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from ipaddress import IPv4Network, ip_address
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from gateway.addresses import is_public
from gateway.egress import CallFailed, CallRefused, Egress, read_url
from tests.gateway.plain_server import PlainServer, serving

LOOPBACK = IPv4Network("127.0.0.0/8")


@dataclass
class Answering:
    """A resolver that gives its answers one after the other, and the last one for ever."""

    answers: list[Sequence[str]]
    asked: list[str] = field(default_factory=list)

    async def __call__(self, host: str, port: int) -> Sequence[str]:
        del port
        self.asked.append(host)
        return self.answers[min(len(self.asked), len(self.answers)) - 1]


@pytest.mark.parametrize(
    "address",
    [
        "0.0.0.0", "10.1.2.3", "100.64.0.1", "127.0.0.1", "127.255.255.254", "169.254.169.254", "172.16.0.1",
        "172.31.255.255", "192.0.0.170", "192.168.1.1", "198.18.0.1", "224.0.0.1", "240.0.0.1", "255.255.255.255",
        "::", "::1", "::127.0.0.1", "::ffff:127.0.0.1", "::ffff:8.8.8.8", "64:ff9b::7f00:1", "64:ff9b::808:808",
        "64:ff9b:1::1", "100::1", "2001::1", "2001:db8::1", "2002:7f00:1::", "3fff::1", "fc00::1", "fd12::1",
        "fe80::1", "fe80::1%eth0", "fec0::1", "ff02::1", "2606:4700::1%eth0",
    ],
)  # fmt: skip
def test_addresses_that_are_not_the_open_internet(address: str) -> None:
    assert not is_public(ip_address(address))


@pytest.mark.parametrize("address", ["8.8.8.8", "100.128.0.1", "172.32.0.1", "2606:4700:4700::1111", "240e::1"])
def test_addresses_of_the_open_internet(address: str) -> None:
    assert is_public(ip_address(address))


@pytest.mark.parametrize(
    "url",
    [
        "", "https://", "//host/x", "ftp://host/", "file:///etc/passwd", "gopher://host/", "javascript:alert(1)",
        "https://user@host/", "https://user:secret@host/", "https://host/#part", "https://host/#", "https://ho st/",
        "https://host\\@evil/", "https://host/\n", "https://host:99999/", "https://[::1/",
        "https://host:0/", "https://host/" + "x" * 2100,
    ],
)  # fmt: skip
def test_what_is_no_plain_address_is_refused(url: str) -> None:
    with pytest.raises(CallRefused) as refused:
        read_url(url)
    assert refused.value.reason == "url_malformed"


@pytest.mark.parametrize(
    "host",
    ["127.0.0.1", "localhost", "127.1", "2130706433", "0x7f000001", "0177.0.0.1", "[::1]", "[::ffff:127.0.0.1]"],
)
async def test_no_spelling_of_our_own_machine_is_called(host: str) -> None:
    with pytest.raises(CallRefused) as refused:
        await Egress().get(f"https://{host}/")
    assert refused.value.reason in ("address_not_public", "url_malformed")


async def test_one_private_address_among_public_ones_condemns_the_name() -> None:
    egress = Egress(resolver=Answering([["93.184.215.14", "10.0.0.1"]]))
    with pytest.raises(CallRefused) as refused:
        await egress.get("https://half.example/")
    assert refused.value.reason == "address_not_public"


@pytest.fixture
async def server() -> AsyncIterator[PlainServer]:
    """Somebody who would answer anybody."""
    async with serving() as found:
        yield found


async def test_a_name_that_changes_between_check_and_call_leads_where_it_was_checked(server: PlainServer) -> None:
    """The second answer would be the machine where the server listens; the first is the one that is called."""
    changing = Answering([["192.0.2.7"], ["127.0.0.1"]])
    egress = Egress(resolver=changing, networks=(IPv4Network("192.0.2.0/24"),))
    with pytest.raises(CallFailed):
        await egress.call("GET", f"http://changing.example:{server.port}/", seconds=0.5)
    assert (changing.asked, server.requests) == (["changing.example"], [])
    back = Answering([["127.0.0.1"], ["192.0.2.7"]])
    found = await Egress(resolver=back, networks=(LOOPBACK,)).get(f"http://changing.example:{server.port}/keys")
    assert (found.status, back.asked) == (200, ["changing.example"])
    assert server.requests[0].startswith(b"GET /keys HTTP/1.1\r\n")
    assert f"Host: changing.example:{server.port}".encode() in server.requests[0]


async def test_plain_http_is_for_the_networks_of_the_settings_alone(server: PlainServer) -> None:
    outside = Egress(resolver=Answering([["93.184.215.14"]]))
    with pytest.raises(CallRefused) as refused:
        await outside.get("http://provider.example/")
    assert refused.value.reason == "not_https"
    named = Egress(resolver=Answering([["127.0.0.1"]]), hosts=frozenset({"provider.example"}))
    assert (await named.get(f"http://provider.example:{server.port}/")).body == b"{}"


async def test_an_address_that_does_not_answer_gives_way_to_the_next(server: PlainServer) -> None:
    egress = Egress(resolver=Answering([["127.0.0.9", "127.0.0.1"]]), networks=(LOOPBACK,))
    assert (await egress.get(f"http://two.example:{server.port}/")).status == 200


async def test_redirects_are_told_and_not_followed(server: PlainServer) -> None:
    server.answer = b"HTTP/1.1 302 Found\r\nLocation: http://127.0.0.1:1/\r\nContent-Length: 0\r\n\r\n"
    egress = Egress(networks=(LOOPBACK,))
    assert (await egress.get(f"http://127.0.0.1:{server.port}/")).status == 302


@pytest.mark.parametrize(
    ("answer", "reason"),
    [
        (b"HTTP/1.1 200 OK\r\nContent-Length: 9000\r\n\r\n" + b"x" * 9000, "too_long"),
        (
            b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n2328\r\n" + b"x" * 9000 + b"\r\n0\r\n\r\n",
            "too_long",
        ),
        (b"HTTP/1.1 200 OK\r\nContent-Length: 90\r\n\r\nshort", "broken_answer"),
        (b"not http at all\r\n\r\n", "broken_answer"),
        (b"", "too_slow"),
    ],
)
async def test_what_is_too_long_too_slow_or_no_http_is_no_answer(
    server: PlainServer, answer: bytes, reason: str
) -> None:
    server.answer = answer
    with pytest.raises(CallFailed) as failed:
        await Egress(networks=(LOOPBACK,)).call(
            "GET", f"http://127.0.0.1:{server.port}/", seconds=0.5, most_bytes=8_000
        )
    assert failed.value.reason == reason


async def test_a_packed_answer_is_left_packed(server: PlainServer) -> None:
    packed = b"\x1f\x8b" + b"\x00" * 30
    server.answer = b"HTTP/1.1 200 OK\r\nContent-Encoding: gzip\r\nContent-Length: 32\r\n\r\n" + packed
    found = await Egress(networks=(LOOPBACK,)).get(f"http://127.0.0.1:{server.port}/")
    assert found.body == packed


async def test_the_certificate_must_be_of_the_name_and_not_of_the_address(tmp_path: Path) -> None:
    certificate, key = _certificate("provider.example", tmp_path)
    context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    context.load_cert_chain(certificate, key)
    async with serving(tls=context) as server:
        egress = Egress(networks=(LOOPBACK,), authorities=certificate, resolver=Answering([["127.0.0.1"]]))
        found = await egress.get(f"https://provider.example:{server.port}/")
        assert found.status == 200
        with pytest.raises(CallFailed):
            await egress.get(f"https://another.example:{server.port}/")
        with pytest.raises(CallFailed):
            await Egress(networks=(LOOPBACK,), resolver=Answering([["127.0.0.1"]])).get(
                f"https://provider.example:{server.port}/"
            )


def _certificate(name: str, folder: Path) -> tuple[Path, Path]:
    """A certificate that signed itself, as an in-house authority would have given it out."""
    key = ec.generate_private_key(ec.SECP256R1())
    named = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, name)])
    now = datetime.now(UTC)
    made = (
        x509.CertificateBuilder()
        .subject_name(named)
        .issuer_name(named)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - timedelta(days=1))
        .not_valid_after(now + timedelta(days=1))
        .add_extension(x509.SubjectAlternativeName([x509.DNSName(name)]), critical=False)
        .sign(key, hashes.SHA256())
    )
    certificate, private = folder / "certificate.pem", folder / "key.pem"
    certificate.write_bytes(made.public_bytes(serialization.Encoding.PEM))
    plain = serialization.NoEncryption()
    private.write_bytes(key.private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, plain))
    return certificate, private
