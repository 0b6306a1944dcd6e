"""How a file is brought in: read in a process apart, tried where that was asked, and written batch by batch."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict, replace
from pathlib import Path
from typing import Any

import orjson

from gateway.imports.actions import NoSuchImport
from gateway.imports.rules import BATCH, MOST_ROUNDS, ROWS_FILE, UPLOAD_FILE, Entered, Place, faults_of, named_rows
from gateway.imports.rules_files import FILE_FAULTS
from gateway.jobs.actions_work import JobStopped, Run, stopped_by
from gateway.spreadsheets import rules_schema
from gateway.spreadsheets.actions import Unreadable, columns_of_import, read_file
from gateway.spreadsheets.rules_schema import ImportRoute

Fault = dict[str, Any]
_NOT_TRIED = (
    "所在批次错误过多，此行未检查；请改正已列出的行后重新导入。",
    "Its batch has too many faults, so this row was not tried: mend those that are named, and import it again.",
)


async def bring_in(run: Run) -> dict[str, Any]:
    """Bring a file in; begun again, it goes on behind the last committed batch and does nothing twice."""
    document = await run.shop.document()
    found = next((one for one in rules_schema.imports(document) if one.list == run.job.asked["list"]), None)
    if found is None:
        raise run.without(document, NoSuchImport)
    place = Place.of(run.job.cursor)
    _require_file(run, place)
    if not place.read:
        place = await _read(run, document, found)
    if run.job.asked["all_or_nothing"] and not run.job.asked["dry_run"] and not place.checked:
        place = await _pass(run, found, place, dry_run=True)
        if run.job.faults:
            raise _nothing_written(run)
        place = Place(read=True, rows=place.rows, checked=True)
    place = await _pass(run, found, place, dry_run=run.job.asked["dry_run"])
    return {
        "created": place.created, "updated": place.updated, "unchanged": place.unchanged, "refused": place.refused,
        "dry_run": run.job.asked["dry_run"], "errors": f"/v1/jobs/{run.job.id}/errors",
    }  # fmt: skip


def _require_file(run: Run, place: Place) -> None:
    """Raise JobStopped where what was brought is not there any more: no later try would find it."""
    if not (run.folder / (ROWS_FILE if place.read else UPLOAD_FILE)).exists():
        raise JobStopped("file_lost", *run.in_words(*FILE_FAULTS["file_lost"]))


async def _read(run: Run, document: Mapping[str, Any], found: ImportRoute) -> Place:
    asked, columns = run.job.asked, columns_of_import(document, found)
    source, target = run.folder / UPLOAD_FILE, run.folder / ROWS_FILE
    try:
        told = await read_file(
            source, target, columns, key=found.natural_key, mapping=asked["mapping"], kind=asked["format"] or ""
        )
    except Unreadable as unreadable:
        title, detail = FILE_FAULTS.get(unreadable.code, FILE_FAULTS["too_much_to_read"])
        raise JobStopped(unreadable.code, *run.in_words(title, detail)) from None
    faults = [
        {**{name: one[name] for name in ("row", "cell", "field", "code")}, "detail": one[run.language.value]}
        for one in told["faults"]
    ]
    place = Place(read=True, rows=told["rows"], refused=told["faulty"])
    await run.keep(cursor=asdict(place), done=0, total=_total(run, place), faults=faults)
    if asked["all_or_nothing"] and faults and not asked["dry_run"]:
        raise _nothing_written(run)
    return place


def _total(run: Run, place: Place) -> int:
    """Rows are handled twice where all are tried before any is written."""
    twice = run.job.asked["all_or_nothing"] and not run.job.asked["dry_run"]
    return place.rows * (2 if twice else 1)


async def _pass(run: Run, found: ImportRoute, place: Place, *, dry_run: bool) -> Place:
    """Every batch from the place on; the committed place is never in the middle of one."""
    total, before = _total(run, place), place.rows if place.checked else 0
    for batch, at_byte in _batches(run.folder / ROWS_FILE, place.at_byte):
        key = f"{run.job.id}:{'try' if dry_run else 'write'}:{place.at_byte}"
        counts, faults = await _send(run, found, batch, key, dry_run=dry_run)
        place = replace(
            place, at_byte=at_byte, passed=place.passed + len(batch), created=place.created + counts["created"],
            updated=place.updated + counts["updated"], unchanged=place.unchanged + counts["unchanged"],
            refused=place.refused + len({one["row"] for one in faults}),
        )  # fmt: skip
        await run.keep(cursor=asdict(place), done=before + place.passed, total=total, faults=faults)
    return place


def _batches(rows: Path, at_byte: int) -> Iterator[tuple[list[Entered], int]]:
    """The rows from a byte on, five hundred at a time, each time with the byte behind them."""
    with rows.open("rb") as file:
        file.seek(at_byte)
        batch: list[Entered] = []
        while line := file.readline():
            batch.append(Entered(**orjson.loads(line)))
            if len(batch) == BATCH:
                yield batch, file.tell()
                batch = []
        if batch:
            yield batch, file.tell()


async def _send(
    run: Run, found: ImportRoute, batch: Sequence[Entered], key: str, *, dry_run: bool
) -> tuple[Mapping[str, int], list[Fault]]:
    """One batch through the list's own door, as the caller. Rows whose form is wrong are taken out and it is sent
    again; what no round came to is refused as well, so that no row is forgotten. Raises JobStopped for what is no
    row's fault.
    """
    left, faults = list(batch), list[Fault]()
    params = {"good_rows": "true", "dry_run": str(dry_run).lower()}
    for number in range(MOST_ROUNDS):
        if not left:
            break
        body = {"items": [one.item for one in left]}
        answer = await run.ask("POST", f"{found.list}/import", params=params, body=body, key=f"{key}:{number}")
        if answer.status == 200:
            return answer.body, faults + faults_of(left, answer.body["faults"])
        named = named_rows((answer.body or {}).get("errors", ()), len(left)) if answer.status == 422 else None
        if named is None:
            raise stopped_by(answer)
        faults += faults_of(left, named)
        wrong = {one["row"] for one in named}
        left = [one for place, one in enumerate(left) if place not in wrong]
    not_tried = run.in_words(_NOT_TRIED, _NOT_TRIED)[1]
    rest = [{"row": place, "code": "row_not_tried", "detail": not_tried} for place in range(len(left))]
    return {"created": 0, "updated": 0, "unchanged": 0}, faults + faults_of(left, rest)


def _nothing_written(run: Run) -> JobStopped:
    return JobStopped(
        "nothing_imported",
        *run.in_words(
            ("有错误，未导入任何行", "Nothing was imported"),
            ("请按逐行错误改正后重新导入。", "Mend the rows that the errors name, and import the file again."),
        ),
        errors_at=f"/v1/jobs/{run.job.id}/errors",
    )
