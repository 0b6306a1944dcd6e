"""What the stack is measured with: two routes inside a service's whole stack, and the same two bare.

Run as a process of its own: `python -m tests.bench.stack_apps <ours|registry|bare|by_hand> <port> <the rest's file>`.
"""

from __future__ import annotations

import json
import sys
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any
from uuid import UUID

import asyncpg
import uvicorn
from fastapi import FastAPI
from joserfc.jwk import Key, KeySet
from pydantic import BaseModel, SecretStr
from sqlalchemy import Column, Integer, MetaData, Table, Text, select
from sqlalchemy.ext.asyncio import create_async_engine
from starlette.requests import Request
from starlette.responses import Response

from libs.common.access import ScopesOfCallers
from libs.common.aggregates import aggregate_columns, find
from libs.common.db import Database
from libs.common.doors import Read
from libs.common.http_runtime import HttpRuntime
from libs.common.logs import configure_logs
from libs.common.scope import Scope
from libs.common.settings import ServiceSettings
from libs.common.strict_routes import router
from libs.common.telemetry import Telemetry
from libs.common.tokens import TokenVerifier
from libs.common.web import create_service_app
from services.responsibility_registry.app import SERVICE

SCHEMA = "risk_grading"
NOTHING, READ = "/v1/warnings", "/v1/hazards"
"""Two nouns that the gateway knows, so that it can stand in front of them too."""
POOL = 12

notes = Table("bench_notes", MetaData(), *aggregate_columns(), Column("name", Text), Column("rank", Integer))


@dataclass(frozen=True, kw_only=True, slots=True)
class Stage:
    """What the served apps have to know."""

    app_url: str
    superuser_url: str
    issuer: str
    jwks: str

    def write(self, path: Path) -> Path:
        """Hand it to another process."""
        path.write_text(json.dumps(asdict(self)), "utf-8")
        path.chmod(0o600)
        return path


@dataclass(frozen=True, kw_only=True, slots=True)
class Note:
    """An aggregate of no service."""

    id: UUID
    version: int
    area_code: str
    sectors: tuple[str, ...]
    exercise: bool
    correlation_id: UUID
    name: str
    rank: int


class NoteOut(BaseModel):
    """What every one of the routes answers."""

    id: UUID
    version: int
    name: str
    rank: int

    @classmethod
    def of(cls, note: Note, scope: Scope) -> NoteOut:
        """How it is shown."""
        return cls(id=note.id, version=note.version, name=note.name, rank=note.rank)


class _Known:
    """The keys of the bench's own issuer."""

    def __init__(self, jwks: str) -> None:
        self._keys = {str(key.kid): key for key in KeySet.import_key_set(json.loads(jwks)).keys}

    async def find(self, kid: str, algorithm: str) -> Key | None:
        """The key of that id."""
        return self._keys.get(kid)


def ours(stage: Stage) -> FastAPI:
    """A service as it ships: token, scope looked up in the transaction, trace at 1 %, metrics, log, problems."""
    routes = router("bench")

    @routes.get(NOTHING + "/{note_id}", response_model=NoteOut)
    async def nothing(note_id: UUID, door: Read) -> Response:
        return door.answer(NoteOut(id=note_id, version=1, name="a", rank=1))

    @routes.get(READ + "/{note_id}", response_model=NoteOut)
    async def read(note_id: UUID, door: Read) -> Response:
        return await door.look(lambda tx: find(tx, notes, Note, note_id), NoteOut.of)

    return create_service_app(_runtime(stage, SCHEMA), [routes], title="Bench")


def registry(stage: Stage) -> FastAPI:
    """The responsibility registry's own routes in the same stack: no listener, relay or watch beside them."""
    return create_service_app(_runtime(stage, SERVICE.name), SERVICE.routers, title=SERVICE.title)


def _runtime(stage: Stage, service: str) -> HttpRuntime:
    settings = ServiceSettings(service=service, database_url=SecretStr(stage.app_url), issuer=stage.issuer)
    configure_logs(settings.log_level, service=service)
    return HttpRuntime(
        settings=settings,
        database=Database(stage.app_url, service=service, pool_size=POOL),
        scope_of=ScopesOfCallers().find,
        tokens=TokenVerifier(issuer=stage.issuer, audience="shoutu", keys=_Known(stage.jwks)),
        telemetry=Telemetry(service, sample=settings.trace_sample),
    )


def bare(stage: Stage) -> FastAPI:
    """The same typed routes on FastAPI and SQLAlchemy alone: no token, no scope, nobody watching, every row seen."""
    engine = create_async_engine(
        stage.superuser_url.replace("postgresql:", "postgresql+asyncpg:"), pool_size=POOL, max_overflow=0
    )
    seen = notes.to_metadata(MetaData(), schema=SCHEMA)

    async def read(note_id: UUID) -> NoteOut:
        async with engine.begin() as connection:
            row = (await connection.execute(select(seen).where(seen.c.id == note_id))).mappings().one()
            return NoteOut(id=row["id"], version=row["version"], name=row["name"], rank=row["rank"])

    return _bare(read)


def by_hand(stage: Stage) -> FastAPI:
    """The same without SQLAlchemy: the least that a transaction can cost in Python."""
    statement = f"SELECT * FROM {SCHEMA}.bench_notes WHERE id = $1"

    @asynccontextmanager
    async def living(app: FastAPI) -> AsyncIterator[None]:
        async with asyncpg.create_pool(stage.superuser_url, min_size=0, max_size=POOL) as app.state.pool:
            yield

    async def read(note_id: UUID, request: Request) -> NoteOut:
        async with request.app.state.pool.acquire() as connection, connection.transaction():
            row = await connection.fetchrow(statement, note_id)
            return NoteOut(id=row["id"], version=row["version"], name=row["name"], rank=row["rank"])

    return _bare(read, living)


def _bare(read: Callable[..., object], living: Any = None) -> FastAPI:
    app = FastAPI(lifespan=living)

    @app.get(NOTHING + "/{note_id}")
    async def nothing(note_id: UUID) -> NoteOut:
        return NoteOut(id=note_id, version=1, name="a", rank=1)

    app.get(READ + "/{note_id}", response_model=NoteOut)(read)
    return app


APPS: dict[str, Callable[[Stage], FastAPI]] = {"ours": ours, "registry": registry, "bare": bare, "by_hand": by_hand}


def main() -> None:
    """Serve one of them, each the same way."""
    kind, port, file = sys.argv[1:]
    app = APPS[kind](Stage(**json.loads(Path(file).read_text("utf-8"))))
    uvicorn.run(
        app, host="127.0.0.1", port=int(port), loop="uvloop", http="httptools", access_log=False,
        log_level="warning",
    )  # fmt: skip


if __name__ == "__main__":
    main()
