"""What a city may decide otherwise, read once: which roles need a second factor, and which passwords are refused."""

from __future__ import annotations

from functools import lru_cache
from pathlib import Path

from pydantic import TypeAdapter

from gateway.people.rules import SecondFactorPolicy

_HERE = Path(__file__).parent / "policies"

SECOND_FACTOR = TypeAdapter(SecondFactorPolicy).validate_json((_HERE / "second-factor-1.json").read_bytes())


@lru_cache(1)
def common_passwords() -> frozenset[str]:
    """The passwords that are tried first; read when somebody first chooses one, for few processes ever do."""
    lines = (_HERE / "common-passwords-1.txt").read_text("utf-8").splitlines()
    return frozenset(line for line in lines if line and not line.startswith("# "))
