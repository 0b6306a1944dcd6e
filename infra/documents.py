"""The documents that follow from the code: `python -m infra.documents` compares, `--write` brings up to date."""

from __future__ import annotations

import json
import sys
from importlib import import_module
from importlib.util import find_spec
from pathlib import Path

from infra.guides import rendered
from infra.settings import APPS, app_module
from libs.common import asyncapi, flows
from libs.common.service import Service

ROOT = Path(__file__).parents[1]
COMMAND = "python -m infra.documents --write"


def services() -> tuple[Service, ...]:
    """The table of contents of every service of the house, in the order in which they are started."""
    modules = [app_module(app) for app in APPS if find_spec(app_module(app)) is not None]
    return tuple(import_module(module).SERVICE for module in modules)


def wanted() -> dict[str, str]:
    """Every generated document as it ought to be, by its path."""
    house = services()
    described = json.dumps(asyncapi.document(house), ensure_ascii=False, indent=1)
    return {"docs/flows.md": flows.document(house), "docs/asyncapi.json": f"{described}\n", **rendered()}


def differences() -> list[str]:
    """The documents that are missing or differ from the code."""
    return [path for path, content in wanted().items() if _present(ROOT / path) != content]


def _present(path: Path) -> str | None:
    return path.read_text("utf-8") if path.exists() else None


def main(arguments: list[str]) -> int:
    """The command; returns the exit status."""
    if "--write" in arguments:
        for path, content in wanted().items():
            (ROOT / path).write_text(content, "utf-8")
    differing = differences()
    for path in differing:
        print(f"{path} differs from the code. Run: {COMMAND}", file=sys.stderr)
    return 1 if differing else 0


if __name__ == "__main__":
    raise SystemExit(main(sys.argv[1:]))
