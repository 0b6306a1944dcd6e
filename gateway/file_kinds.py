"""Which media types are taken, how large each kind may be, and how far a file is unpacked: data with a version."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from types import MappingProxyType
from typing import Any, Final

import orjson

FILE: Final = Path(__file__).parent / "file-kinds-1.json"
SAID: Final[Mapping[str, Any]] = MappingProxyType(orjson.loads(FILE.read_bytes()))
VERSION: Final = f"files@{SAID['version']}"
KIND_OF: Final[Mapping[str, str]] = MappingProxyType(
    {media_type: kind for kind, one in SAID["kinds"].items() for media_type in one["media_types"]}
)
"""The kind (photo, document, video, audio) of each media type that is taken."""
TAKEN: Final = tuple(KIND_OF)
LARGEST_BYTES: Final = max(one["most_bytes"] for one in SAID["kinds"].values())
VARIANTS: Final = ("original", *SAID["photo"]["variants"])
_ALIASES: Final = {
    "image/jpg": "image/jpeg", "image/pjpeg": "image/jpeg", "image/x-png": "image/png",
    "application/x-pdf": "application/pdf", "audio/x-m4a": "audio/mp4", "audio/m4a": "audio/mp4",
}  # fmt: skip
_SAYS_NOTHING: Final = frozenset({"", "application/octet-stream", "binary/octet-stream"})


def declared_type(given: str) -> str | None:
    """The media type of a Content-Type without its parameters, by its usual name; None where it says nothing."""
    bare = given.partition(";")[0].strip().lower()
    return None if bare in _SAYS_NOTHING else _ALIASES.get(bare, bare)


def most_bytes(media_type: str | None) -> int:
    """How many bytes a file of this type may have; of a type that is not known (yet), those of the largest kind."""
    kind = KIND_OF.get(media_type or "")
    return LARGEST_BYTES if kind is None else int(SAID["kinds"][kind]["most_bytes"])
