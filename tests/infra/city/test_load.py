"""A city goes through the import doors in bulk, in order, and a second time without any change."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import httpx
import orjson
import pytest

from infra.city.data_files import read_city
from infra.city.generate import generate
from infra.city.load import CityLoadFailed, Progress, Tally, load_city
from infra.city.shapes import City
from tests.infra.city.small_city import files, written

URL, TOKEN = "http://door.test", "administrator-token"


class ImportDoors:
    """What the platform promises of its imports: an upsert by id, counted, and no reference into the void."""

    def __init__(self, before: Callable[[httpx.Request], httpx.Response | None] = lambda request: None) -> None:
        self.before, self.rows, self.calls = before, dict[str, Any](), list[tuple[str, int]]()

    async def answer(self, request: httpx.Request) -> httpx.Response:
        assert request.headers["Authorization"] == f"Bearer {TOKEN}"
        refusal = self.before(request)
        if refusal is not None:
            return refusal
        items = orjson.loads(request.content)["items"]
        self.calls.append((request.url.path, len(items)))
        counts = {"created": 0, "updated": 0, "unchanged": 0}
        for item in items:
            counts[self._take(item)] += 1
        return httpx.Response(200, json=counts)

    def _take(self, item: dict[str, Any]) -> str:
        for field in ("parent_code", "substitute_post_id", "post_id"):
            assert item.get(field) is None or item[field] in self.rows
        key = item["id"] if "id" in item else item["code"]
        known = self.rows.get(key)
        self.rows[key] = item
        return "created" if known is None else "unchanged" if known == item else "updated"


async def load(city: City, doors: ImportDoors, report: list[Progress] | None = None) -> dict[str, Tally]:
    """Load the city through doors that live in memory, without ever really waiting."""

    async def no_pause(seconds: float) -> None:
        assert 0 < seconds <= 5

    heard = report if report is not None else []
    transport = httpx.MockTransport(doors.answer)
    return await load_city(URL, TOKEN, city, heard.append, transport=transport, pause=no_pause)


@pytest.fixture
def small(tmp_path: Path) -> City:
    """A small city."""
    return generate(read_city(written(tmp_path, files())))


async def test_the_whole_city_is_created_once_and_then_unchanged(shipped_city: City) -> None:
    doors = ImportDoors()
    first, second = await load(shipped_city, doors), await load(shipped_city, doors)
    sizes = {part: len(getattr(shipped_city, part)) for part in first}
    assert first == {part: Tally(created=size) for part, size in sizes.items()}
    assert second == {part: Tally(unchanged=size) for part, size in sizes.items()}


async def test_no_batch_is_larger_than_the_doors_allow(shipped_city: City) -> None:
    doors = ImportDoors()
    await load(shipped_city, doors)
    assert max(size for _, size in doors.calls) == 500
    assert len(doors.calls) < 80


async def test_progress_counts_up_to_the_total_of_every_part(small: City) -> None:
    report: list[Progress] = []
    await load(small, ImportDoors(), report)
    assert report[0] == Progress(part="areas", done=0, total=8)
    last = {progress.part: progress for progress in report}
    assert all(progress.done == progress.total for progress in last.values())


async def test_a_busy_platform_is_asked_again(small: City) -> None:
    troubles = iter([httpx.Response(503, headers={"Retry-After": "2"}), httpx.Response(429)])
    doors = ImportDoors(lambda request: next(troubles, None))
    tallies = await load(small, doors)
    assert tallies["areas"] == Tally(created=8)


async def test_a_broken_line_is_tried_again_and_then_given_up_with_a_name(small: City) -> None:
    def cut(request: httpx.Request) -> httpx.Response | None:
        raise httpx.ConnectError("refused", request=request)

    with pytest.raises(CityLoadFailed, match=r"areas area:110000000000 .*no answer after 8 tries .*refused"):
        await load(small, ImportDoors(cut))


async def test_a_refused_row_is_named_by_its_natural_key(small: City) -> None:
    problem = {
        "code": "input_invalid",
        "detail": "Mend the rows.",
        "errors": [{"pointer": "/items/1/tier", "code": "unknown", "detail": "no such tier"}],
    }

    def refuse(request: httpx.Request) -> httpx.Response | None:
        return httpx.Response(422, json=problem) if request.url.path == "/v1/posts/import" else None

    with pytest.raises(CityLoadFailed, match=r"422 input_invalid.*post:head@110101001000 tier: no such tier"):
        await load(small, ImportDoors(refuse))


async def test_a_refusal_that_is_no_problem_document_is_shown_as_it_is(small: City) -> None:
    with pytest.raises(CityLoadFailed, match="403 go away"):
        await load(small, ImportDoors(lambda request: httpx.Response(403, text="go away")))


async def test_rows_that_were_not_counted_are_noticed(small: City) -> None:
    short = {"created": 0, "updated": 0, "unchanged": 0}
    with pytest.raises(CityLoadFailed, match="1 rows sent, 0 counted"):
        await load(small, ImportDoors(lambda request: httpx.Response(200, json=short)))


async def test_an_answer_without_counts_is_noticed(small: City) -> None:
    with pytest.raises(CityLoadFailed, match="no counts in 'hello'"):
        await load(small, ImportDoors(lambda request: httpx.Response(200, text="hello")))
