"""Anchors: what was sealed, written outside the database, where its owner cannot rewrite history.

One append-only file of JSON lines a service: a line per sealed batch, per day and per opened cluster epoch. Keep it
on another disk than the database where that is possible, and never restore it from a backup: an older
anchor file would forget what a newer one knows.
"""

from __future__ import annotations

import os
from collections.abc import Iterator, Mapping
from contextlib import nullcontext
from dataclasses import dataclass, fields
from datetime import UTC, datetime
from fcntl import LOCK_EX, flock
from pathlib import Path
from typing import Any

import orjson

from libs.common.merkle import SealHead

_TAIL_BYTES = 65_536


class AnchorsUnreadable(Exception):
    """A line of the anchor file is no anchor: somebody wrote into it."""

    def __init__(self, path: Path, line: int) -> None:
        super().__init__(f"{path}: line {line} is no anchor")
        self.line = line


@dataclass(frozen=True, kw_only=True, slots=True)
class Epoch:
    """A time in which transaction ids belong to one cluster; it begins after a batch and may admit a loss.

    Batches after `resumes_after` and up to `lost_until` are not in the database any more. `opened_by` is
    `sealer` when nobody has declared that yet.
    """

    epoch: int
    system_identifier: int
    resumes_after: int
    lost_until: int
    reason: str
    opened_by: str
    opened_at: datetime

    @property
    def is_declared(self) -> bool:
        """Whether a person answers for the loss."""
        return self.opened_by != "sealer"


def seal_line(head: SealHead) -> dict[str, Any]:
    """The anchor of a sealed batch."""
    return {
        "kind": "seal",
        "batch": head.batch,
        "count": head.count,
        "chained": head.chained.hex(),
        "sealed_at": head.sealed_at.astimezone(UTC).isoformat(),
        "epoch": head.cluster_epoch,
    }


def epoch_line(epoch: Epoch) -> dict[str, Any]:
    """The anchor of an opened epoch."""
    said = {field.name: getattr(epoch, field.name) for field in fields(Epoch)}
    return {"kind": "epoch"} | said | {"opened_at": epoch.opened_at.astimezone(UTC).isoformat()}


class AnchorFile:
    """The anchor file of one service: `<home>/anchors/<service>.jsonl`."""

    def __init__(self, path: Path) -> None:
        self.path = path

    @classmethod
    def of(cls, home: Path, service: str) -> AnchorFile:
        """The file of a service under the home folder."""
        return cls(home / "anchors" / f"{service}.jsonl")

    def append(self, *lines: Mapping[str, Any]) -> None:
        """Add lines; they are on the disk when this returns. A line torn by a crash is cut off first."""
        if not lines:
            return
        self.path.parent.mkdir(parents=True, exist_ok=True)
        with self.path.open("a+b") as file:
            # The person who declares a loss may write beside a sealer that runs.
            flock(file, LOCK_EX)
            end = self._whole_lines_end(file)
            if end != file.seek(0, os.SEEK_END):
                file.truncate(end)
            file.write(b"".join(orjson.dumps(line) + b"\n" for line in lines))
            file.flush()
            os.fsync(file.fileno())

    @staticmethod
    def _whole_lines_end(file: Any) -> int:
        size: int = file.seek(0, os.SEEK_END)
        begin = max(0, size - _TAIL_BYTES)
        file.seek(begin)
        return begin + int(file.read().rfind(b"\n")) + 1

    def size(self) -> int:
        """How far the file goes now; lines written later are not read when this is the limit."""
        return self.path.stat().st_size if self.path.exists() else 0

    def lines(self, until: int | None = None) -> Iterator[dict[str, Any]]:
        """Every whole line, oldest first. Raises AnchorsUnreadable at a line that is none."""
        if not self.path.exists():
            return
        read = 0
        with self.path.open("rb") as file:
            for number, line in enumerate(file, start=1):
                read += len(line)
                if not line.endswith(b"\n") or (until is not None and read > until):
                    return
                yield self._parse(line, number)

    def _parse(self, line: bytes, number: int) -> dict[str, Any]:
        try:
            anchor = orjson.loads(line)
        except orjson.JSONDecodeError:
            anchor = None
        if not isinstance(anchor, dict) or anchor.get("kind") not in ("seal", "epoch", "day"):
            raise AnchorsUnreadable(self.path, number)
        return anchor

    def newest(self) -> tuple[int, int]:
        """The newest anchored batch and epoch, from the file's end; 0 where there is none."""
        size = self.size()
        if not size:
            return 0, 0
        with self.path.open("rb") as file:
            file.seek(max(0, size - _TAIL_BYTES))
            tail = file.read()
        whole = tail.partition(b"\n")[2] if size > _TAIL_BYTES else tail
        lines = whole[: whole.rfind(b"\n") + 1].splitlines(keepends=True)
        anchors = [self._parse(line, -number) for number, line in enumerate(reversed(lines), start=1)]
        batches = (anchor["batch"] for anchor in anchors if anchor["kind"] == "seal")
        return max(batches, default=0), max((anchor.get("epoch", 0) for anchor in anchors), default=0)

    def chained_at(self, batch: int) -> str | None:
        """The anchored link of a batch, or None. Found by halving: the numbers rise, and a file may be large."""
        low, high = 0, self.size()
        with self.path.open("rb") if high else nullcontext() as file:
            while file is not None and low < high:
                middle = (low + high) // 2
                found = self._first_seal(file, middle, high)
                if found is None or found[0]["batch"] > batch:
                    high = middle
                elif found[0]["batch"] == batch:
                    return str(found[0]["chained"])
                else:
                    low = found[1]
        return None

    def _first_seal(self, file: Any, begin: int, end: int) -> tuple[dict[str, Any], int] | None:
        """The first batch in a line that begins between two places, and where the line after it begins."""
        file.seek(max(0, begin - 1))
        if begin:
            file.readline()
        while (at := file.tell()) < end:
            line = file.readline()
            if not line.endswith(b"\n"):
                return None
            if (anchor := self._parse(line, -1))["kind"] == "seal":
                return anchor, at + len(line)
        return None
