"""What a file is by its bytes; its name and what its sender calls it count for nothing."""

from __future__ import annotations

import zipfile
from pathlib import Path

from gateway.examining.findings import Refused

_OFFICE = {
    "word/document.xml": "application/vnd.openxmlformats-officedocument.wordprocessingml.document",
    "xl/workbook.xml": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
    "ppt/presentation.xml": "application/vnd.openxmlformats-officedocument.presentationml.presentation",
    "OFD.xml": "application/ofd",
}
"""The part by which a package in ZIP form shows what it is; OFD is the state's own format (GB/T 33190-2016)."""
_AUDIO_BRANDS = frozenset({b"M4A ", b"M4B "})
_HEIC_BRANDS = frozenset({b"heic", b"heix", b"hevc", b"heim", b"heis", b"mif1", b"msf1"})
_AVIF_BRANDS = frozenset({b"avif", b"avis"})
_HEAD_BYTES = 4096
_BROKEN = (zipfile.BadZipFile, OSError, ValueError, RuntimeError)
"""What zipfile raises on bytes that are no archive, or one of a kind that it does not know."""


def media_type_of(path: Path) -> str:
    """The media type; raises Refused where it is none that can be told, or HEIC."""
    import filetype  # type: ignore[import-untyped]  # a table of some eighty types that only the examining process needs

    with path.open("rb") as file:
        head = file.read(_HEAD_BYTES)
    if head[4:8] == b"ftyp":
        return _of_brands(head)
    if head.startswith(b"PK\x03\x04"):
        return _of_package(path)
    found = filetype.guess(head)
    if found is None:
        raise Refused("file_type_not_taken")
    return str(found.mime)


def _of_brands(head: bytes) -> str:
    """ISO media files (ISO/IEC 14496-12) say what they are in their first box."""
    size = int.from_bytes(head[:4], "big")
    brands = [head[at : at + 4] for at in (8, *range(16, min(size, len(head)), 4))]
    if _AVIF_BRANDS & set(brands):
        return "image/avif"
    if _HEIC_BRANDS & set(brands):
        raise Refused("photo_is_heic")
    if brands[0] in _AUDIO_BRANDS:
        return "audio/mp4"
    return "video/quicktime" if brands[0] == b"qt  " else "video/mp4"


def _of_package(path: Path) -> str:
    try:
        with zipfile.ZipFile(path) as package:
            names = set(package.namelist())
    except _BROKEN:
        raise Refused("file_broken") from None
    kinds = [media_type for part, media_type in _OFFICE.items() if part in names]
    if len(kinds) > 1:
        raise Refused("file_is_two_things")
    if not kinds:
        raise Refused("file_type_not_taken")
    return kinds[0]
