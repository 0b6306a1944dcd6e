"""The process that reads or writes one file: `python -m gateway.spreadsheets.bulk`, its task as JSON on stdin.

It bounds itself before it touches the file: memory, processor time, the size of what it writes. Whatever a hostile
file does to it, the gateway only sees that it ended.
"""

from __future__ import annotations

import resource
import sys
from pathlib import Path
from typing import Any, Final

import orjson

from gateway.spreadsheets.bulk_read import FileWrong
from gateway.spreadsheets.bulk_rows import read_rows
from gateway.spreadsheets.bulk_write import write_rows, write_template
from gateway.spreadsheets.rules import Column, Kind, Word

MEMORY_BYTES: Final = 1 << 30
"""[DEF] Address space, libraries and all; a sheet of 100,000 rows and seven columns takes some 200 MB."""
PROCESSOR_SECONDS: Final = 600
FILE_BYTES: Final = 4 << 30


def column_of(said: dict[str, Any]) -> Column:
    """A column out of a task."""
    words = tuple(Word(**word) for word in said.pop("words"))
    return Column(**{**said, "kind": Kind(said["kind"]), "words": words})


def _bound() -> None:
    resource.setrlimit(resource.RLIMIT_AS, (MEMORY_BYTES, MEMORY_BYTES))
    resource.setrlimit(resource.RLIMIT_CPU, (PROCESSOR_SECONDS, PROCESSOR_SECONDS))
    resource.setrlimit(resource.RLIMIT_FSIZE, (FILE_BYTES, FILE_BYTES))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))


def _do(task: dict[str, Any]) -> dict[str, Any]:
    columns = [column_of(one) for one in task["columns"]]
    target = Path(task["target"])
    if task["do"] == "read":
        told = read_rows(Path(task["source"]), target, columns, task["key"], task["mapping"], task["kind"])
        return {"rows": told.rows, "faulty": told.faulty, "faults": told.faults}
    if task["do"] == "template":
        write_template(target, columns, task["kind"], task["language"], task["noun"])
        return {}
    return {"rows": write_rows(Path(task["source"]), target, columns, task["kind"], task["language"])}


def main() -> None:
    """Do the one task and say what came of it."""
    _bound()
    task = orjson.loads(sys.stdin.buffer.read())
    try:
        said = _do(task)
    except FileWrong as wrong:
        said = {"wrong": wrong.code}
    except MemoryError:
        said = {"wrong": "too_much_to_read"}
    sys.stdout.buffer.write(orjson.dumps(said))


if __name__ == "__main__":
    main()
