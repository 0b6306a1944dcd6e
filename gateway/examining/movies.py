"""Videos and sound in ISO media files (ISO/IEC 14496-12): the picture stays, what tells of phone and place goes.

The boxes that carry it (`udta`, `meta`, `uuid`, free space) are turned into empty ones of the same size, so nothing
else moves and nothing is encoded again. A track of timed metadata keeps its samples: [DEF], said in the guide.
"""

from __future__ import annotations

import shutil
import zipfile
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO

from gateway.examining.findings import Refused

_KEPT_AT_TOP = frozenset({b"ftyp", b"moov", b"mdat", b"moof", b"mfra", b"sidx", b"styp", b"pdin"})
_CONTAINERS = frozenset({b"moov", b"trak", b"mdia", b"moof", b"traf", b"edts", b"minf"})
_TELLING = frozenset({b"udta", b"meta", b"uuid", b"free", b"skip", b"wide"})
_MOST_BOXES = 20_000
_BLOCK = bytes(1 << 20)


@dataclass(frozen=True, slots=True)
class _Box:
    at: int
    header: int
    end: int
    kind: bytes


def without_traces(path: Path, into: Path) -> Path:
    """A copy without what tells of phone and place. Raises Refused where the boxes do not tile the file."""
    if zipfile.is_zipfile(path):
        raise Refused("file_is_two_things")
    made = into / "original"
    shutil.copyfile(path, made)
    with made.open("r+b") as file:
        top = list(_boxes(file, 0, made.stat().st_size))
        if not {b"ftyp", b"moov"} <= {box.kind for box in top}:
            raise Refused("file_broken")
        for box in top:
            if box.kind not in _KEPT_AT_TOP:
                _empty(file, box)
            elif box.kind in _CONTAINERS:
                _clean(file, box, depth=0)
    return made


def _clean(file: BinaryIO, parent: _Box, *, depth: int) -> None:
    if depth > 8:
        raise Refused("file_broken")
    for box in _boxes(file, parent.at + parent.header, parent.end):
        if box.kind in _TELLING:
            _empty(file, box)
        elif box.kind in _CONTAINERS:
            _clean(file, box, depth=depth + 1)


def _boxes(file: BinaryIO, start: int, end: int) -> Iterator[_Box]:
    """The boxes between two places; each begins where the one before ends, and the last ends at the end."""
    at, seen = start, 0
    while at < end:
        file.seek(at)
        head = file.read(16)
        size, kind, header = int.from_bytes(head[:4], "big"), head[4:8], 8
        if size == 1:
            size, header = int.from_bytes(head[8:16], "big"), 16
        elif size == 0:
            size = end - at
        seen += 1
        if size < header or at + size > end or seen > _MOST_BOXES:
            raise Refused("file_broken")
        yield _Box(at, header, at + size, kind)
        at += size


def _empty(file: BinaryIO, box: _Box) -> None:
    file.seek(box.at + 4)
    file.write(b"free")
    file.seek(box.at + box.header)
    left = box.end - box.at - box.header
    while left > 0:
        left -= file.write(_BLOCK[: min(left, len(_BLOCK))])
