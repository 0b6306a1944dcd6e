"""The examining process: `python -m gateway.examining.child <file> <folder> <capture>`; one JSON line on its output.

It decodes what strangers made, so it lives for one file, under limits on time and memory, and knows no secret: its
environment is empty and its only files are the upload and the folder for what is made of it.
"""

from __future__ import annotations

import resource
import sys
from pathlib import Path
from typing import Any

import orjson

from gateway.examining.findings import Examined, Made, Refused
from gateway.examining.sniffing import media_type_of
from gateway.file_kinds import KIND_OF, SAID, most_bytes


def examine(path: Path, into: Path, *, capture: bool) -> Examined:
    """What the file is, with its harmless forms in `into`. Raises Refused."""
    media_type = media_type_of(path)
    kind = KIND_OF.get(media_type)
    if kind is None:
        raise Refused("file_type_not_taken")
    if path.stat().st_size > most_bytes(media_type):
        raise Refused("body_too_large", limit_bytes=most_bytes(media_type))
    told: dict[str, Any] = {}
    if kind == "photo":
        from gateway.examining import photos  # Pillow: 30 MB that no document needs

        variants = photos.remake(path, into, media_type, SAID["photo"])
        told = photos.capture_of(path, media_type) if capture else {}
    else:
        variants = (Made(name="original", path=_checked(path, into, media_type), media_type=media_type),)
    return Examined(media_type=media_type, kind=kind, variants=variants, capture=told)


def _checked(path: Path, into: Path, media_type: str) -> Path:
    from gateway.examining import documents, movies

    if media_type == "application/pdf":
        documents.check_pdf(path)
    elif media_type.startswith("application/"):
        documents.check_package(path, SAID["archive"])
    else:
        return movies.without_traces(path, into)
    return path


def _limit() -> None:
    said = SAID["examination"]
    resource.setrlimit(resource.RLIMIT_CPU, (said["cpu_seconds"], said["cpu_seconds"]))
    resource.setrlimit(resource.RLIMIT_AS, (said["memory_bytes"], said["memory_bytes"]))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    most = SAID["kinds"]["video"]["most_bytes"]
    resource.setrlimit(resource.RLIMIT_FSIZE, (most, most))


def main() -> None:
    """Examine one file and say what came of it."""
    _limit()
    path, into, capture = Path(sys.argv[1]), Path(sys.argv[2]), sys.argv[3] == "capture"
    try:
        said: Any = examine(path, into, capture=capture)
    except Refused as refused:
        said = {"refused": refused.code, "extra": refused.extra}
    except MemoryError:
        said = {"refused": "file_too_costly", "extra": {}}
    sys.stdout.buffer.write(orjson.dumps(said, default=str))


if __name__ == "__main__":
    main()
