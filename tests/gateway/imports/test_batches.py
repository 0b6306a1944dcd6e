"""A batch that is brought in: every row of it is written, or is named as one that was not."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any, cast

import pytest

from gateway.imports.actions_work import _send, bring_in
from gateway.imports.rules import BATCH, MOST_ROUNDS, UPLOAD_FILE, Entered
from gateway.jobs.actions_work import JobStopped, Run, Workshop
from gateway.jobs.rules import Job
from gateway.services import Sent
from gateway.spreadsheets.rules_schema import ImportRoute
from tests.gateway.exports.test_resuming import job

FOUND = ImportRoute(list="/v1/things", noun="things", natural_key=("name",), row={})


class Door(Run):
    """A worker's hold on a job, with a door that names fifty faults at a time: all of them in its first row."""

    def __init__(self, job: Job, home: Path = Path()) -> None:
        self.tried = 0
        super().__init__(cast(Workshop, _Shop(home)), job)

    async def ask(self, method: str, path: str, **asked: Any) -> Sent:
        self.tried += 1
        fault = {"pointer": "#/items/0/x", "code": "unknown_field", "detail": "没有此字段"}
        return Sent(status=422, body={"code": "unprocessable", "errors": [fault] * 50})


class _Shop:
    def __init__(self, home: Path) -> None:
        self.home = home

    async def document(self) -> Mapping[str, Any]:
        row = {"properties": {"name": {"type": "string", "title": "名称"}}}
        body = {"properties": {"items": {"items": row}}}
        content = {"application/json": {"schema": body}}
        post = {"x-natural-key": ["name"], "requestBody": {"content": content}}
        return {"paths": {"/v1/things/import": {"post": post}}}


async def test_rows_that_were_never_tried_are_refused_and_not_forgotten() -> None:
    run = Door(job("csv"))
    batch = [Entered(row=number, at={}, item={"name": str(number)}) for number in range(2, BATCH + 2)]
    counts, faults = await _send(run, FOUND, batch, "key", dry_run=False)
    assert (sum(counts.values()), {one["row"] for one in faults}) == (0, {one.row for one in batch})
    assert run.tried == MOST_ROUNDS
    assert {one["code"] for one in faults} == {"unknown_field", "row_not_tried"}


async def test_one_whose_folder_is_gone_ends_and_is_not_taken_up_for_ever(tmp_path: Path) -> None:
    asked = {"list": "/v1/things", "format": "csv", "mapping": {}, "dry_run": False, "all_or_nothing": False}
    found = replace(job("csv"), asked=asked, cursor={"read": True})
    run = Door(found, tmp_path)
    assert not (run.folder / UPLOAD_FILE).exists()
    with pytest.raises(JobStopped) as stopped:
        await bring_in(run)
    assert stopped.value.problem["code"] == "file_lost"
