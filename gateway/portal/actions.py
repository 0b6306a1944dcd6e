"""The one verb of the portal: read every service's document and make them one."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from pathlib import Path
from time import monotonic
from typing import Any

import orjson

from gateway.portal.rules import Document, Source, merge
from gateway.portal.rules_examples import with_examples
from gateway.routes import GATEWAY, service_of
from gateway.services import ServiceClient

KEPT_SECONDS = 60.0
VERSION = "1"
_HERE = Path(__file__).parent
_STORY = orjson.loads((_HERE / "examples-1.json").read_bytes())["values"]
_TAGS = orjson.loads((_HERE / "tags-1.json").read_bytes())["tags"]
INFO: Document = {
    "title": "守土 Shoutu",
    "version": VERSION,
    "description": (
        "Responsibility registry, risk grading, emergency command and public reporting for a city. "
        "The path names the noun; every refusal is a problem document (RFC 9457) with a stable code."
    ),
    "license": {"name": "Apache-2.0", "identifier": "Apache-2.0"},
}


@dataclass(slots=True)
class Portal:
    """The merged document of this process; it is read again after a minute, or at once where parts missed.

    To merge it takes most of a second of a core. It is done beside the loop that answers requests, once for all who
    ask meanwhile, and only where a part is another than it was: while a service is away, everybody asks anew.
    """

    services: ServiceClient
    own: Callable[[], Document]
    events: Callable[[], Document]
    server: str
    clock: Callable[[], float] = monotonic
    _document: Document | None = None
    _until: float = field(default=float("-inf"))
    _events: Document | None = None
    _sources: list[Source] = field(default_factory=list)
    _merged: Document = field(default_factory=dict)
    _reading: asyncio.Task[Document] | None = None

    def event_document(self) -> Document:
        """What travels on the bus; it follows from the contracts and does not change while we run."""
        if self._events is None:
            self._events = self.events()
        return self._events

    async def document(self) -> Document:
        """The document of the whole API; services that did not answer are named under `x-missing`."""
        if self._document is not None and self.clock() < self._until:
            return self._document
        if self._reading is None or self._reading.done():
            self._reading = asyncio.create_task(self._read())
        # Whoever asked first may leave: the others wait for the same.
        return await asyncio.shield(self._reading)

    async def _read(self) -> Document:
        answers = await self.services.ask_all("/openapi.json")
        sources = [Source(service=GATEWAY, document=self.own())]
        missing: list[dict[str, Any]] = []
        for service, answer in answers.items():
            if answer.missing is None and answer.status == 200 and isinstance(answer.body, dict):
                sources.append(Source(service=service, document=answer.body))
            else:
                missing.append({"service": service, "reason": answer.missing or f"status_{answer.status}"})
        if sources != self._sources:
            self._merged = await asyncio.to_thread(merged, sources, server=self.server)
            self._sources = sources
        self._document = {**self._merged, "x-missing": missing}
        self._until = self.clock() + (0.0 if missing else KEPT_SECONDS)
        return self._document


def merged(sources: Iterable[Source], *, server: str) -> Document:
    """The document of the whole API, from what each app says of itself."""
    whole = merge(sources, info=INFO, server=server, answers_for=service_of)
    for tag in whole["tags"]:
        tag["description"] = " ".join(_TAGS.get(tag["name"], {}).values())
    return with_examples(whole, _STORY)
