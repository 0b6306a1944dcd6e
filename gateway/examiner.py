"""Having a file examined: in a process of its own, few at once, and never longer than it may take."""

from __future__ import annotations

import asyncio
import os
import sys
from asyncio.subprocess import DEVNULL, PIPE
from pathlib import Path
from typing import Any

import orjson
import structlog

from gateway.examining.findings import Examined, Made
from gateway.file_kinds import SAID
from gateway.file_refusals import BY_CODE, FileTooCostly, FileTypeDiffers
from libs.common.bodies import BodyTooLarge
from libs.common.problems import Problem

log = structlog.get_logger("files")

__all__ = ["Examined", "Examiner", "Made"]

_ROOT = Path(__file__).parents[1]


class Examiner:
    """Looks at uploads, at most so many at once: each may take a core and much memory."""

    def __init__(self) -> None:
        self._turns = asyncio.Semaphore(SAID["examination"]["at_once"])

    async def examine(self, path: Path, into: Path, *, declared: str | None, capture: bool) -> Examined:
        """What the file is, with its harmless forms in `into`.

        Raises one of the refusals (4xx): FileTypeDiffers where another type was declared than was found.
        """
        async with self._turns:
            said = await _ask(path, into, capture=capture)
        if (code := said.get("refused")) is not None:
            raise _refusal(code, said["extra"])
        if declared is not None and declared != said["media_type"]:
            raise FileTypeDiffers(declared=declared[:100], found=said["media_type"])
        variants = tuple(Made(**{**one, "path": Path(one["path"])}) for one in said["variants"])
        return Examined(media_type=said["media_type"], kind=said["kind"], variants=variants, capture=said["capture"])


async def _ask(path: Path, into: Path, *, capture: bool) -> dict[str, Any]:
    asked = (str(path), str(into), "capture" if capture else "-")
    child = await asyncio.create_subprocess_exec(
        sys.executable, "-m", "gateway.examining.child", *asked,
        stdin=DEVNULL, stdout=PIPE, stderr=PIPE, cwd=_ROOT, env={"PATH": os.defpath, "OMP_NUM_THREADS": "1"},
    )  # fmt: skip
    try:
        told, complaint = await asyncio.wait_for(child.communicate(), SAID["examination"]["wall_seconds"])
    except TimeoutError:
        raise FileTooCostly from None
    finally:
        if child.returncode is None:
            child.kill()
            await child.wait()
    if child.returncode != 0:
        # Killed by its limits, or a decoder fell over its own feet: no fault of the platform's, and nothing is kept.
        log.warning("examination_failed", returncode=child.returncode, said=complaint[-300:].decode(errors="replace"))
        raise FileTooCostly
    found: dict[str, Any] = orjson.loads(told)
    return found


def _refusal(code: str, extra: dict[str, Any]) -> Problem:
    if code == BodyTooLarge.code:
        return BodyTooLarge(int(extra["limit_bytes"]))
    if code == "file_type_not_taken":
        return BY_CODE[code](accepted=[kind for one in SAID["kinds"].values() for kind in one["media_types"]])
    return BY_CODE[code](**extra)
