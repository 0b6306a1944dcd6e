"""Aggregates: how every verb reads, locks and writes a row that people have to answer for.

The shape of an aggregate is a frozen dataclass in a slice's rules; its table is in the slice's model. Each
version of an aggregate has exactly one event, so a hearer can tell old, next and early apart.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import fields, replace
from functools import cache, lru_cache
from typing import Any, Final, TypeVar
from uuid import UUID

from pydantic import TypeAdapter
from sqlalchemy import (
    Boolean,
    Column,
    ColumnElement,
    DateTime,
    Insert,
    Integer,
    Select,
    Table,
    Text,
    Update,
    and_,
    any_,
    bindparam,
    false,
    func,
    literal,
    or_,
    select,
    true,
)
from sqlalchemy.dialects.postgresql import ARRAY, JSONB
from sqlalchemy.dialects.postgresql import UUID as PGUUID
from sqlalchemy.types import UserDefinedType

from libs.common import outbox, timeline
from libs.common.db import Row, Tx
from libs.common.keeping import seen_through
from libs.common.outbox import Aggregate
from libs.common.parts import add_parts, participants
from libs.common.passing import met
from libs.common.problems import NotFound, StaleVersion
from libs.common.scope import TRIAGE_ROLES, Grant, Scope
from libs.common.telling import tell
from libs.contracts.event import Event, producer_of

A = TypeVar("A", bound=Aggregate)
T = TypeVar("T")
_Reach = tuple[tuple[Grant, ...] | None, frozenset[UUID], str]
OF_NO_SECTOR: Final = {"of_no_sector": True}
"""The `info` of a table whose rows belong to no sector by nature, as its policy says too."""
OF_AN_OWNER: Final = {"of_an_owner": True}
"""The `info` of a table whose rows belong to one subject each (its `owner`), whatever grants others hold."""
_KEPT = 512
"""So many conditions are kept ready: to build one costs more than PostgreSQL needs to answer."""


class Xid8(UserDefinedType[str]):
    """PostgreSQL's 64-bit transaction id, kept as text on the way through the driver."""

    cache_ok = True

    def get_col_spec(self, **_: Any) -> str:
        return "xid8"


def aggregate_columns() -> list[Column[Any]]:
    """The columns that every aggregate's table begins with."""
    return [
        Column("id", PGUUID(as_uuid=True), primary_key=True),
        Column("version", Integer, nullable=False),
        Column("area_code", Text(collation="C"), nullable=False),
        Column("sectors", ARRAY(Text), nullable=False),
        Column("exercise", Boolean, nullable=False),
        Column("correlation_id", PGUUID(as_uuid=True), nullable=False),
        Column("created_at", DateTime(timezone=True), nullable=False),
        Column("updated_at", DateTime(timezone=True), nullable=False),
        Column("changed_in", Xid8(), nullable=False),
    ]


AGGREGATE_DDL = """id uuid PRIMARY KEY, version integer NOT NULL CHECK (version > 0),
  area_code text COLLATE "C" NOT NULL CHECK (area_code ~ '^[0-9]{12}$'), sectors text[] NOT NULL,
  exercise boolean NOT NULL, correlation_id uuid NOT NULL, created_at timestamptz NOT NULL,
  updated_at timestamptz NOT NULL, changed_in xid8 NOT NULL DEFAULT pg_current_xact_id()"""
"""The same columns for a migration's CREATE TABLE."""


def aggregate_indexes(schema: str, table: str) -> list[str]:
    """The indexes that lists by area, traces and `changes` cursors need."""
    return [
        f"CREATE INDEX ON {schema}.{table} (area_code, id)",
        f"CREATE INDEX ON {schema}.{table} (correlation_id)",
        f"CREATE INDEX ON {schema}.{table} (changed_in, id)",
    ]


_adapters: dict[Any, TypeAdapter[Any]] = {}
_fields: dict[Any, frozenset[str]] = {}


