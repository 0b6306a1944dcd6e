"""What a file looks like from outside: never who sent it, its name, or where it lies."""

from __future__ import annotations

from datetime import datetime
from typing import Any, Literal, Self
from uuid import UUID

from pydantic import ConfigDict, Field

from gateway.files import rules
from gateway.files.actions import Seen
from gateway.files.rules import File, FileState
from libs.common.forms import Shown
from libs.common.scope import Scope

VariantName = Literal["original", "large", "thumb"]
_EXAMPLE: dict[str, Any] = {
    "id": "01a13006-3aa0-7b0c-9f0e-1f2f2a0e7c11", "version": 1, "state": "linked", "kind": "photo",
    "media_type": "image/jpeg", "bytes": 1834112,
    "sha256": "6f1d6f1c2f0f0b0e9d1f5a4f8a1d0c3b7e2a9c4d5e6f708192a3b4c5d6e7f809",
    "received_sha256": "0b9c2625dc21ef05f6ad4ddf47c5f203837aa32c5d6e7f8091a2b3c4d5e6f708",
    "received_at": "2026-10-25T07:50:00Z", "width": 4000, "height": 3000, "variants": ["original", "large", "thumb"],
    "referred_by": ["/v1/orders/01a12ff0-1b2c-7d3e-8f40-5a6b7c8d9e0f"], "ended_at": None, "ended_reason": None,
    "actions": ["link"],
}  # fmt: skip


class FileOut(Shown):
    """A file as those see it who sent it, or who may see something that refers to it."""

    model_config = ConfigDict(json_schema_extra={"examples": [_EXAMPLE]})

    id: UUID
    version: int
    state: FileState = Field(
        description="kept; linked: something refers to it; awaited: referred to and not here (yet); ended"
    )
    kind: str | None = Field(description="photo, document, video or audio")
    media_type: str | None = Field(description="of what is kept, as found in its bytes")
    bytes: int | None
    sha256: str | None = Field(description="of what is kept")
    received_sha256: str | None = Field(description="of what was sent, so that an original can be compared")
    received_at: datetime | None
    width: int | None
    height: int | None
    variants: list[str] = Field(description="the forms in which it can be fetched")
    referred_by: list[str] = Field(description="what refers to it, as far as you may see that")
    ended_at: datetime | None
    ended_reason: str | None
    actions: list[str] = Field(description="what you may do with it now")

    @classmethod
    def of(cls, seen: Seen, _: Scope) -> Self:
        """How a file is shown with what refers to it."""
        paths = list(dict.fromkeys(link.path for link in seen.links if link.path is not None))
        return cls.model_validate(_fields(seen.file, paths) | {"id": seen.id, "version": seen.version})

    @classmethod
    def in_list(cls, file: File, _: Scope) -> Self:
        """How it is shown in its sender's own list, where nobody was asked what refers to it."""
        return cls.model_validate(_fields(file, []))


class FileLinkOut(Shown):
    """Where the bytes are for a short while; whoever has the address can fetch them, so hand it to nobody."""

    url: str = Field(description="a path of this API; needs no token; takes Range requests")
    expires_at: datetime
    variant: VariantName
    media_type: str
    bytes: int
    sha256: str


class CaptureOut(Shown):
    """What the camera wrote of time and place. A clock can be wrong and a place forged: a hint, and no proof."""

    taken_at_camera: str | None = Field(default=None, description="the camera's own clock, as it wrote it")
    offset: str | None = Field(default=None, description="its offset from UTC, where it wrote one")
    lon: float | None = Field(default=None, description="WGS 84")
    lat: float | None = Field(default=None, description="WGS 84")


class UploadOut(Shown):
    """A resumable upload on its way; the same is said in the headers that the protocol names."""

    id: UUID
    file_id: UUID = Field(description="the id that the file will have")
    length: int
    offset: int
    expires_at: datetime


def _fields(file: File | None, paths: list[str]) -> dict[str, Any]:
    state = rules.shown_state(file)
    original = None if file is None else file.variant("original")
    if file is None or original is None:
        ended = file if state is FileState.ENDED else None
        return {
            "state": state, "variants": [], "referred_by": paths, "actions": [],
            "id": getattr(file, "id", None), "version": getattr(file, "version", 0),
            "ended_at": getattr(ended, "ended_at", None), "ended_reason": getattr(ended, "ended_reason", None),
            **dict.fromkeys(_OF_BYTES),
        }  # fmt: skip
    return {
        "id": file.id, "version": file.version, "state": state, "kind": file.kind, "media_type": file.media_type,
        "bytes": file.bytes, "sha256": file.sha256, "received_sha256": file.received_sha256,
        "received_at": file.received_at, "width": original.width, "height": original.height,
        "variants": [one.name for one in file.variants], "referred_by": paths, "ended_at": None,
        "ended_reason": None, "actions": ["link"],
    }  # fmt: skip


_OF_BYTES = ("kind", "media_type", "bytes", "sha256", "received_sha256", "received_at", "width", "height")
