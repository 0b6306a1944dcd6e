"""Load a city through the public API, in bulk and in an order in which nothing refers to what is not there.

Each import takes up to 500 items and is an upsert by id, so a load that broke off is simply run again, and a
second load changes nothing.
"""

import asyncio
from collections.abc import Awaitable, Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import groupby

import httpx
import orjson

from infra.city.shapes import AreaRow, ChainRow, City, DutyRow, ObjectRow, PostRow, TeamRow

Row = AreaRow | PostRow | DutyRow | TeamRow | ObjectRow | ChainRow
Pause = Callable[[float], Awaitable[None]]

BATCH_ROWS = 500
AT_A_TIME = 4
TIMEOUT_SECONDS = 30.0
TRIES = 8
FIRST_PAUSE_SECONDS = 0.25
LONGEST_PAUSE_SECONDS = 5.0
BUSY = frozenset({429, 502, 503, 504})
"""Answers after which the same batch may be sent again: the imports are upserts."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Progress:
    """How far one part is, in rows."""

    part: str
    done: int
    total: int


@dataclass(frozen=True, kw_only=True, slots=True)
class Tally:
    """What an import did to the rows of a part."""

    created: int = 0
    updated: int = 0
    unchanged: int = 0

    def __add__(self, other: "Tally") -> "Tally":
        return Tally(
            created=self.created + other.created,
            updated=self.updated + other.updated,
            unchanged=self.unchanged + other.unchanged,
        )

    @property
    def rows(self) -> int:
        """Every row that was counted."""
        return self.created + self.updated + self.unchanged


class CityLoadFailed(Exception):
    """The platform refused a batch or did not answer; the message names the part and the rows."""


@dataclass(frozen=True, kw_only=True, slots=True)
class _Part:
    """Rows for one door, in waves: a wave is sent at a time, its batches side by side."""

    name: str
    path: str
    waves: tuple[tuple[Row, ...], ...]


async def load_city(
    gateway_url: str,
    administrator_token: str,
    city: City,
    report_progress: Callable[[Progress], None],
    *,
    transport: httpx.AsyncBaseTransport | None = None,
    pause: Pause = asyncio.sleep,
) -> dict[str, Tally]:
    """Load areas, posts, duties, teams, objects and chain assignments; returns what happened to each part's rows.

    Raises CityLoadFailed when a batch is refused, or is still unanswered after eight tries.
    """
    headers = {"Authorization": f"Bearer {administrator_token}", "Content-Type": "application/json"}
    tallies: dict[str, Tally] = {}
    # The platform's own door: a proxy named in the environment would only stand between.
    async with httpx.AsyncClient(
        base_url=gateway_url, headers=headers, timeout=TIMEOUT_SECONDS, transport=transport, trust_env=False
    ) as client:
        for part in _parts(city):
            sender = _Sender(client, part, report_progress, pause, city)
            tallies[part.name] = await sender.send()
    return tallies


def _parts(city: City) -> Iterator[_Part]:
    """What is loaded, in order: parents before children, substitutes before the vacant."""
    yield _Part(name="areas", path="/v1/areas/import", waves=_by_level(city.areas))
    held = tuple(post for post in city.posts if not post.vacant)
    vacant = tuple(post for post in city.posts if post.vacant)
    yield _Part(name="posts", path="/v1/posts/import", waves=(held, vacant))
    yield _Part(name="duties", path="/v1/duties/import", waves=(city.duties,))
    yield _Part(name="teams", path="/v1/teams/import", waves=(city.teams,))
    yield _Part(name="objects", path="/v1/risk-objects/import", waves=(city.objects,))
    yield _Part(name="chains", path="/v1/chain-assignments/import", waves=(city.chains,))


def _by_level(areas: Iterable[AreaRow]) -> tuple[tuple[AreaRow, ...], ...]:
    """Neighbouring areas of one level together; the city gives parents before children."""
    return tuple(tuple(group) for _, group in groupby(areas, key=lambda area: area.level))


def _batches(rows: Sequence[Row]) -> Iterator[Sequence[Row]]:
    return (rows[start : start + BATCH_ROWS] for start in range(0, len(rows), BATCH_ROWS))


class _Sender:
    """Sends one part and counts what comes back."""

    def __init__(
        self,
        client: httpx.AsyncClient,
        part: _Part,
        report_progress: Callable[[Progress], None],
        pause: Pause,
        city: City,
    ) -> None:
        self.client, self.part, self.city = client, part, city
        self.report_progress, self.pause = report_progress, pause
        self.total = sum(len(wave) for wave in part.waves)
        self.tally = Tally()
        self.free = asyncio.Semaphore(AT_A_TIME)

    async def send(self) -> Tally:
        """Every wave, one after the other."""
        self._report()
        for wave in self.part.waves:
            await self._send_wave(wave)
        return self.tally

    async def _send_wave(self, wave: Sequence[Row]) -> None:
        try:
            async with asyncio.TaskGroup() as group:
                for batch in _batches(wave):
                    group.create_task(self._send_batch(batch))
        except ExceptionGroup as failures:
            refused = failures.subgroup(CityLoadFailed)
            if refused is None:
                raise
            # The first refusal says what to mend; its siblings were cancelled with it.
            raise refused.exceptions[0] from None

    async def _send_batch(self, batch: Sequence[Row]) -> None:
        async with self.free:
            answer = await self._post(orjson.dumps({"items": batch}), batch)
        self.tally += self._counted(answer, batch)
        self._report()

    async def _post(self, body: bytes, batch: Sequence[Row]) -> httpx.Response:
        """Send until it is answered for good; a busy platform says itself how long to wait."""
        trouble = ""
        for attempt in range(TRIES):
            wait_seconds = min(FIRST_PAUSE_SECONDS * 2**attempt, LONGEST_PAUSE_SECONDS)
            try:
                answer = await self.client.post(self.part.path, content=body)
            except httpx.TransportError as fault:
                trouble = f"{type(fault).__name__} {fault}".strip()
            else:
                if answer.status_code not in BUSY:
                    return answer
                trouble = f"status {answer.status_code}"
                wait_seconds = _asked_to_wait(answer, wait_seconds)
            await self.pause(wait_seconds)
        raise CityLoadFailed(f"{self._names(batch)}: no answer after {TRIES} tries ({trouble})")

    def _counted(self, answer: httpx.Response, batch: Sequence[Row]) -> Tally:
        if not answer.is_success:
            raise CityLoadFailed(f"{self._names(batch)}: {answer.status_code} {self._refusal(answer, batch)}")
        try:
            counts = orjson.loads(answer.content)
            tally = Tally(created=counts["created"], updated=counts["updated"], unchanged=counts["unchanged"])
        except (orjson.JSONDecodeError, KeyError, TypeError):
            raise CityLoadFailed(f"{self._names(batch)}: no counts in {answer.text[:500]!r}") from None
        if tally.rows != len(batch):
            raise CityLoadFailed(f"{self._names(batch)}: {len(batch)} rows sent, {tally.rows} counted")
        return tally

    def _refusal(self, answer: httpx.Response, batch: Sequence[Row]) -> str:
        """The problem in words, each `/items/<n>` replaced by the row's natural key."""
        try:
            problem = orjson.loads(answer.content)
            errors = problem.get("errors") or ()
            faults = [f"{self._row(error['pointer'], batch)}: {error['detail']}" for error in errors]
            return "; ".join([f"{problem.get('code', '')}: {problem.get('detail', '')}", *faults])
        except (orjson.JSONDecodeError, AttributeError, KeyError, TypeError):
            return answer.text[:500]

    def _row(self, pointer: str, batch: Sequence[Row]) -> str:
        parts = pointer.strip("/").split("/")
        if len(parts) < 2 or parts[0] != "items" or not parts[1].isdigit() or int(parts[1]) >= len(batch):
            return pointer
        return " ".join([self._name(batch[int(parts[1])]), *parts[2:]])

    def _name(self, row: Row) -> str:
        if isinstance(row, AreaRow):
            return f"area:{row.code}"
        return self.city.origins[row.id].key

    def _names(self, batch: Sequence[Row]) -> str:
        return f"{self.part.name} {self._name(batch[0])} to {self._name(batch[-1])}"

    def _report(self) -> None:
        self.report_progress(Progress(part=self.part.name, done=self.tally.rows, total=self.total))


def _asked_to_wait(answer: httpx.Response, otherwise: float) -> float:
    """Retry-After in seconds where the platform says it, but never longer than our own longest pause."""
    asked = answer.headers.get("Retry-After", "")
    return min(float(asked), LONGEST_PAUSE_SECONDS) if asked.isdigit() else otherwise