def _adapter(cls: Any) -> TypeAdapter[Any]:
    # Building one takes milliseconds, using it microseconds.
    return _adapters.get(cls) or _adapters.setdefault(cls, TypeAdapter(cls))


def _names(cls: Any) -> frozenset[str]:
    return _fields.get(cls) or _fields.setdefault(cls, frozenset(field.name for field in fields(cls)))


def load(cls: type[T], row: Row) -> T:
    """A row as its dataclass: JSONB becomes nested values, arrays tuples, text enums; other columns are left."""
    names = _names(cls)
    loaded: T = _adapter(cls).validate_python({name: value for name, value in row.items() if name in names})
    return loaded


def dump(table: Table, value: Any) -> dict[str, Any]:
    """A dataclass as column values; columns that are JSONB get plain JSON values."""
    adapter = _adapter(type(value))
    plain: dict[str, Any] = {}
    nested: dict[str, Any] | None = None
    for name in _names(type(value)):
        column = table.columns.get(name)
        if column is None:
            continue
        current = getattr(value, name)
        if isinstance(column.type, JSONB) and current is not None:
            nested = nested if nested is not None else adapter.dump_python(value, mode="json")
            plain[name] = nested[name]
        elif isinstance(current, tuple):
            plain[name] = list(current)
        else:
            plain[name] = current
    return plain


def visible(table: Table, scope: Scope) -> ColumnElement[bool]:
    """The first wall: rows that one grant covers by area and sector together, that one takes part in, or owns."""
    return _visible(table, *_reach_of(table, scope))


def _reach_of(table: Table, scope: Scope) -> _Reach:
    """What a condition is built of: all callers with the same grants and posts share one."""
    if scope.system is not None:
        return None, frozenset(), ""
    if table.info.get("of_an_owner"):
        return (), frozenset(), scope.subject
    return *seen_through(table, scope), ""


@lru_cache(_KEPT)
def _visible(
    table: Table, grants: tuple[Grant, ...] | None, posts: frozenset[UUID], owner: str
) -> ColumnElement[bool]:
    if grants is None:
        return true()
    if owner:
        return table.c.owner == owner
    reached = [_granted(table, grant) for grant in grants]
    if posts:
        taking_part = select(participants.c.aggregate_id).where(
            participants.c.party_id == any_(literal(sorted(posts), ARRAY(PGUUID(as_uuid=True)))),
            or_(participants.c.until.is_(None), participants.c.until > func.now()),
        )
        # As an array it is looked up by the key beside the areas' index; as a sub-select it would read every row.
        reached.append(table.c.id == any_(func.array(taking_part.scalar_subquery())))
    return or_(false(), *reached)


def _granted(table: Table, grant: Grant) -> ColumnElement[bool]:
    within = and_(table.c.area_code >= grant.area_from, table.c.area_code <= grant.area_to)
    triages = grant.role in TRIAGE_ROLES
    if grant.sectors is None:
        every = triages or table.info.get("of_no_sector", False)
        return within if every else and_(within, func.cardinality(table.c.sectors) > 0)
    shared = table.c.sectors.overlap(literal(list(grant.sectors), ARRAY(Text)))
    return and_(within, or_(shared, func.cardinality(table.c.sectors) == 0) if triages else shared)


def selected(table: Table, scope: Scope) -> Select[Any]:
    """Every read begins here: a select that takes a scope."""
    return _selected(table, *_reach_of(table, scope))


@lru_cache(_KEPT)
def _selected(table: Table, *reach: Any) -> Select[Any]:
    return select(table).where(_visible(table, *reach))


@lru_cache(_KEPT)
def _one(table: Table, *reach: Any, locked: bool) -> Select[Any]:
    """The select of the one row with the id `sought`."""
    statement = _selected(table, *reach).where(table.c.id == bindparam("sought"))
    return statement.with_for_update(of=table) if locked else statement


def known(table: Table) -> Select[Any]:
    """A select of reference data (areas, posts), which any caller with a scope may read."""
    return select(table)


