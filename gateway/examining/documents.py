"""Documents: kept byte for byte, and therefore refused where they are two things, run something or blow up.

What is written inside compressed streams of a PDF is not read; a reader gets every document as a download.
"""

from __future__ import annotations

import re
import zipfile
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from gateway.examining.findings import Refused

_BLOCK_BYTES = 1 << 20
_NUMBERED = re.compile(rb"#([0-9A-Fa-f]{2})")
"""How a name of a PDF may write any of its letters (ISO 32000-1, 7.3.5): `/J#61vaScript` is `/JavaScript`."""
_ACTIVE_IN_PDF = re.compile(rb"/(JavaScript|JS|Launch|EmbeddedFiles?|RichMedia|XFA)\b")
_MARKUP = re.compile(rb"<\s*(html|script|svg|!doctype|iframe|body)\b", re.IGNORECASE)
_ACTIVE_PARTS = ("vbaproject.bin", "/activex/", "/embeddings/", ".exe", ".dll", ".js", ".vbs")
_PDF_HEAD_BYTES = 1024
_BROKEN = (zipfile.BadZipFile, OSError, ValueError, RuntimeError)
"""What zipfile raises on bytes that are no archive, or one of a kind that it does not know."""


def check_pdf(path: Path) -> None:
    """One PDF from its first byte to its last, with nothing that runs in plain sight. Raises Refused."""
    if zipfile.is_zipfile(path):
        raise Refused("file_is_two_things")
    with path.open("rb") as file:
        head = file.read(_PDF_HEAD_BYTES)
        file.seek(max(0, path.stat().st_size - _PDF_HEAD_BYTES))
        tail = file.read()
    if not head.startswith(b"%PDF-") or b"%%EOF" not in tail:
        raise Refused("file_broken")
    if _MARKUP.search(head) or tail.rpartition(b"%%EOF")[2].strip(b"\r\n\t \0"):
        raise Refused("file_is_two_things")
    if any(_ACTIVE_IN_PDF.search(_plain(block)) for block in _blocks(path)):
        raise Refused("file_has_active_content")


def _plain(block: bytes) -> bytes:
    """The same with every letter of a name written as itself."""
    return _NUMBERED.sub(lambda found: bytes.fromhex(found[1].decode()), block)


def _blocks(path: Path) -> Iterator[bytes]:
    """The file in pieces that overlap, so that no word falls between two."""
    with path.open("rb") as file:
        kept = b""
        while block := file.read(_BLOCK_BYTES):
            yield kept + block
            kept = block[-64:]


def check_package(path: Path, limits: Mapping[str, Any]) -> None:
    """An office package: one archive from end to end, that unpacks within bounds and runs nothing. Raises Refused."""
    try:
        with zipfile.ZipFile(path) as package:
            entries = package.infolist()
            if package.start_dir != _directory_at(path) or min(one.header_offset for one in entries) != 0:
                raise Refused("file_is_two_things")
            _check_size(path, entries, limits)
            for one in entries:
                _check_entry(one)
    except _BROKEN:
        raise Refused("file_broken") from None


def _directory_at(path: Path) -> int:
    """Where the archive says that its directory stands: with bytes before or after it, it stands elsewhere."""
    with path.open("rb") as file:
        file.seek(-22, 2)
        end = file.read()
    if not end.startswith(b"PK\x05\x06"):
        raise Refused("file_is_two_things")
    return int.from_bytes(end[16:20], "little")


def _check_size(path: Path, entries: list[zipfile.ZipInfo], limits: Mapping[str, Any]) -> None:
    unpacked = sum(one.file_size for one in entries)
    most = min(limits["most_unpacked_bytes"], limits["most_ratio"] * path.stat().st_size)
    if len(entries) > limits["most_entries"] or unpacked > most:
        raise Refused("archive_too_large")
    # Overlapping entries name the same packed bytes again and again.
    if sum(one.compress_size for one in entries) > path.stat().st_size:
        raise Refused("archive_too_large")


def _check_entry(one: zipfile.ZipInfo) -> None:
    name = one.filename.lower()
    if name.startswith("/") or ".." in name.split("/") or one.flag_bits & 1:
        raise Refused("file_broken")
    if any(name.endswith(part) or (part.endswith("/") and part in f"/{name}") for part in _ACTIVE_PARTS):
        raise Refused("file_has_active_content")
