"""The published language as files: a JSON Schema and a sample for each type of event, kept in git.

`python -m libs.contracts.golden` says what differs from the classes and ends with 1; with `--write` it brings
the files up to date. It refuses a change that breaks hearers: that is a new class with the next version.
"""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import Any

from libs.contracts.additive import breaks
from libs.contracts.catalogue import CATALOGUE
from libs.contracts.event import Event
from libs.contracts.sample_values.everything import SAMPLES

HERE = Path(__file__).parent
COMMAND = "python -m libs.contracts.golden --write"
_DIALECT = "https://json-schema.org/draft/2020-12/schema"


def schema_of(event: type[Event]) -> dict[str, Any]:
    """The JSON Schema of an event's data, as a hearer may rely on it."""
    schema = event.model_json_schema(mode="validation")
    return {"$schema": _DIALECT, "$id": f"urn:shoutu:event:{event.type}"} | schema | {"title": event.__name__}


def wanted() -> dict[str, dict[str, Any]]:
    """Every golden file as it ought to be, by its path below `libs/contracts`."""
    files = {f"schemas/{name}.json": schema_of(event) for name, event in CATALOGUE.items()}
    return files | {f"samples/{sample.event.type}.json": sample.cloud_event() for sample in SAMPLES}


def present(folder: Path = HERE) -> dict[str, dict[str, Any]]:
    """Every golden file as it is."""
    paths = [*folder.glob("schemas/*.json"), *folder.glob("samples/*.json")]
    return {path.relative_to(folder).as_posix(): json.loads(path.read_text("utf-8")) for path in paths}


def differences(folder: Path = HERE) -> list[str]:
    """A line for each file that is missing, too many or not as the classes and sample values say."""
    ought, is_ = wanted(), present(folder)
    without = [f"{name}: no sample; write one in libs/contracts/sample_values" for name in _unsampled()]
    return without + [
        f"{path}: {'missing' if path not in is_ else 'left over' if path not in ought else 'differs'}"
        for path in sorted(ought.keys() | is_.keys())
        if ought.get(path) != is_.get(path)
    ]


def refusals(folder: Path = HERE) -> list[str]:
    """Why the schemas in git may not be replaced: each line is a hearer that would misread an event."""
    ought = wanted()
    return [
        f"{path} {reason}"
        for path, schema in sorted(present(folder).items())
        if path.startswith("schemas/")
        for reason in (breaks(schema, ought[path]) if path in ought else ["is told by no class any more"])
    ]


def write(folder: Path = HERE) -> None:
    """Bring every file up to date; the caller has looked at `refusals`."""
    ought = wanted()
    for path in present(folder).keys() - ought.keys():
        (folder / path).unlink()
    for path, content in ought.items():
        (folder / path).parent.mkdir(parents=True, exist_ok=True)
        (folder / path).write_text(json.dumps(content, ensure_ascii=False, indent=2) + "\n", "utf-8")


def _unsampled() -> list[str]:
    return sorted(CATALOGUE.keys() - {sample.event.type for sample in SAMPLES})


def main(arguments: list[str]) -> int:
    """The command; returns the exit status."""
    refused = refusals()
    if refused:
        print("\n".join(refused), file=sys.stderr)  # noqa: T201 — a command speaks to a person
        advice = "Hearers would break. Add a class with the next version; only where no release has told this one,"
        print(f"{advice} delete its schema file and run this again.", file=sys.stderr)  # noqa: T201
        return 1
    if "--write" in arguments:
        write()
    found = differences()
    if found:
        print("\n".join([*found, f"Run: {COMMAND}"]), file=sys.stderr)  # noqa: T201
    return 1 if found else 0


if __name__ == "__main__":
    raise SystemExit(main(sys.argv[1:]))
