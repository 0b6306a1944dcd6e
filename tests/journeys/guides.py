"""Guides as their readers follow them: the commands of a page in one shell, block after block, and what they show."""

from __future__ import annotations

import asyncio
import os
import re
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).parents[2]
GUIDES = ROOT / "docs/guides"
PATIENCE_SECONDS = 240.0
_BLOCK = re.compile(r"^```(?P<kind>sh|text)\n(?P<lines>.*?)^```$", re.MULTILINE | re.DOTALL)
_END_OF_STEP = "\x1e"


@dataclass(frozen=True, slots=True)
class Step:
    """A block of commands, and what the page says that it prints; None where it says nothing."""

    commands: str
    seen: str | None

    def fits(self, printed: str) -> bool:
        """Whether that was printed; `…` on the page is whatever differs from time to time."""
        if self.seen is None:
            return True
        pattern = re.escape(self.seen.strip()).replace("…", ".*?")
        return re.fullmatch(pattern, printed.strip(), re.DOTALL) is not None


def steps_of(name: str) -> list[Step]:
    """The `sh` blocks of a guide in their order, each with the `text` block that stands next to it, if any."""
    steps: list[Step] = []
    for block in _BLOCK.finditer((GUIDES / f"{name}.md").read_text("utf-8")):
        if block["kind"] == "sh":
            steps.append(Step(block["lines"], None))
        else:
            steps[-1] = Step(steps[-1].commands, block["lines"])
    return steps


async def followed(steps: list[Step], environment: Mapping[str, str]) -> list[str]:
    """Run the steps as one reader would, in one shell that stops at the first failure; what each that ran printed."""
    script = "".join(f"{step.commands}\nprintf '{_END_OF_STEP}'\n" for step in steps)
    shell = await asyncio.create_subprocess_exec(
        "sh", "-eu", "-c", script, cwd=ROOT, env={**os.environ, **environment},
        stdout=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.STDOUT,
    )  # fmt: skip
    printed, _ = await asyncio.wait_for(shell.communicate(), PATIENCE_SECONDS)
    return printed.decode().split(_END_OF_STEP)
