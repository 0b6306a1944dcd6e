"""An export goes on where its file really is: what a kill or a lost folder took is asked for again, never made up."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any, cast

import orjson
import pytest

from gateway.exports.actions import export
from gateway.exports.rules import ROWS_FILE
from gateway.jobs.actions_work import Run, Workshop
from gateway.jobs.rules import Job, JobState
from gateway.services import Sent
from libs.common.clocks import system_now
from libs.common.ids import new_id

PAGES = [["一", "二"], ["三"]]
_NAME = {"type": "string", "title": "名称"}
DOCUMENT = {
    "paths": {
        "/v1/things": {
            "get": {
                "parameters": [{"name": "cursor", "in": "query"}],
                "responses": {"200": {"content": {"application/json": {"schema": {"properties": {
                    "items": {"type": "array", "items": {"properties": {"name": _NAME}}},
                    "next": {"anyOf": [{"type": "string"}, {"type": "null"}]},
                }}}}}},
            }
        }
    }
}  # fmt: skip


class Shop:
    """What the work asks of a workshop: the document, and where files are."""

    def __init__(self, home: Path) -> None:
        self.home = home

    async def document(self) -> dict[str, Any]:
        return DOCUMENT


class Alone(Run):
    """One worker's hold on a job that nobody else wants; `pages_kept` says after how many pages it is killed."""

    def __init__(self, shop: Shop, job: Job, pages_kept: int = 9) -> None:
        super().__init__(cast(Workshop, shop), job)
        self.pages_kept = pages_kept

    async def ask(self, method: str, path: str, **asked: Any) -> Sent:
        page = int(asked["params"].get("cursor", 0))
        following = str(page + 1) if page + 1 < len(PAGES) else None
        return Sent(status=200, body={"items": [{"name": one} for one in PAGES[page]], "next": following})

    async def keep(self, *, cursor: Mapping[str, Any], done: int, **_: Any) -> None:
        self.job = replace(self.job, cursor=dict(cursor), done=done)
        self.pages_kept -= 1
        if self.pages_kept == 0:
            raise KeyboardInterrupt


def job(kind: str) -> Job:
    at = system_now()
    return Job(
        id=new_id(), version=1, kind="export", state=JobState.RUNNING, owner="one", client_id="one", acting_post=None,
        oauth_scopes=(), language="zh", correlation_id=new_id(), cursor={}, done=0, total=None, faults=0, result=None,
        problem=None, created_at=at, queued_at=at, started_at=at, ended_at=None, fence=1, lease_until=at,
        asked={"list": "/v1/things", "query": {}, "format": kind, "language": "zh"}, file_gone_at=None,
    )  # fmt: skip


def names(run: Run, told: Mapping[str, Any]) -> list[str]:
    """What stands in the file that was made."""
    lines = (run.folder / told["file"]).read_bytes().splitlines()
    if told["file"].endswith(".csv"):
        return [line.decode("utf-8-sig") for line in lines[1:]]
    return [orjson.loads(line)["name"] for line in lines]


@pytest.mark.parametrize("kind", ["csv", "ndjson"])
async def test_one_that_was_killed_when_its_file_was_written_is_done_by_the_next(tmp_path: Path, kind: str) -> None:
    shop = Shop(tmp_path)
    first = Alone(shop, job(kind))
    await export(first)
    second = Alone(shop, first.job)
    told = await export(second)
    assert (names(second, told), told["rows"]) == (["一", "二", "三"], 3)


async def test_rows_that_are_gone_are_asked_for_again_and_not_made_up(tmp_path: Path) -> None:
    shop = Shop(tmp_path)
    first = Alone(shop, job("ndjson"), pages_kept=1)
    with pytest.raises(KeyboardInterrupt):
        await export(first)
    assert first.job.done == 2
    (first.folder / ROWS_FILE).unlink()
    second = Alone(shop, first.job)
    told = await export(second)
    assert (names(second, told), told["rows"]) == (["一", "二", "三"], 3)
