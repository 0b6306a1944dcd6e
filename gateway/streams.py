"""How many streams are open, for each client and in all: one that opens them without end must not shut others out."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Final

from gateway.routes import GATEWAY
from libs.common.languages import Said
from libs.common.metrics import counter, gauge
from libs.common.problems import Problem

OF_ONE_CLIENT: Final = 20
"""[DEF] A client's backend needs one; a few more for its screens."""
IN_ALL: Final = 500
"""[DEF] Of one process. Envoy lets as many through to it on connections of their own (gateway.envoy.upstreams)."""
_LATER: Final = {"Retry-After": "10"}

_open = gauge("event_streams_open", "event streams that are open")
_ended = counter("event_streams_ended", "event streams that ended", ("reason",))


class TooManyStreams(Problem):
    """The client has as many streams open as it may."""

    status = 429
    code = "too_many_streams"
    title = Said("该客户端打开的事件流过多", "This client has too many event streams open")
    advice = Said(
        "请先关闭不再使用的事件流；一个客户端通常只需一个，可在其中订阅多个类型。",
        "Close those that are not used any more; one stream can carry every type that you want.",
    )

    def __init__(self) -> None:
        super().__init__(headers=_LATER, most=OF_ONE_CLIENT)


class NoStreamFree(Problem):
    """All streams of the process are taken."""

    status = 429
    code = "no_stream_free"
    title = Said("事件流已满", "No event stream is free")
    advice = Said(
        "请稍后再连，或改用分页读取同一地址；内容相同，不会遗漏。",
        "Connect again later, or read the same address page by page: nothing is missed.",
    )

    def __init__(self) -> None:
        super().__init__(headers=_LATER)


class Streams:
    """The streams of one process."""

    def __init__(self, *, of_one_client: int = OF_ONE_CLIENT, in_all: int = IN_ALL) -> None:
        self._of_one_client, self._in_all = of_one_client, in_all
        self._open: Counter[str] = Counter()

    @property
    def open_now(self) -> int:
        """How many are open, of all clients."""
        return self._open.total()

    def require_room(self, client_id: str) -> None:
        """Raise TooManyStreams or NoStreamFree (429) where there is no room for one more."""
        if self._open[client_id] >= self._of_one_client:
            raise TooManyStreams
        if self._open.total() >= self._in_all:
            raise NoStreamFree

    @contextmanager
    def one(self, client_id: str) -> Iterator[None]:
        """Count a stream for as long as the block lasts; raises as `require_room` does.

        Asked once more, and counted in the same breath: many that ask at once are all told that there is room.
        """
        self.require_room(client_id)
        self._open[client_id] += 1
        _open.labels(GATEWAY).set(self._open.total())
        try:
            yield
        finally:
            self._open[client_id] -= 1
            if not self._open[client_id]:
                del self._open[client_id]
            _open.labels(GATEWAY).set(self._open.total())

    def ended(self, reason: str) -> None:
        """Count an end by its reason."""
        _ended.labels(GATEWAY, reason).inc()
