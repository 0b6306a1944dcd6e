"""Whom to tell of a weakness stands where RFC 9116 has it looked for."""

from datetime import UTC, datetime, timedelta

import pytest
from pydantic import ValidationError
from sectxt import Parser

from gateway.pages.rules_security import security_txt
from gateway.settings import GatewaySettings
from tests.gateway.running import Running

NOW = datetime(2026, 10, 12, 11, 40, tzinfo=UTC)


def test_it_is_as_the_standard_wants_it() -> None:
    text = security_txt(["mailto:security@city.example"], issuer="https://city.example", now=NOW)
    parsed = Parser(text.encode())
    assert parsed.errors == []
    assert "Canonical: https://city.example/.well-known/security.txt\n" in text


def test_it_holds_for_less_than_a_year() -> None:
    text = security_txt(["mailto:a@city.example"], issuer="https://city.example", now=NOW)
    expires = next(line for line in text.splitlines() if line.startswith("Expires: ")).removeprefix("Expires: ")
    assert timedelta(days=170) < datetime.fromisoformat(expires) - NOW < timedelta(days=365)


def test_several_contacts_stand_in_their_order() -> None:
    text = security_txt(["https://city.example/a", "tel:+86-576-0000"], issuer="https://city.example", now=NOW)
    assert text.index("https://city.example/a") < text.index("tel:+86-576-0000")


@pytest.mark.parametrize(
    "contact", ["security@city.example", "mailto:a@b\nExpires: 2099-01-01T00:00:00Z", "http://x"]
)
def test_a_contact_that_is_no_uri_of_one_line_stops_the_start(contact: str) -> None:
    fields = {"service": "gateway", "database_url": "postgresql://x@localhost/x", "key_seal": "s" * 32}
    with pytest.raises(ValidationError):
        GatewaySettings(**fields, security_contacts=(contact,))


async def test_it_is_served_to_anybody(gateway: Running) -> None:
    answer = await gateway.http.get("/.well-known/security.txt")
    assert answer.status_code == 200
    assert answer.headers["content-type"] == "text/plain; charset=utf-8"
    assert answer.text.startswith("Contact: ")
