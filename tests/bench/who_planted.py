"""A registry of any size, planted in the database: posts and assignments of every area, after the demonstration city.

Each post and duty that the city's data give to an area of a tier is given to every area of that tier. An assignment
has a predecessor that ended, as after the first change of a city's list. What is not asked about is not planted: the
rows that guard first-responsible posts, and the events by which all of this would have been told.
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import UTC, datetime

import asyncpg

from infra.city.areas import level_of
from infra.city.data_files import CityData
from tests.bench.country import Area

SCHEMA = "responsibility_registry"
_ERAS = (
    (datetime(2024, 1, 1, tzinfo=UTC), datetime(2026, 1, 1, tzinfo=UTC)),
    (datetime(2026, 1, 1, tzinfo=UTC), None),
)
"""The list before, and the one that is in force."""
_HEAD = "1, area_code, {sectors}, false, id, now(), now(), pg_current_xact_id()"
_TABLES = """
  CREATE TEMP TABLE places (code text COLLATE "C", name text, level text, parent_code text);
  CREATE TEMP TABLE kinds (number int, kind text, tier text);
  CREATE TEMP TABLE claims
    (number int, kind int, tier text, link text, categories text[], sectors text[], clause text);
  CREATE TEMP TABLE eras (number int, valid_from timestamptz, valid_to timestamptz)"""
# Ids say their area, post and era in hexadecimal digits: they need no join, and come in the order of the indexes.
_AREAS = f"""
  INSERT INTO areas (id, version, area_code, sectors, exercise, correlation_id, created_at, updated_at, changed_in,
    code, name, level, parent_code, valid_from)
  SELECT id, {_HEAD.format(sectors="'{}'")}, area_code, name, level, parent_code, '2020-01-01'
  FROM (SELECT rpad(code, 32, '0')::uuid AS id, code AS area_code, * FROM places) AS made"""
_POSTS = f"""
  INSERT INTO posts (id, version, area_code, sectors, exercise, correlation_id, created_at, updated_at, changed_in,
    code, name_zh, name_en, kind, tier, organization, vacant, shared)
  SELECT id, {_HEAD.format(sectors="'{}'")}, kind || area_code, name, kind, kind, tier, name, number % 50 = 0, false
  FROM (SELECT rpad(code || lpad(number::text, 4, '0'), 32, '0')::uuid AS id, code AS area_code, name, kinds.*
        FROM places JOIN kinds ON kinds.tier = places.level ORDER BY code) AS made"""
_DUTIES = f"""
  INSERT INTO duties (id, version, area_code, sectors, exercise, correlation_id, created_at, updated_at, changed_in,
    post_id, role, categories, clause, valid_from, valid_to, ended_reason)
  SELECT id, {_HEAD.format(sectors="sectors")}, post_id, link, categories, clause, valid_from, valid_to,
    CASE WHEN valid_to IS NULL THEN '' ELSE 'a new list' END
  FROM (SELECT rpad(code || lpad(claims.number::text, 4, '0') || eras.number, 32, '0')::uuid AS id,
          code AS area_code, claims.sectors, link, categories, clause, valid_from, valid_to,
          rpad(code || lpad(kind::text, 4, '0'), 32, '0')::uuid AS post_id
        FROM places JOIN claims ON claims.tier = places.level CROSS JOIN eras ORDER BY code) AS made"""
_ROW = "1, 'bench', 'bench', area_code, sectors, false, correlation_id, sha256(id::text::bytea)"
_TIMELINE = f"""
  INSERT INTO timeline (id, occurred_at, service, event_type, aggregate_id, aggregate_version, actor_subject,
    client_id, area_code, sectors, exercise, correlation_id, commitment)
  SELECT id, '2026-01-01', '{SCHEMA}', '{SCHEMA}.{{fact}}.v1', id, {_ROW} FROM {{table}}
  WHERE area_code BETWEEN $1 AND $2"""
_DETAILS = """
  INSERT INTO timeline_details (id, salt, details, why)
  SELECT id, ''::bytea, {told}, '' FROM {table} WHERE area_code BETWEEN $1 AND $2"""
_DUTY_TOLD = """json_build_object('post_id', post_id, 'area_code', area_code, 'link', role, 'categories', categories,
  'sectors', sectors, 'valid_from', valid_from, 'valid_to', valid_to, 'clause', clause)"""
_POST_TOLD = """json_build_object('state', json_build_object('name_zh', name_zh, 'name_en', name_en, 'kind', kind,
  'vacant', vacant, 'substitute_post_id', substitute_post_id))"""
_INDEXES = """
  SELECT indexrelid::regclass::text AS name, pg_get_indexdef(indexrelid) AS made_by FROM pg_index
  WHERE indrelid = $1::regclass AND NOT EXISTS (SELECT FROM pg_constraint WHERE conindid = indexrelid)"""


@dataclass(frozen=True, kw_only=True, slots=True)
class Planted:
    """How much there is. `recorded`: rows about duties and posts in the timeline, which one province has."""

    areas: int
    posts: int
    duties: int
    recorded: int


async def plant(url: str, areas: Sequence[Area], data: CityData, known_in: tuple[str, str]) -> Planted:
    """Fill an empty, migrated registry as its superuser; `known_in` is the range of areas whose duties and posts are
    on record in the timeline too."""
    connection = await asyncpg.connect(url, server_settings={"search_path": SCHEMA})
    try:
        # References are not checked and triggers do not run: what is planted is made by one rule.
        await connection.execute("SET session_replication_role = replica; SET maintenance_work_mem = '256MB'")
        await _tell(connection, areas, data)
        counts = [await _fill(connection, table, how) for table, how in _FILLED]
        recorded = await _record(connection, known_in)
        await connection.execute("VACUUM ANALYZE")
    finally:
        await connection.close()
    return Planted(areas=counts[0], posts=counts[1], duties=counts[2], recorded=recorded)


_FILLED = (("areas", _AREAS), ("posts", _POSTS), ("duties", _DUTIES))


async def _tell(connection: asyncpg.Connection, areas: Sequence[Area], data: CityData) -> None:
    await connection.execute(_TABLES)
    places = [(one.code, one.name, level_of(one.code).value, None) for one in areas]
    await connection.copy_records_to_table("places", records=places, schema_name="pg_temp")
    tiers = {one.kind: one.area_tier.value for one in data.posts.posts}
    numbers = {kind: number for number, kind in enumerate(dict.fromkeys(one.post for one in data.duties), start=1)}
    kinds = [(number, kind, tiers[kind]) for kind, number in numbers.items()]
    await connection.copy_records_to_table("kinds", records=kinds, schema_name="pg_temp")
    claims = [
        (number, numbers[one.post], tiers[one.post], one.link.value, one.categories, one.sectors, one.clause)
        for number, one in enumerate(data.duties, start=1)
    ]
    await connection.copy_records_to_table("claims", records=claims, schema_name="pg_temp")
    eras = [(number, *era) for number, era in enumerate(_ERAS, start=1)]
    await connection.copy_records_to_table("eras", records=eras, schema_name="pg_temp")


async def _fill(connection: asyncpg.Connection, table: str, how: str) -> int:
    async with _without_indexes(connection, table):
        return int((await connection.execute(how)).rpartition(" ")[2])


async def _record(connection: asyncpg.Connection, known_in: tuple[str, str]) -> int:
    async with _without_indexes(connection, "timeline"):
        recorded = 0
        for table, fact, told in (("duties", "duty.assigned", _DUTY_TOLD), ("posts", "post.registered", _POST_TOLD)):
            done = await connection.execute(_TIMELINE.format(fact=fact, table=table), *known_in)
            await connection.execute(_DETAILS.format(told=told, table=table), *known_in)
            recorded += int(done.rpartition(" ")[2])
    return recorded


@asynccontextmanager
async def _without_indexes(connection: asyncpg.Connection, table: str) -> AsyncIterator[None]:
    """Its indexes are made again at the end, at once for all rows."""
    indexes = await connection.fetch(_INDEXES, table)
    for one in indexes:
        await connection.execute(f"DROP INDEX {one['name']}")
    yield
    for one in indexes:
        await connection.execute(one["made_by"])
