"""Whom to tell of a weakness, as RFC 9116 writes it."""

from collections.abc import Sequence
from datetime import datetime, timedelta

KEPT_DAYS = 180
"""RFC 9116 §2.5.5 recommends less than a year; half of one, so that a forgotten city goes stale in sight [DEF]."""


def security_txt(contacts: Sequence[str], *, issuer: str, now: datetime) -> str:
    """The file: contacts in order of preference, until when it holds (UTC, to the day), and where it stands."""
    expires = (now + timedelta(days=KEPT_DAYS)).strftime("%Y-%m-%dT00:00:00Z")
    lines = [*(f"Contact: {contact}" for contact in contacts), f"Expires: {expires}"]
    lines += ["Preferred-Languages: zh, en", f"Canonical: {issuer.rstrip('/')}/.well-known/security.txt"]
    return "".join(f"{line}\n" for line in lines)
