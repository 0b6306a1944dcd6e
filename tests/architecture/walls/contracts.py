"""The contract types that pyproject.toml names; each judges direct imports only, file by file.

The built-in types speak of whole packages and of chains. These say what one file of a slice may touch itself,
and the chain `api -> store -> sqlalchemy` is exactly how it should be.
"""

from __future__ import annotations

import sys
from abc import abstractmethod
from collections.abc import Sequence
from typing import cast

from grimp import ImportGraph
from importlinter import Contract, ContractCheck, fields, output

from tests.architecture.walls.rooms import APP, COPIES, MIGRATIONS, Link, Room, forbidden_links, room_of


class LinkContract(Contract):
    """A contract that is broken by single imports, each with its reason."""

    broken_contract_guidance = fields.TextField(required=False)

    @abstractmethod
    def why_not(self, importer: Room, imported: str) -> str | None:
        """The reason against an import, or None where it may stand."""

    def check(self, graph: ImportGraph, verbose: bool) -> ContractCheck:
        """Judge every direct import out of a service or the gateway."""
        links = list(forbidden_links(graph, self.why_not))
        output.verbose_print(verbose, f"{len(links)} imports break {self.name}")
        return ContractCheck(kept=not links, metadata={"links": links})

    def render_broken_contract(self, check: ContractCheck) -> None:
        """One line an import, then what to do."""
        links: Sequence[Link] = check.metadata["links"]
        for link in links:
            output.print_error(f"- {link}", bold=False)
        if self.broken_contract_guidance:
            output.new_line()
            output.print(cast(str, self.broken_contract_guidance))
        output.new_line()


def _words(option: object) -> tuple[str, ...]:
    return tuple(cast(Sequence[str], option))


def _is_within(module: str, package: str) -> bool:
    return module == package or module.startswith(f"{package}.")


class SliceOrder(LinkContract):
    """Which file of its own slice a file may import: one `file: those it may import` each."""

    order = fields.ListField(subfield=fields.StringField())

    def why_not(self, importer: Room, imported: str) -> str | None:
        """A file of the same slice that is not below."""
        target = room_of(imported)
        if target is None or not importer.is_in_slice or target.file == importer.file:
            return None
        if (target.owner, target.slice) != (importer.owner, importer.slice):
            return None
        if target.file in self._allowed().get(importer.file, ()):
            return None
        return f"{importer.file} may not import its slice's {target.file}"

    def _allowed(self) -> dict[str, tuple[str, ...]]:
        lines = (line.partition(":") for line in _words(self.order))
        return {file.strip(): tuple(below.split()) for file, _, below in lines}


class SlicePrivacy(LinkContract):
    """What a slice shows its neighbours: `open_files`, and those to `open_to` only."""

    open_files = fields.ListField(subfield=fields.StringField())
    open_to = fields.ListField(subfield=fields.StringField())

    def why_not(self, importer: Room, imported: str) -> str | None:
        """Another slice's private file; a copy, a migration, the app or a slice from where it may not be reached."""
        target = room_of(imported)
        if target is None or target.owner != importer.owner or target.slice == importer.slice:
            return None
        if MIGRATIONS in (target.slice, importer.slice):
            return "migrations stand alone: they neither follow the code of today nor are followed by it"
        if target.slice == "" and target.file == APP:
            return "the app puts the slices together; nothing inside the service knows it"
        if importer.slice == "":
            shared = importer.file != APP and target.is_in_slice
            return "what stands beside the slices is shared by them and knows none of them" if shared else None
        return None if target.slice == "" else self._why_not_between(importer, target)

    def _why_not_between(self, importer: Room, target: Room) -> str | None:
        if importer.file not in _words(self.open_to):
            return f"{importer.file} may not reach into another slice; a verb calls its verb"
        opened = ("store",) if target.slice == COPIES else _words(self.open_files)
        if target.file not in opened:
            return f"the {target.file or 'package'} of {target.slice} is private"
        return None


class SliceBan(LinkContract):
    """Packages and modules that the named files of every slice may not import themselves."""

    files = fields.ListField(subfield=fields.StringField())
    banned = fields.ListField(subfield=fields.StringField())

    def why_not(self, importer: Room, imported: str) -> str | None:
        """A banned package or module."""
        if importer.slice in ("", MIGRATIONS) or importer.file not in _words(self.files):
            return None
        if any(_is_within(imported, one) for one in _words(self.banned)):
            return f"{importer.file} may not touch {imported}"
        return None


class StandardLibraryOnly(LinkContract):
    """Files that import the standard library and parts of themselves, and nothing else at all."""

    files = fields.ListField(subfield=fields.StringField())

    def why_not(self, importer: Room, imported: str) -> str | None:
        """Anything that an argument should have brought."""
        if not importer.is_in_slice or importer.file not in _words(self.files):
            return None
        if imported.split(".")[0] in sys.stdlib_module_names or room_of(imported) == importer:
            return None
        return f"{importer.file} are pure: what they need arrives as an argument"


class AppWiring(LinkContract):
    """The app of a service knows its own service and the plumbing, nothing else of the house."""

    house = fields.ListField(subfield=fields.StringField())
    allowed = fields.ListField(subfield=fields.StringField())

    def why_not(self, importer: Room, imported: str) -> str | None:
        """A module of the house that is neither the app's own service nor allowed."""
        if importer.slice != "" or importer.file != APP or imported.split(".")[0] not in _words(self.house):
            return None
        if any(_is_within(imported, one) for one in (importer.owner, *_words(self.allowed))):
            return None
        return f"the app wires {importer.owner} and nothing else"
