"""Who may see a file: whoever sent it, and whoever the owning service shows something that refers to it."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from datetime import datetime, timedelta
from uuid import UUID

import orjson

from gateway.files.actions import LIFE, Seen, with_links
from gateway.files.rules import Link
from gateway.services import ServiceClient
from libs.common.clocks import system_now
from libs.common.crypto import SealBroken, Seals
from libs.common.problems import NotFound, Unavailable

_PURPOSE = "file link"


async def let_see(services: ServiceClient, seen: Seen, headers: Mapping[str, str]) -> Seen:
    """The file with those links whose things the caller may see, asked of their services with the caller's own token.

    So who may see evidence is decided where it is decided for the order or the hazard itself, participants and all.
    Raises NotFound (404) where there is none and the file is not the caller's own; Unavailable (503) where no service
    said yes and one of them did not answer.
    """
    doors = [(link, link.path) for link in seen.links]
    answers = await asyncio.gather(
        *(services.ask(link.service, path, headers) for link, path in doors if path is not None)
    )
    asked = [link for link, path in doors if path is not None]
    shown = [link for link, answer in zip(asked, answers, strict=True) if answer.status == 200]
    if not shown and not seen.is_own:
        if any(answer.missing is not None or answer.status >= 500 for answer in answers):
            raise Unavailable(part="the service that refers to the file")
        raise NotFound("file", seen.id)
    return with_links(seen, shown)


def seal_link(seals: Seals, file_id: UUID, variant: str) -> tuple[str, datetime]:
    """A key that opens one form of one file for a short while, and when it ends. It names nobody."""
    until = system_now() + timedelta(seconds=LIFE["link_seconds"])
    plain = orjson.dumps({"variant": variant, "until": until.timestamp()})
    return seals.close(_PURPOSE, str(file_id), plain).hex(), until


def open_link(seals: Seals, file_id: UUID, key: str) -> str | None:
    """The form of the file that the key opens; None where it is over, changed, or another file's."""
    try:
        said = orjson.loads(seals.open(_PURPOSE, str(file_id), bytes.fromhex(key)))
    except (SealBroken, ValueError):
        return None
    return str(said["variant"]) if said["until"] > system_now().timestamp() else None


def links_by_path(seen: Seen) -> dict[str, Link]:
    """What refers to the file, once each, by where it is looked at."""
    return {link.path: link for link in reversed(seen.links) if link.path is not None}
