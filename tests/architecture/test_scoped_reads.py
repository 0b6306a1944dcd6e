"""Every read of an aggregate takes a scope: `selected(…)` or `visible(…)`, or `known(…)` for reference data."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import cache, partial

from tests.architecture.sources import Source, docstrings, planted, product
from tests.architecture.walls.rooms import room_of

_UNSCOPED_BECAUSE = "# unscoped because"
_SQL_ON = re.compile(r"\b(?:FROM|JOIN|UPDATE|INTO)\s+(\w+)\b")
_READS = frozenset({"select", "exists", "select_from", "join", "outerjoin"})


@dataclass(frozen=True, slots=True)
class Tables:
    """The aggregates' tables of one owner, by the name of their variable and in SQL."""

    variables: frozenset[str]
    names: frozenset[str]
    reference: frozenset[str]
    """Variables of tables that any caller with a scope may read, by their policy."""


def _tables(sources: Iterable[Source], owner: str) -> Tables:
    own = [one for one in sources if one.path.startswith(owner.replace(".", "/") + "/")]
    found = [pair for one in own if "/model" in one.path for pair in _aggregates(one)]
    open_to_all = {name for one in own for name in re.findall(r'reference_policy\([^,()]+, "(\w+)"', one.text)}
    return Tables(
        frozenset(variable for variable, _ in found),
        frozenset(name for _, name in found),
        frozenset(variable for variable, name in found if name in open_to_all),
    )


def _aggregates(source: Source) -> Iterator[tuple[str, str]]:
    """(variable, table) of each `x = Table("x", …, *aggregate_columns(), …)`."""
    for node in source.tree.body:
        match node:
            case ast.Assign(targets=[ast.Name(id=variable)], value=ast.Call(args=[ast.Constant(value=name), *_])):
                if "aggregate_columns" in ast.unparse(node.value):
                    yield variable, str(name)


def _unscoped(source: Source, tables: Tables) -> list[str]:
    return [
        f"{source.at(node)}: {why}"
        for statement in source.tree.body
        if not _excused(source, statement)
        for node, why in _offences(statement, tables)
    ]


def _offences(statement: ast.stmt, tables: Tables) -> Iterator[tuple[ast.AST, str]]:
    seen = {table for call in _calls(statement, "visible", "selected") for table in _named(call, tables.variables)}
    for call in _calls(statement, *_READS):
        for table in sorted(_named(call, tables.variables) - seen):
            yield call, f"reads {table} without a scope; begin with selected({table}, tx.scope)"
    for call in _calls(statement, "known"):
        for table in sorted(_named(call, tables.variables) - tables.reference):
            yield call, f"{table} is no reference data"
    said = docstrings(statement)
    for constant in ast.walk(statement):
        if isinstance(constant, ast.Constant) and isinstance(constant.value, str) and constant not in said:
            for table in sorted(tables.names & set(_SQL_ON.findall(constant.value))):
                yield constant, f"raw SQL on {table}, which no scope filters"


def _calls(node: ast.AST, *names: str) -> Iterator[ast.Call]:
    for one in ast.walk(node):
        if isinstance(one, ast.Call):
            called = one.func.attr if isinstance(one.func, ast.Attribute) else getattr(one.func, "id", "")
            if called in names:
                yield one


def _named(call: ast.Call, variables: frozenset[str]) -> set[str]:
    """The tables among a call's arguments, as `reports` or in `reports.c.id`."""
    arguments = [*call.args, *(keyword.value for keyword in call.keywords)]
    return {one.id for part in arguments for one in ast.walk(part) if isinstance(one, ast.Name)} & variables


def _excused(source: Source, statement: ast.stmt) -> bool:
    first = min([statement.lineno, *(one.lineno for one in getattr(statement, "decorator_list", ()))])
    above = source.lines[first - 2] if first > 1 else ""
    return above.strip().startswith(_UNSCOPED_BECAUSE)


def _stores() -> Iterator[tuple[Source, Tables]]:
    sources = product()
    tables = cache(partial(_tables, sources))
    for one in sources:
        room = room_of(one.path.removesuffix(".py").replace("/", "."))
        if room is not None and room.file == "store":
            yield one, tables(room.owner)


def test_no_store_reads_an_aggregate_without_a_scope() -> None:
    assert [line for source, tables in _stores() for line in _unscoped(source, tables)] == []


_MODEL = planted(
    "services/a/hazards/model.py",
    'from x import Table\nhazards = Table("hazards", meta, *aggregate_columns(), Column("state", Text))\n'
    'areas = Table("areas", meta, *aggregate_columns())\nphotos = Table("photos", meta, Column("id", Text))\n',
)
_MIGRATION = planted("services/a/migrations/versions/0001.py", 'reference_policy(_SCHEMA, "areas")')


def _found(body: str) -> list[str]:
    return _unscoped(planted("services/a/hazards/store.py", body), _tables([_MODEL, _MIGRATION], "services.a"))


def test_a_read_without_a_scope_would_be_noticed() -> None:
    assert _found("def f(tx):\n    return select(hazards)")
    assert _found("def f(tx):\n    return select(hazards.c.id).where(hazards.c.state == 'x')")
    assert _found("def f(tx):\n    return select(func.count()).select_from(hazards)")
    assert _found("def f(tx):\n    return known(hazards)")
    assert _found("_SQL = text('SELECT id FROM hazards WHERE state = :state')")


def test_a_read_with_a_scope_is_let_through() -> None:
    assert not _found("def f(tx):\n    return selected(hazards, tx.scope).with_only_columns(hazards.c.id)")
    assert not _found("def f(tx):\n    return select(hazards.c.id).where(visible(hazards, tx.scope))")
    assert not _found("def f(tx):\n    return known(areas).where(areas.c.code == 'x')")
    assert not _found("def f(tx):\n    return select(photos)")
    assert not _found("# unscoped because only raw SQL uses the index\n_SQL = text('SELECT 1 FROM hazards')")
