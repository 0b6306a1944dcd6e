"""The door for events: whatever refers to a file is noted, from every event that can refer to one."""

from __future__ import annotations

from typing import Any

from gateway.files import actions
from libs.common.db import Tx
from libs.common.hearing import on
from libs.contracts.catalogue import CATALOGUE
from libs.contracts.event import Heard, producer_of
from libs.contracts.files import refers_to_files
from libs.contracts.gateway import FileKept

_OURS = producer_of(FileKept.type)


async def on_reference(event: Heard[Any], tx: Tx) -> None:
    """An event refers to files, or could."""
    await actions.note_links(tx, event)


LISTENS = tuple(
    on(event, on_reference)
    for type_, event in sorted(CATALOGUE.items())
    if producer_of(type_) != _OURS and refers_to_files(event)
)
