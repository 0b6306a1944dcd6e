"""A database with 20,000 rows behind row-level security, a caller who may see them, and servers over it."""

from __future__ import annotations

import json
import subprocess
import sys
import time
from collections.abc import AsyncIterator, Iterator, Sequence
from contextlib import asynccontextmanager, contextmanager
from dataclasses import dataclass
from pathlib import Path

import asyncpg
from joserfc import jwt
from joserfc.jwk import ECKey, KeySet

from infra.embedded.child import tied
from infra.ports import accepts, free_port
from libs.common.aggregates import AGGREGATE_DDL, aggregate_indexes
from libs.common.ddl.policies import scope_policy
from libs.common.ids import new_id
from libs.common.scope import Grant
from tests.bench.stack_apps import SCHEMA, Stage
from tests.cluster import Cluster, eventually

_ISSUER = "http://bench.test"
_ROWS = 20_000
_GRANTS = (
    Grant(area_from="331002000000", area_to="331002999999", sectors=frozenset({"fire", "housing"}), role="inspector"),
)


@dataclass(frozen=True, kw_only=True, slots=True)
class Set:
    """What is served, for whom, and where its files are."""

    stage: Stage
    file: Path
    headers: dict[str, str]
    row: str


@asynccontextmanager
async def stage_set(cluster: Cluster) -> AsyncIterator[Set]:
    """The rows, the caller and the key, until the block ends."""
    key = ECKey.generate_key("P-256", {"kid": "bench", "use": "sig", "alg": "ES256"})
    async with cluster.fresh_database() as database:
        stage = Stage(
            app_url=database.url(f"{SCHEMA}_app"), superuser_url=database.superuser_url, issuer=_ISSUER,
            jwks=json.dumps(KeySet([key]).as_dict(private=False)),
        )  # fmt: skip
        row = await _fill(database.superuser_url)
        await let_in(database.superuser_url, SCHEMA, _GRANTS)
        file = stage.write(cluster.home / "bench-stage.json")
        yield Set(stage=stage, file=file, headers={"Authorization": f"Bearer {_token(key)}"}, row=row)


async def _fill(url: str) -> str:
    """The table as a migration makes one, and its rows; returns the id of one."""
    connection = await asyncpg.connect(url)
    try:
        columns = "name text NOT NULL, rank integer NOT NULL"
        await connection.execute(f"CREATE TABLE {SCHEMA}.bench_notes ({AGGREGATE_DDL}, {columns})")
        for statement in (*scope_policy(SCHEMA, "bench_notes"), *aggregate_indexes(SCHEMA, "bench_notes")):
            await connection.execute(statement)
        await connection.execute(
            f"INSERT INTO {SCHEMA}.bench_notes SELECT uuidv7(), 1, '331002004208', '{{fire,housing}}', false,"
            " uuidv7(), now(), now(), pg_current_xact_id(), 'a', 1 FROM generate_series(1, $1::int)",
            _ROWS,
        )
        await connection.execute(f"ANALYZE {SCHEMA}.bench_notes")
        return str(await connection.fetchval(f"SELECT id FROM {SCHEMA}.bench_notes OFFSET 777 LIMIT 1"))
    finally:
        await connection.close()


async def let_in(url: str, schema: str, grants: Sequence[Grant]) -> None:
    """The caller whose token the set holds has these grants in a service's copy of rights, and one post."""
    held = [
        {
            "area_from": one.area_from, "area_to": one.area_to, "role": one.role, "post_id": None, "valid_from": None,
            "sectors": None if one.sectors is None else sorted(one.sectors), "valid_to": None,
        }
        for one in grants
    ]  # fmt: skip
    connection = await asyncpg.connect(url)
    try:
        await connection.execute(
            f"INSERT INTO {schema}.access_grants (id, subject, kind, version, posts, grants)"
            " VALUES ($1, 'bench', 'client', 1, jsonb_build_array(jsonb_build_object('post_id', $2::uuid)),"
            " $3::jsonb)",
            new_id(), new_id(), json.dumps(held),
        )  # fmt: skip
    finally:
        await connection.close()


def _token(key: ECKey) -> str:
    now = int(time.time())
    claims = {
        "iss": _ISSUER, "aud": "shoutu", "sub": "bench", "client_id": "bench", "jti": str(new_id()), "iat": now,
        "exp": now + 7200, "scope": "shoutu",
    }  # fmt: skip
    return jwt.encode({"alg": "ES256", "kid": "bench", "typ": "at+jwt"}, claims, key)


@contextmanager
def process(command: Sequence[object], log: Path) -> Iterator[None]:
    """A program for as long as the block lasts, its words in a file."""
    with log.open("w", encoding="utf-8") as words:
        program = subprocess.Popen([*tied(), *map(str, command)], stdout=words, stderr=subprocess.STDOUT)
        try:
            yield
        finally:
            program.terminate()
            program.wait(20)


@asynccontextmanager
async def served(kind: str, on: Set) -> AsyncIterator[int]:
    """One of the apps in a process of its own; the port it listens on."""
    port = free_port()
    command = [sys.executable, "-m", "tests.bench.stack_apps", kind, str(port), on.file]
    with process(command, on.file.with_suffix(f".{kind}.log")):
        await eventually(lambda: accepts(port), seconds=30, what=f"the app {kind}")
        yield port