async def find(tx: Tx, table: Table, cls: type[A], id: UUID) -> A:  # noqa: A002
    """The aggregate within the caller's scope; NotFound (404) for absent and for out of scope alike."""
    row = await tx.one_or_none(_one(table, *_reach_of(table, tx.scope), locked=False), {"sought": id})
    if row is None:
        raise NotFound(table.name, id)
    return met(tx.scope, load(cls, row))


async def lock(tx: Tx, table: Table, cls: type[A], id: UUID, expected: int | None = None) -> A:  # noqa: A002
    """The aggregate, locked until the transaction ends.

    Raises NotFound (404) outside the scope, and StaleVersion (412) when the caller has seen another version.
    """
    row = await tx.one_or_none(_one(table, *_reach_of(table, tx.scope), locked=True), {"sought": id})
    if row is None:
        raise NotFound(table.name, id)
    require_version(current := met(tx.scope, load(cls, row)), expected)
    return current


def require_version(current: Aggregate, expected: int | None) -> None:
    """Raise StaleVersion (412) when the caller has seen another version than the one that stands.

    A verb that locks and then asks for a role calls this after it asked: whoever may not do it learns no version.
    """
    if expected is not None and current.version != expected:
        raise StaleVersion(expected=expected, current=current.version)


@cache
def _insert(table: Table) -> Insert:
    return table.insert()


@cache
def _update(table: Table) -> Update:
    """The next version in place of the one that was read; the transaction's number feeds `changes` cursors."""
    read = and_(table.c.id == bindparam("read_id"), table.c.version == bindparam("read_version"))
    return table.update().where(read).values(changed_in=func.pg_current_xact_id())


async def record(
    tx: Tx,
    table: Table,
    after: A,
    event: Event,
    *,
    why: str = "",
    policy_version: str = "",
    parts: Iterable[tuple[UUID, str]] = (),
    columns: Mapping[str, Any] | None = None,
) -> A:
    """Write the next version of an aggregate with the one event that tells it, and its timeline row.

    `after.version` is the version that was read (0 for a new aggregate); the returned one is one higher.
    `parts` are (post or organisation, part it takes) that may see the row from now on; `columns` are values that the
    table keeps for its sweeps beside the aggregate's own fields.
    Raises StaleVersion when another transaction wrote in between.
    """
    if producer_of(event.type) != tx.service:
        raise ValueError(f"{tx.service} does not tell {event.type}")
    written: A = replace(after, version=after.version + 1)  # type: ignore[type-var]
    values = dump(table, written) | {"updated_at": tx.now} | dict(columns or {})
    if after.version == 0:
        await tx.execute(_insert(table), values | {"created_at": tx.now})
    else:
        result = await tx.execute(_update(table), values | {"read_id": after.id, "read_version": after.version})
        if result.rowcount != 1:
            raise StaleVersion(expected=after.version, current=None)
    taking = list(parts)
    await add_parts(tx, after.id, taking)
    parties = [party for party, _ in taking]
    await tell(tx, event, written, why=why, policy_version=policy_version, parties=parties)
    return written


async def record_new(tx: Tx, table: Table, added: Sequence[tuple[A, Event]]) -> list[A]:
    """Write many new aggregates, each with its one event and timeline row, in three round trips."""
    written: list[A] = [replace(after, version=1) for after, _ in added]  # type: ignore[type-var]
    if not written:
        return written
    moment = {"created_at": tx.now, "updated_at": tx.now}
    await tx.execute(_insert(table), [dump(table, one) | moment for one in written])
    events = [event for _, event in added]
    ids = await outbox.add_all(tx, list(zip(events, written, strict=True)))
    await timeline.append_all(
        tx,
        [
            timeline.Entry(id=id_, event_type=event.type, about=one, details=event.model_dump(mode="json"))
            for id_, event, one in zip(ids, events, written, strict=True)
        ],
    )
    return written
