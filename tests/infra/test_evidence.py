"""Daily heads on paper, requests for a timestamp authority, and which seals open what."""

from __future__ import annotations

import json
import shutil
import subprocess
from hashlib import sha256
from pathlib import Path

import pytest

from infra.environment import app_environment
from infra.evidence import timestamp_request, write_heads
from infra.seal_keys import retired_seals, seals_of
from infra.secrets import Secrets
from infra.settings import GATEWAY, PlatformSettings

HEADS = [{"kind": "day", "service": "risk_grading", "day": "2026-10-12", "chained": "ab" * 32}]


def test_heads_are_a_line_each_and_the_request_is_over_the_file(tmp_path: Path) -> None:
    out = tmp_path / "heads.jsonl"
    told = write_heads(HEADS * 2, out, request=True)
    written = out.read_bytes()
    assert [json.loads(line) for line in written.splitlines()] == HEADS * 2
    assert told == sha256(written).hexdigest()
    assert bytes.fromhex(told) in (tmp_path / "heads.jsonl.tsq").read_bytes()


@pytest.mark.skipif(shutil.which("openssl") is None, reason="no openssl to read it with")
@pytest.mark.parametrize("nonce", [0, 127, 128, 2**63 - 1])
def test_another_program_reads_the_request(tmp_path: Path, nonce: int) -> None:
    asked = tmp_path / "asked.tsq"
    asked.write_bytes(timestamp_request(sha256(b"heads").digest(), nonce))
    read = subprocess.run(
        ["openssl", "ts", "-query", "-in", str(asked), "-text"], capture_output=True, text=True, check=True
    )
    assert "Hash Algorithm: sha256" in read.stdout
    assert "Certificate required: yes" in read.stdout
    assert nonce == 0 or f"0x{nonce:02X}" in read.stdout.replace("0x0", "0x")


def test_another_seal_id_makes_another_seal_and_the_old_one_still_opens(tmp_path: Path) -> None:
    secrets = Secrets(tmp_path)
    first = PlatformSettings(home=tmp_path)
    closed = seals_of(first, secrets).close("jam", "jar", b"sweet")
    later = PlatformSettings(home=tmp_path, key_seal_id="2")
    seals = seals_of(later, secrets)
    assert (seals.current_id, list(retired_seals(later, secrets))) == ("2", ["1"])
    assert seals.open("jam", "jar", closed) == b"sweet"
    assert seals.is_stale(closed)
    told = app_environment(GATEWAY, later, secrets)
    assert (told["SHOUTU_KEY_SEAL_ID"], told["SHOUTU_KEY_SEAL"]) == ("2", seals.current)
    assert json.loads(told["SHOUTU_RETIRED_KEY_SEALS"]) == dict(seals.retired)
    assert retired_seals(first, secrets) == {"2": seals.current}


def test_every_app_is_told_the_suite(tmp_path: Path) -> None:
    settings = PlatformSettings.model_validate({"home": tmp_path, "crypto_suite": "sm4-sm3"})
    assert app_environment("risk_grading", settings, Secrets(tmp_path))["SHOUTU_CRYPTO_SUITE"] == "sm4-sm3"
