"""Statements are written with SQLAlchemy, compiled once a shape, and handed to the driver with their values.

SQLAlchemy's own way to the driver costs three times what PostgreSQL takes to answer (docs/benchmarks.md). Its words,
its types, and its key by which two statements are known to be of one shape are what is used here.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final, cast
from weakref import WeakKeyDictionary

import orjson
from sqlalchemy import BinaryExpression, BindParameter, ClauseElement, Dialect, Executable, TextClause
from sqlalchemy.dialects.postgresql import ARRAY
from sqlalchemy.dialects.postgresql.asyncpg import PGCompiler_asyncpg, PGDialect_asyncpg
from sqlalchemy.sql import operators
from sqlalchemy.sql.compiler import SQLCompiler
from sqlalchemy.sql.sqltypes import NullType, TupleType
from sqlalchemy.util import LRUCache

Parameters = Mapping[str, Any]

_SHAPES_KEPT: Final = 2000
"""Of all services in one process together; a service has some 300."""


def _encode(value: Any) -> str:
    return orjson.dumps(value).decode()


class _Compiler(PGCompiler_asyncpg):
    """Compiles `x IN (list)` as `x = ANY (array)`: the text is the same for every length, here and at the server."""

    def visit_in_op_binary(self, binary: BinaryExpression[Any], operator: Any, **options: Any) -> str:
        return self._among(binary, operator, "= ANY", options)

    def visit_not_in_op_binary(self, binary: BinaryExpression[Any], operator: Any, **options: Any) -> str:
        return self._among(binary, operator, "<> ALL", options)

    def _among(self, binary: BinaryExpression[Any], operator: Any, how: str, options: dict[str, Any]) -> str:
        listed = binary.right
        if not isinstance(listed, BindParameter) or isinstance(listed.type, NullType | TupleType):
            plain: str = self._generate_generic_binary(binary, f" {_IN[operator]} ", **options)
            return f"({plain})"
        array = listed._clone(maintain_key=True)
        array.expanding, array.type = False, ARRAY(listed.type)
        return f"{self.process(binary.left, **options)} {how} ({self.process(array, **options)})"


_IN: Final = {operators.in_op: "IN", operators.not_in_op: "NOT IN"}


class _Dialect(PGDialect_asyncpg):
    statement_compiler = _Compiler
    supports_statement_cache = True


_DIALECT: Final[Dialect] = _Dialect(  # type: ignore[no-untyped-call]
    dbapi=PGDialect_asyncpg.import_dbapi(),  # type: ignore[no-untyped-call]
    json_serializer=_encode,
    json_deserializer=orjson.loads,
)
_COMPILED: Final[LRUCache[Any, Any]] = LRUCache(_SHAPES_KEPT)


class ColumnDefaultInPython(TypeError):
    """A table computes values in Python; verbs say every value themselves, or the database does."""


@dataclass(frozen=True, slots=True)
class _Text:
    """A constant of raw SQL as the driver wants it."""

    sql: str
    names: tuple[str, ...]
    processors: Mapping[str, Any]
    compiled: SQLCompiler


# A module's constants live for ever, and one built on the spot goes with its last user.
_TEXTS: WeakKeyDictionary[TextClause, _Text] = WeakKeyDictionary()


def bound(statement: Executable, parameters: Parameters | None = None) -> tuple[str, Sequence[Any]]:
    """The SQL of a statement and its values, in the order of $1, $2, …"""
    if isinstance(statement, TextClause):
        return _bound_text(statement, parameters or {})
    compiled, extracted, collected = _compile(statement, sorted(parameters) if parameters else [])
    values = compiled.construct_params(
        parameters, extracted_parameters=extracted, escape_names=False, _collected_params=collected
    )
    if not compiled.post_compile_params:
        return compiled.string, _in_order(compiled.positiontup, values, compiled._bind_processors)
    # What is left of lists in raw SQL is as long as its list: the text is finished for each length.
    expanded = compiled._process_parameters_for_postcompile(values)
    processors = {**compiled._bind_processors, **expanded.processors}
    return expanded.statement, _in_order(expanded.positiontup, values, processors)


def bound_many(statement: Executable, rows: Sequence[Parameters]) -> tuple[str, list[Sequence[Any]]]:
    """The SQL of a statement for many rows, and the values of each; every row has the names of the first."""
    compiled, extracted, collected = _compile(statement, sorted(rows[0]), many=True)
    names, processors = compiled.positiontup, compiled._bind_processors
    return compiled.string, [
        _in_order(
            names,
            compiled.construct_params(
                row, extracted_parameters=extracted, escape_names=False, _collected_params=collected
            ),
            processors,
        )
        for row in rows
    ]


def _compile(statement: Executable, names: list[str], *, many: bool = False) -> tuple[SQLCompiler, Any, Any]:
    """The compiled shape, and the values that this very statement carries."""
    compiled, extracted, collected, _ = cast(ClauseElement, statement)._compile_w_cache(
        _DIALECT, compiled_cache=_COMPILED, column_keys=names, for_executemany=many
    )
    compiled = cast(SQLCompiler, compiled)
    if compiled.insert_prefetch or compiled.update_prefetch:
        raise ColumnDefaultInPython(compiled.string)
    return compiled, extracted, collected


def _bound_text(statement: TextClause, parameters: Parameters) -> tuple[str, Sequence[Any]]:
    known = _TEXTS.get(statement)
    if known is None:
        compiled, _, _ = _compile(statement, [])
        known = _Text(compiled.string, tuple(compiled.positiontup or ()), compiled._bind_processors, compiled)
        _TEXTS[statement] = known
    if known.compiled.post_compile_params or not parameters.keys() >= set(known.names):
        values = statement.compile(dialect=_DIALECT).construct_expanded_state(parameters)
        return values.statement, _in_order(values.positiontup, values.parameters, known.processors)
    return known.sql, _in_order(known.names, parameters, known.processors)


def _in_order(names: Sequence[str] | None, values: Parameters, processors: Mapping[str, Any]) -> Sequence[Any]:
    if not processors:
        return [values[name] for name in names or ()]
    return [processors[name](values[name]) if name in processors else values[name] for name in names or ()]
