"""Forms with one file in them, as browsers and reporting apps send them, read as they come: nothing is gathered."""

from __future__ import annotations

from collections.abc import AsyncIterator
from typing import Any, Final

from gateway.file_refusals import OneFileWanted

_FIELD: Final = "file"
_MOST_HEADER_BYTES: Final = 8_192


class OneFile:
    """The file of a form: `media_type` is known once the first of its `chunks` has come.

    Raises OneFileWanted (422) for a form without a file named `file`, or with anything beside it.
    """

    def __init__(self, content_type: str, chunks: AsyncIterator[bytes]) -> None:
        from python_multipart.multipart import MultipartParser, parse_options_header

        self._options, self._chunks = parse_options_header, chunks
        _, told = parse_options_header(content_type)
        boundary = told.get(b"boundary", b"")
        if not 0 < len(boundary) <= 256:
            raise OneFileWanted
        self._parser = MultipartParser(boundary, _callbacks(self))
        self._ready: list[bytes] = []
        self._name, self._value, self._header_bytes = bytearray(), bytearray(), 0
        self._headers: dict[str, bytes] = {}
        self._parts = 0
        self._ended = False
        self.media_type = ""

    async def begin(self) -> None:
        """Read up to the first byte of the file, so that its media type is known."""
        async for chunk in self._chunks:
            self._feed(chunk)
            if self._ready or self._ended:
                return

    async def chunks(self) -> AsyncIterator[bytes]:
        """The file's bytes."""
        for piece in self._taken():
            yield piece
        async for chunk in self._chunks:
            self._feed(chunk)
            for piece in self._taken():
                yield piece
        if self._parts != 1 or not self._ended:
            raise OneFileWanted

    def _feed(self, chunk: bytes) -> None:
        from python_multipart.exceptions import MultipartParseError

        try:
            self._parser.write(chunk)
        except MultipartParseError:
            raise OneFileWanted from None

    def _taken(self) -> list[bytes]:
        ready, self._ready = self._ready, []
        return ready

    def on_header_field(self, data: bytes, start: int, end: int) -> None:
        """A piece of a header's name."""
        self._name += data[start:end]
        self._count(end - start)

    def on_header_value(self, data: bytes, start: int, end: int) -> None:
        """A piece of a header's value."""
        self._value += data[start:end]
        self._count(end - start)

    def on_header_end(self) -> None:
        """A header is whole."""
        self._headers[bytes(self._name).decode("latin-1").lower()] = bytes(self._value)
        self._name.clear()
        self._value.clear()

    def on_headers_finished(self) -> None:
        """A part begins: there may be one, and it is the file."""
        self._parts += 1
        _, told = self._options(self._headers.get("content-disposition", b""))
        if self._parts > 1 or told.get(b"name") != _FIELD.encode() or b"filename" not in told:
            raise OneFileWanted
        self.media_type = self._headers.get("content-type", b"").decode("latin-1")

    def on_part_data(self, data: bytes, start: int, end: int) -> None:
        """A piece of the file."""
        self._ready.append(data[start:end])

    def on_end(self) -> None:
        """The form is whole."""
        self._ended = True

    def _count(self, more: int) -> None:
        self._header_bytes += more
        if self._header_bytes > _MOST_HEADER_BYTES:
            raise OneFileWanted


def _callbacks(one: OneFile) -> Any:
    names = ("on_header_field", "on_header_value", "on_header_end", "on_headers_finished", "on_part_data", "on_end")
    return {name: getattr(one, name) for name in names}
