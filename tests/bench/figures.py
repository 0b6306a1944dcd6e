"""Figures: what was measured, beside what, and what it should be. Printed as a table and kept as JSON."""

from __future__ import annotations

import json
import os
import platform
import subprocess
import sys
from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from statistics import median, quantiles
from typing import Any

from rich.console import Console
from rich.table import Table

RESULTS = Path(__file__).parent / "results"


@dataclass(frozen=True, kw_only=True, slots=True)
class Figure:
    """One line of the table. `bar` is None for what is told for orientation only."""

    row: str
    what: str
    value: float
    unit: str
    beside: str
    bar: float | None = None
    at_least: bool = True
    facts: dict[str, Any] = field(default_factory=dict)

    @property
    def holds(self) -> bool | None:
        """Whether the bar is kept; None without one."""
        if self.bar is None:
            return None
        return self.value >= self.bar if self.at_least else self.value <= self.bar


@dataclass(frozen=True, kw_only=True, slots=True)
class Skipped:
    """A line that could not be measured here, and why."""

    row: str
    what: str
    why: str


Measured = Figure | Skipped


@dataclass(frozen=True, kw_only=True, slots=True)
class Ran:
    """One run: on which machine, how busy it was before and after, and what came out."""

    command: str
    machine: dict[str, Any]
    load_before: Sequence[float]
    load_after: Sequence[float]
    figures: Sequence[Measured]


def ratio(ours: Sequence[float], theirs: Sequence[float]) -> float:
    """The median of the ratios of interleaved rounds: what slows one round slows both its halves."""
    return median(a / b for a, b in zip(ours, theirs, strict=True))


def percentile(values: Sequence[float], percent: int) -> float:
    """A percentile of a sample, such as the 99th."""
    return quantiles(values, n=100, method="inclusive")[percent - 1]


def machine() -> dict[str, Any]:
    """What somebody who repeats this has to know of the machine."""
    commit = subprocess.run(["git", "rev-parse", "--short", "HEAD"], capture_output=True, text=True, check=False)
    return {
        "processor": _processor(),
        "cores": os.cpu_count(),
        "memory_gb": round(os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") / 2**30, 1),
        "system": platform.platform(),
        "python": platform.python_version(),
        "commit": commit.stdout.strip() or "unknown",
    }


def _processor() -> str:
    try:
        lines = Path("/proc/cpuinfo").read_text("utf-8").splitlines()
    except OSError:
        return platform.processor()
    return next((line.partition(":")[2].strip() for line in lines if line.startswith("model name")), "unknown")


def keep(ran: Ran) -> Path:
    """Write a run as JSON, by its instant; returns the file."""
    RESULTS.mkdir(exist_ok=True)
    at = datetime.now(UTC)
    told = {**asdict(ran), "at": at.isoformat(timespec="seconds")}
    for one, figure in zip(told["figures"], ran.figures, strict=True):
        if isinstance(figure, Figure):
            one["holds"] = figure.holds
    path = RESULTS / f"{at:%Y%m%dT%H%M%SZ}.json"
    path.write_text(json.dumps(told, indent=2, ensure_ascii=False, default=str) + "\n", "utf-8")
    return path


def show(ran: Ran) -> None:
    """Print a run: bar and figure side by side, whatever came out."""
    table = Table(title=f"{ran.machine['processor']}, {ran.machine['cores']} cores", title_justify="left")
    for heading in ("row", "what", "figure", "bar", "", "beside"):
        table.add_column(heading, overflow="fold")
    for figure in ran.figures:
        table.add_row(*_cells(figure))
    console = Console(file=sys.stdout, width=None if sys.stdout.isatty() else 160)
    console.print(table)
    busy = ", ".join(f"{one:.1f}" for one in (ran.load_before[0], ran.load_after[0]))
    console.print(f"load average before and after: {busy}; others' work on the machine makes every figure worse")


def _cells(figure: Measured) -> tuple[str, ...]:
    if isinstance(figure, Skipped):
        return figure.row, figure.what, "—", "—", "", figure.why
    bar = "" if figure.bar is None else f"{'≥' if figure.at_least else '≤'} {figure.bar:g}"
    verdict = {None: "", True: "holds", False: "SHORT"}[figure.holds]
    return figure.row, figure.what, f"{_number(figure.value)} {figure.unit}".rstrip(), bar, verdict, figure.beside


def _number(value: float) -> str:
    return f"{value:.2f}" if value < 100 else f"{value:,.0f}"


Tell = Callable[[str], None]
"""Says what is being measured now: a bench takes minutes."""
