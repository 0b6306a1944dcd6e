"""The house's own files, read once: what the architecture tests look at."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from pathlib import Path

ROOT = Path(__file__).parents[2]
ROOMS = ("libs", "services", "gateway", "infra")
_SKIPPED = frozenset({".git", ".venv", ".shoutu", "__pycache__", "node_modules", "build"})
_TEXT = frozenset(["", ".py", ".md", ".toml", ".json", ".yml", ".yaml", ".txt", ".lock", ".sh", ".html", ".js"])
Function = ast.FunctionDef | ast.AsyncFunctionDef


@dataclass(frozen=True, slots=True)
class Source:
    """One Python file."""

    path: str
    text: str
    tree: ast.Module

    @property
    def lines(self) -> list[str]:
        """Its lines, without their ends."""
        return self.text.splitlines()

    @property
    def is_migration(self) -> bool:
        """Migrations are history: long statements, never changed again."""
        return "/migrations/" in self.path

    def functions(self) -> Iterator[Function]:
        """Every function and method, nested ones too."""
        return (node for node in ast.walk(self.tree) if isinstance(node, Function))

    def at(self, node: ast.AST) -> str:
        """Where a node stands, as an editor opens it."""
        return f"{self.path}:{getattr(node, 'lineno', 1)}"


@cache
def _read(*rooms: str) -> tuple[Source, ...]:
    paths = sorted(path for room in rooms for path in (ROOT / room).rglob("*.py") if _SKIPPED.isdisjoint(path.parts))
    return tuple(_source(path) for path in paths)


def _source(path: Path) -> Source:
    text = path.read_text("utf-8")
    return Source(path.relative_to(ROOT).as_posix(), text, ast.parse(text))


def product() -> tuple[Source, ...]:
    """Everything that ships."""
    return _read(*ROOMS)


def everything() -> tuple[Source, ...]:
    """Everything that ships, and its tests."""
    return _read(*ROOMS, "tests")


def planted(path: str, text: str) -> Source:
    """A file that does not exist, to prove that a test would notice it."""
    return Source(path, text, ast.parse(text))


@cache
def texts() -> dict[str, str]:
    """Every text file of the house by its path, data and documents too."""
    found = {}
    for path in sorted(ROOT.rglob("*")):
        inside = path.relative_to(ROOT)
        if _SKIPPED.isdisjoint(inside.parts) and not _is_cache(inside) and path.suffix in _TEXT and path.is_file():
            found[inside.as_posix()] = path.read_text("utf-8", errors="replace")
    return found


def _is_cache(inside: Path) -> bool:
    top = inside.parts[0]
    return top.endswith((".egg-info", "_cache")) or top == ".hypothesis"


def docstrings(tree: ast.AST) -> set[ast.Constant]:
    """The constants that are docstrings, or stand alone to explain the name above them."""
    alone = (node.value for node in ast.walk(tree) if isinstance(node, ast.Expr))
    return {value for value in alone if isinstance(value, ast.Constant) and isinstance(value.value, str)}
