"""One run of schemathesis against a running city as one subject, and what it came to."""

from __future__ import annotations

import asyncio
import contextlib
import json
import os
import signal
import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from infra.environment import client_password
from tests.hostile.stage import SUBJECTS
from tests.journeys.running import RunningCity

HERE = Path(__file__).parent
PHASES = ("examples", "coverage", "fuzzing", "stateful")
_LAST_WORDS_SECONDS = 60
_NO_REPORT = {
    "test_cases": {"generated": 0}, "running_time": None, "stop_reason": "killed", "failures": [], "errors": [],
}  # fmt: skip
"""Of a run that had to be ended by force."""
_INHERITED = ("PATH", "HOME", "LANG", "LC_ALL", "TMPDIR", "VIRTUAL_ENV")


@dataclass(frozen=True, kw_only=True, slots=True)
class Attack:
    """What is tried: as whom, in which phases, from which seed, and how many fuzzed cases an operation."""

    subject: str
    phases: Sequence[str] = PHASES
    seed: int
    examples: int
    only: str | None = None
    """An expression over paths, where not the whole document is tried."""
    one_in: int = 1
    """Of what the coverage phase lists for an operation, one in so many is tried, chosen by the seed."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Outcome:
    """What a run came to; `words` is schemathesis' own report."""

    attack: Attack
    report: Mapping[str, Any]
    words: str

    @property
    def cases(self) -> int:
        """How many requests were tried."""
        return int(self.report["test_cases"]["generated"])

    @property
    def failures(self) -> Sequence[str]:
        """What failed, a line each."""
        return [f"{one['title']}: {', '.join(one['operations'])}" for one in self.report["failures"]] + [
            str(one) for one in self.report["errors"]
        ]

    @property
    def line(self) -> str:
        """The run in a line."""
        attack, phases = self.attack, "+".join(self.attack.phases)
        seconds, stopped = self.report["running_time"] or 0.0, self.report["stop_reason"] or "not begun"
        return (
            f"{attack.subject:32} {phases:36} seed {attack.seed:<6} {self.cases:7,} cases"
            f" {seconds:6.0f} s {stopped:10} {len(self.failures)} kinds of failure"
        )


async def run(city: RunningCity, attack: Attack, folder: Path, seconds: float) -> Outcome:
    """Let schemathesis attack, bounded by time; its reports lie in the folder."""
    await asyncio.to_thread(folder.mkdir, parents=True, exist_ok=True)
    report, words = folder / "report.json", folder / "report.txt"
    document = await _document(city, folder)
    with words.open("wb") as out:
        process = await asyncio.create_subprocess_exec(
            *_command(city, attack, document, report),
            env=_environment(city, attack) | {"HOSTILE_SPARED": " ".join(await _attackers(city))},
            stdout=out,
            stderr=out,
            cwd=HERE.parents[1],
        )
        await _end(process, seconds)
    kept = json.loads(report.read_bytes()) if report.exists() else _NO_REPORT
    return Outcome(attack=attack, report=kept, words=words.read_text("utf-8", "replace"))


async def _end(process: asyncio.subprocess.Process, seconds: float) -> None:
    """Wait for the run's end; one that takes too long is interrupted, and ended by force where it does not heed."""
    try:
        await asyncio.wait_for(process.wait(), seconds)
    except TimeoutError:
        # Interrupted, it still says what it tried and found.
        process.send_signal(signal.SIGINT)
        with contextlib.suppress(TimeoutError):
            await asyncio.wait_for(process.wait(), _LAST_WORDS_SECONDS)
    finally:
        if process.returncode is None:
            process.kill()
            await process.wait()


async def _document(city: RunningCity, folder: Path) -> Path:
    """The document as the front door gives it."""
    kept = folder / "openapi.json"
    answer = (await city.http.get("/openapi.json", timeout=120)).raise_for_status()
    await asyncio.to_thread(kept.write_bytes, answer.content)
    return kept


async def _attackers(city: RunningCity) -> list[str]:
    """The ids of those who attack, as clients and as subjects, and of their agencies, whose end ends them too."""
    rows = await city.rows(
        "gateway",
        "SELECT id FROM clients WHERE client_id = ANY($1::text[])"
        " UNION SELECT agency_id FROM clients WHERE client_id = ANY($1::text[]) AND agency_id IS NOT NULL"
        " UNION SELECT id FROM subjects WHERE subject = ANY($1::text[])",
        list(SUBJECTS),
    )
    return [str(row["id"]) for row in rows]


def _command(city: RunningCity, attack: Attack, document: Path, report: Path) -> list[str]:
    only = [] if attack.only is None else ["--include-path-regex", attack.only]
    return [
        sys.executable, "-m", "schemathesis.cli", "--config-file", str(HERE / "schemathesis.toml"),
        "run", str(document), "--url", city.platform.settings.gateway_url, "--no-color",
        "--phases", ",".join(attack.phases), "--max-examples", str(attack.examples), "--seed", str(attack.seed),
        "--suppress-health-check", "too_slow", "--report", "json", "--report-json-path", str(report), *only,
    ]  # fmt: skip


def _environment(city: RunningCity, attack: Attack) -> dict[str, str]:
    kept = {name: os.environ[name] for name in _INHERITED if name in os.environ}
    secret = city.platform.secrets.find(client_password(attack.subject))
    assert secret is not None, attack.subject
    told = {
        "URL": city.platform.settings.gateway_url, "CLIENT": attack.subject, "SECRET": secret,
        "SEED": str(attack.seed), "ONE_IN": str(attack.one_in),
    }  # fmt: skip
    # Sets of texts are walked in the order of their hashes: the same in each run of a seed.
    return {**kept, "PYTHONHASHSEED": "0", **{f"HOSTILE_{name}": value for name, value in told.items()}}
