"""The verbs on spreadsheets: what columns a list or an import has, and a file read or written in a process apart."""

from __future__ import annotations

import asyncio
import sys
from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import asdict
from pathlib import Path
from typing import Any, Final

import orjson

from gateway.spreadsheets import rules_schema
from gateway.spreadsheets.policies import TITLES
from gateway.spreadsheets.rules import Column
from gateway.spreadsheets.rules_schema import ImportRoute, ListRoute
from libs.common.ids import new_id

SECONDS: Final = 900.0
"""[DEF] Longer than the process's own limit of processor time takes on a busy machine."""
_MODULE: Final = "gateway.spreadsheets.bulk"


class Unreadable(Exception):
    """The process could not do it; `code` says why: the file's own fault, or `too_much_to_read`."""

    def __init__(self, code: str) -> None:
        super().__init__(code)
        self.code = code


def columns_of_list(document: Mapping[str, Any], found: ListRoute) -> tuple[Column, ...]:
    """The columns in which a list is taken out."""
    return rules_schema.columns(document, found.item, found.noun, TITLES)


def columns_of_import(document: Mapping[str, Any], found: ImportRoute) -> tuple[Column, ...]:
    """The columns in which an import is brought in."""
    return rules_schema.columns(document, found.row, found.noun, TITLES)


async def read_file(
    source: Path,
    target: Path,
    columns: Sequence[Column],
    *,
    key: Sequence[str],
    mapping: Mapping[str, str],
    kind: str,
) -> dict[str, Any]:
    """The rows of a file as JSON lines in `target`, and the faults. Raises Unreadable."""
    task = {"do": "read", "source": str(source), "key": list(key), "mapping": dict(mapping), "kind": kind}
    return await _apart(task, target, columns)


async def write_file(source: Path, target: Path, columns: Sequence[Column], *, kind: str, language: str) -> int:
    """JSON lines as a sheet or comma-separated text; returns how many rows. Raises Unreadable."""
    task = {"do": "write", "source": str(source), "kind": kind, "language": language}
    return int((await _apart(task, target, columns))["rows"])


async def write_template(target: Path, columns: Sequence[Column], *, kind: str, language: str, noun: str) -> None:
    """The template of an import. Raises Unreadable."""
    await _apart({"do": "template", "kind": kind, "language": language, "noun": noun}, target, columns)


async def _apart(task: dict[str, Any], target: Path, columns: Sequence[Column]) -> dict[str, Any]:
    """Another process does it: a sheet takes seconds of processor, and a hostile one may take its reader down."""
    # Two may ask for the same template at once: each writes a file of its own, and the last one stays.
    half = target.with_name(f"{target.name}.{new_id()}.part")
    try:
        told = await _told({**task, "target": str(half), "columns": [asdict(one) for one in columns]})
        half.replace(target)
    finally:
        half.unlink(missing_ok=True)
    return told


async def _told(task: dict[str, Any]) -> dict[str, Any]:
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-m", _MODULE, cwd=Path(__file__).parents[2],
        stdin=asyncio.subprocess.PIPE, stdout=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.DEVNULL,
    )  # fmt: skip
    try:
        out, _ = await asyncio.wait_for(process.communicate(orjson.dumps(task)), SECONDS)
    except TimeoutError:
        raise Unreadable("too_much_to_read") from None
    finally:
        if process.returncode is None:
            # The worker was stopped, or it took too long.
            with suppress(ProcessLookupError):
                process.kill()
            await process.wait()
    if process.returncode != 0 or not out:
        raise Unreadable("too_much_to_read")
    told: dict[str, Any] = orjson.loads(out)
    if "wrong" in told:
        raise Unreadable(told["wrong"])
    return told
