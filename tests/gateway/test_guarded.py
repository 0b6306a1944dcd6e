"""What is sealed can be sealed again: every purpose in the code is that of a column in the service's table."""

from __future__ import annotations

import ast
from collections.abc import Iterator, Mapping
from importlib import import_module

from infra.settings import APPS, app_module
from libs.common.resealing import SealedColumn
from tests.architecture.sources import Source, product

GOES_OUT = {("gateway/files/actions_seen.py", "_PURPOSE")}
"""What is sealed into an address that ends in minutes, and kept nowhere."""


def closings() -> Iterator[tuple[Source, ast.expr]]:
    """Where something is sealed (a purpose, whose it is, the plain bytes), and the purpose as it is written."""
    for source in product():
        for node in ast.walk(source.tree):
            sealed = isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and node.func.attr == "close"
            if sealed and len(node.args) == 3 and not source.path.startswith("libs/common/"):
                yield source, node.args[0]


def columns_of(source: Source, purpose: ast.expr) -> list[SealedColumn]:
    """The columns whose purpose it is: `SEALED.purpose`, or `COLUMNS[name].purpose` of a table of them."""
    assert isinstance(purpose, ast.Attribute), f"{source.at(purpose)}: the purpose is that of a SealedColumn"
    assert purpose.attr == "purpose", source.at(purpose)
    row = purpose.value
    name = row.value if isinstance(row, ast.Subscript) else row
    found = getattr(import_module(source.path.removesuffix(".py").replace("/", ".")), ast.unparse(name))
    return list(found.values()) if isinstance(found, Mapping) else [found]


def test_whatever_is_sealed_has_its_row_in_the_table_of_its_service() -> None:
    rows = {one for app in APPS for one in import_module(app_module(app)).SERVICE.sealed}
    found = [(source, purpose) for source, purpose in closings()]
    known = {
        column
        for source, purpose in found
        if (source.path, ast.unparse(purpose)) not in GOES_OUT
        for column in columns_of(source, purpose)
    }
    assert known == rows
    assert len({one.purpose for one in rows}) == len(rows), "each purpose has a key of its own"
    assert {(source.path, ast.unparse(purpose)) for source, purpose in found} >= GOES_OUT
