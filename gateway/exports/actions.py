"""The verbs of exports: check what is asked, walk the list as the caller, write the file."""

from __future__ import annotations

import asyncio
import os
from collections.abc import Mapping
from dataclasses import asdict
from pathlib import Path
from typing import Any
from uuid import UUID

import orjson

from gateway.exports.rules import PAGE, ROWS_FILE, Place, file_name
from gateway.jobs.actions import Wanted, find_job, start_job
from gateway.jobs.actions_refused import TooManyJobs
from gateway.jobs.actions_work import JobStopped, Run, stopped_by
from gateway.jobs.rules import Job
from gateway.spreadsheets import rules_schema
from gateway.spreadsheets.actions import Unreadable, columns_of_list, write_file
from libs.common.clocks import CITY_ZONE, now
from libs.common.db import Tx
from libs.common.languages import Said
from libs.common.problems import Problem, Unavailable, Unprocessable

__all__ = [
    "KIND", "ONE_VALUE", "Job", "NoSuchList", "TooManyJobs", "Wanted", "export", "show_again", "start_export",
]  # fmt: skip
KIND = "export"
ONE_VALUE = Said("筛选条件须为单个值。", "A filter has one value.")


class NoSuchList(Problem):
    """The API has no list there, or the service that has it is away."""

    status = 422
    code = "no_such_list"
    title = Said("没有这个列表", "There is no such list")
    advice = Said(
        "请填写接口文档中的列表路径，例如 /v1/hazards。", "Name a list of the API document, such as /v1/hazards."
    )

    def __init__(self, pointer: str = "#/list") -> None:
        super().__init__(errors=[(pointer, self.code, self.advice)])


async def start_export(
    tx: Tx, document: Mapping[str, Any], wanted: Wanted, path: str, query: Mapping[str, Any]
) -> Job:
    """Begin to take a list out. Raises NoSuchList, Unprocessable (422) for a filter that the list does not have."""
    found = rules_schema.list_at(document, path)
    if found is None:
        raise _absent(document)
    unknown = sorted(set(query) - found.parameters)
    if unknown:
        known = ", ".join(sorted(found.parameters))
        said = Said(
            f"该列表没有这个筛选条件；可用的有：{known}。", f"The list has no such filter; there are: {known}."
        )
        raise Unprocessable(errors=[(f"#/query/{_escaped(name)}", "unknown_parameter", said) for name in unknown])
    return await start_job(tx, wanted)


def _absent(document: Mapping[str, Any]) -> Problem:
    """Nobody knows of a list whose service is away."""
    return Unavailable(part="openapi") if document.get("x-missing") else NoSuchList()


async def show_again(tx: Tx, job_id: UUID) -> Job:
    """The job that a first request started."""
    return await find_job(tx, job_id)


async def export(run: Run) -> dict[str, Any]:
    """Walk the list page by page and write the file; begun again, it goes on behind the last committed page."""
    document = await run.shop.document()
    found = rules_schema.list_at(document, run.job.asked["list"])
    if found is None:
        raise run.without(document, NoSuchList)
    rows = run.folder / ROWS_FILE
    place = await _walk(run, rows, _held_by(rows, Place.of(run.job.cursor)), paged=found.paged)
    kind, language = run.job.asked["format"], run.job.asked["language"]
    written = rows
    if kind != "ndjson":
        written = run.folder / f"result.{kind}"
        await _write(run, rows, written, columns_of_list(document, found), kind, language)
        rows.unlink(missing_ok=True)
    day = now().astimezone(CITY_ZONE).date().isoformat()
    return {
        "rows": place.rows, "file": written.name, "bytes": written.stat().st_size,
        "file_name": file_name(found.noun, day, kind), "content": f"/v1/jobs/{run.job.id}/result",
    }  # fmt: skip


def _held_by(rows: Path, place: Place) -> Place:
    """The place, if the file of rows reaches so far; else the beginning.

    It is gone when a worker was killed between the file that it had written and the end of its job, or when the
    folder was lost: to make it longer would make up what nobody answered.
    """
    size_bytes = rows.stat().st_size if rows.exists() else 0
    return place if size_bytes >= place.size_bytes else Place()


async def _walk(run: Run, rows: Path, place: Place, *, paged: bool) -> Place:
    await asyncio.to_thread(_cut, rows, place.size_bytes)
    while not place.complete:
        answer = await run.ask("GET", run.job.asked["list"], params=_page(run.job.asked, place, paged=paged))
        if answer.status != 200:
            raise stopped_by(answer)
        lines = b"".join(orjson.dumps(item) + b"\n" for item in answer.body["items"])
        await asyncio.to_thread(_append, rows, lines)
        following = answer.body["next"] if paged else None
        place = Place(
            next=following, size_bytes=place.size_bytes + len(lines), rows=place.rows + len(answer.body["items"]),
            total=place.total or answer.body.get("count"), complete=following is None,
        )  # fmt: skip
        await run.keep(cursor=asdict(place), done=place.rows, total=_total(place))
    return place


def _total(place: Place) -> int | None:
    """The planner's estimate, or what there is by now: nobody is told of 120 percent."""
    return place.rows if place.complete or place.total is None else max(place.total, place.rows)


def _cut(rows: Path, size_bytes: int) -> None:
    """What was written behind the last committed page is written again."""
    with rows.open("ab") as file:
        file.truncate(size_bytes)


def _append(rows: Path, lines: bytes) -> None:
    """On the disk before the cursor says so; a slow disk holds up this job and no request."""
    with rows.open("ab") as file:
        file.write(lines)
        file.flush()
        os.fsync(file.fileno())


def _page(asked: Mapping[str, Any], place: Place, *, paged: bool) -> dict[str, Any]:
    query = {name: _said(value) for name, value in asked["query"].items()}
    if not paged:
        return query
    counted = {"count": "estimate"} if place.next is None else {"cursor": place.next}
    return query | counted | {"limit": PAGE}


def _said(value: Any) -> str:
    return str(value).lower() if isinstance(value, bool) else str(value)


async def _write(run: Run, rows: Path, target: Path, columns: Any, kind: str, language: str) -> None:
    try:
        await write_file(rows, target, columns, kind=kind, language=language)
    except Unreadable as unreadable:
        title, detail = run.in_words(
            ("无法写出文件", "The file could not be written"),
            ("请缩小筛选范围，或改用 csv、ndjson。", "Narrow the filter, or take csv or ndjson."),
        )
        raise JobStopped(unreadable.code, title, detail) from None


def _escaped(name: str) -> str:
    return name.replace("~", "~0").replace("/", "~1")[:100]
