"""The verbs of the second factor: set one up, prove it, and use a recovery code (RFC 6238, RFC 4226)."""

from __future__ import annotations

import hmac
import secrets as random_secrets
from base64 import b32encode
from dataclasses import dataclass
from datetime import datetime
from hashlib import sha256
from uuid import UUID

from gateway.people import store, store_attempts
from gateway.people.actions import SYSTEM, must_have_second_factor
from gateway.people.actions_secrets import seal, unseal
from gateway.people.model import people
from gateway.people.rules import Person, with_second_factor
from libs.common.aggregates import record
from libs.common.crypto import Seals
from libs.common.db import Tx
from libs.contracts.sign_in import PersonChanged

STEP_SECONDS = 30
_EITHER_WAY = 1
"""A step before and after the present one: clocks differ, and typing takes time (RFC 6238 §5.2)."""
_DIGITS = 6
_CODES = 10
_CODE_BYTES = 10
_ISSUER = "Shoutu"


@dataclass(frozen=True, kw_only=True, slots=True)
class SetUp:
    """What an authenticator app is told: as text to type in, and as a picture to point a camera at."""

    secret: str
    picture: str


async def set_up(tx: Tx, seals: Seals, person: Person) -> SetUp:
    """The secret that the person's app is to learn: the same one until it is proved, however often it is shown."""
    import pyotp  # with segno it costs a megabyte: only a process that shows or checks a code pays it

    async with tx.system(SYSTEM):
        kept = await store.secrets_of(tx, person.id, locked=True)
        if kept.totp_to_be is not None:
            secret = unseal(seals, person.id, "totp_to_be", kept.totp_to_be)
        else:
            secret = pyotp.random_base32()
            await store.change_secrets(tx, person.id, **seal(seals, person.id, totp_to_be=secret))
    address = pyotp.TOTP(secret).provisioning_uri(name=person.login_name, issuer_name=_ISSUER)
    return SetUp(secret=secret, picture=_drawn(address))


async def confirm(tx: Tx, seals: Seals, id: UUID, typed: str, at: datetime) -> tuple[str, ...] | None:  # noqa: A002
    """The second factor counts from now on where the code is right; its recovery codes, shown this once."""
    async with tx.system(SYSTEM):
        person = await store.lock_person(tx, id)
        kept = await store.secrets_of(tx, id, locked=True)
        if kept.totp_to_be is None or person.second_factor:
            return None
        secret = unseal(seals, id, "totp_to_be", kept.totp_to_be)
        step = _step_of(secret, typed, at, after=0)
        if step is None:
            return None
        await store.change_secrets(tx, id, **seal(seals, id, totp=secret, totp_to_be=None), totp_step=step)
        codes = tuple(b32encode(random_secrets.token_bytes(_CODE_BYTES)).decode() for _ in range(_CODES))
        await store_attempts.replace_codes(tx, id, [_code_hash(one) for one in codes])
    told = PersonChanged(subject=person.subject, change="second_factor_added")
    await record(tx, people, with_second_factor(person), told)
    return tuple("-".join(one[start : start + 4] for start in range(0, len(one), 4)) for one in codes)


async def prove(tx: Tx, seals: Seals, id: UUID, typed: str, at: datetime) -> bool:  # noqa: A002
    """Whether the code is right and new: each step and each recovery code counts once."""
    async with tx.system(SYSTEM):
        kept = await store.secrets_of(tx, id, locked=True)
        if kept.totp is None:
            return False
        step = _step_of(unseal(seals, id, "totp", kept.totp), typed, at, after=kept.totp_step)
        if step is not None:
            await store.change_secrets(tx, id, totp_step=step)
            return True
        return await store_attempts.spend_code(tx, id, _code_hash(typed))


async def comes_with_one_factor(tx: Tx, subject: str) -> bool:
    """Whether one proof is enough of a subject: of a program, and of a person who neither decides nor has set up a
    second factor. Whatever state the account is in: rights follow the subject."""
    async with tx.system(SYSTEM):
        person = await store.find_by_subject(tx, subject)
    return person is None or not (person.second_factor or await must_have_second_factor(tx, person))


def _step_of(secret: str, typed: str, at: datetime, *, after: int) -> int | None:
    """The step whose code was typed, of those near now and not yet used; as much work for every answer."""
    import pyotp

    code = typed.replace(" ", "")
    if not (code.isascii() and code.isdecimal() and len(code) == _DIGITS):
        return None
    now, otp = int(at.timestamp()) // STEP_SECONDS, pyotp.TOTP(secret)
    near = range(now - _EITHER_WAY, now + _EITHER_WAY + 1)
    right = [step for step in near if hmac.compare_digest(otp.generate_otp(step), code) and step > after]
    return max(right, default=None)


def _code_hash(typed: str) -> bytes:
    """80 random bits cannot be tried out, so a fast hash will do."""
    plain = typed.replace("-", "").replace(" ", "").upper()
    return sha256(b"shoutu recovery code\x00" + plain.encode(errors="replace")).digest()


def _drawn(address: str) -> str:
    import segno

    return segno.make(address, micro=False).svg_inline(scale=4, dark="#000", light="#fff")
