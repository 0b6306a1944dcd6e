"""The rule packs that the service keeps: every version of every model, for ever, since grades name them."""

from __future__ import annotations

from pathlib import Path

from pydantic import TypeAdapter

from services.risk_grading.models.rules import Pack

_FOLDER = Path(__file__).parent / "packs"


def pack_id(pack: Pack) -> str:
    """The name under which a version is asked for, such as `lec-1`."""
    return f"{pack.pack}-{pack.version}"


def _read(folder: Path) -> dict[str, Pack]:
    """Every pack of a folder; a pack with a fault stops the start (ValueError)."""
    reader = TypeAdapter(Pack)
    packs = [reader.validate_json(file.read_bytes()) for file in sorted(folder.glob("*.json"))]
    return {pack_id(pack): pack for pack in packs}


PACKS = _read(_FOLDER)
