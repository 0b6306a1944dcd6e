"""Where a module stands: its owner (a service or the gateway), its slice, and which of the known files it is."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass

from grimp import ImportGraph

DOORS = ("api", "listen", "watch")
FILES = (*DOORS, "forms", "actions", "store", "model", "rules", "bulk", "policies")
"""What a slice may consist of; a file that grows too long is split into `<file>_<part>.py`.

Beside the drawing's files: `forms`, the shapes of requests and answers where they are too many for `api`, and
`policies`, which reads the slice's versioned data once and hands it to the verbs.
"""
COPIES, MIGRATIONS, APP = "copies", "migrations", "app"


@dataclass(frozen=True, slots=True)
class Room:
    """One module of a service or of the gateway; `slice` is empty for a module beside the slices."""

    owner: str
    slice: str
    file: str

    @property
    def is_in_slice(self) -> bool:
        """Whether the module is one of the known files of a slice (copies and migrations are none)."""
        return self.slice not in ("", COPIES, MIGRATIONS) and self.file in FILES


@dataclass(frozen=True, slots=True)
class Link:
    """One direct import, with the line where it stands and why it may not stand there."""

    importer: str
    imported: str
    line: int
    why: str = ""

    def __str__(self) -> str:
        return f"{self.importer} -> {self.imported} (l.{self.line}): {self.why}"


def room_of(module: str) -> Room | None:
    """The room of a module below `services/<service>/` or `gateway/`; None elsewhere."""
    parts = module.split(".")
    owner = 2 if parts[0] == "services" else 1
    if parts[0] not in ("services", "gateway") or len(parts) <= owner:
        return None
    inside = parts[owner:]
    if len(inside) == 1:
        # A package with files in it is a slice; what is left over is beside the slices, or a part of the app.
        return Room(".".join(parts[:owner]), "", APP if inside[0].startswith(f"{APP}_") else inside[0])
    return Room(".".join(parts[:owner]), inside[0], file_of(inside[1]))


def file_of(name: str) -> str:
    """Which known file a module's name stands for: `rules_deadlines` is a part of `rules`."""
    known = name.split("_", 1)[0]
    return known if known in FILES else name


def forbidden_links(graph: ImportGraph, why: Callable[[Room, str], str | None]) -> Iterator[Link]:
    """Every direct import out of a room for which `why` has a reason against it."""
    for importer in sorted(graph.modules):
        room = room_of(importer)
        if room is None or graph.is_module_squashed(importer):
            continue
        for imported in sorted(graph.find_modules_directly_imported_by(importer)):
            reason = why(room, imported)
            if reason is not None:
                details = graph.get_import_details(importer=importer, imported=imported)
                line = details[0]["line_number"] if details else 0
                yield Link(importer, imported, line, reason)
