"""A slice of no service over a real table, and its app."""

from dataclasses import dataclass, replace
from typing import Any
from uuid import UUID

import httpx
from pydantic import BaseModel, ConfigDict
from sqlalchemy import Column, Integer, MetaData, Table, Text, text
from starlette.responses import Response

from libs.common.aggregates import AGGREGATE_DDL, aggregate_columns, aggregate_indexes, find, load, lock, selected
from libs.common.changes import AskedSince, changes, listed_changes
from libs.common.db import Tx
from libs.common.ddl.policies import scope_policy
from libs.common.doors import Change, Read, Write
from libs.common.forms import Form, ImportedOut, Items, show_import
from libs.common.ids import new_id
from libs.common.imports import Imported
from libs.common.pagination import Asked, listed, page
from libs.common.scope import Grant, Scope
from libs.common.strict_routes import router
from libs.common.tokens import Principal
from libs.common.web import ServiceApp, create_service_app
from tests.common.counter_service import runtime
from tests.common.plumbed import SCHEMA, Plumbed

HERE, ELSEWHERE = "331002000000", "331003000000"
notes = Table(
    "notes", MetaData(), *aggregate_columns(), Column("name", Text), Column("rank", Integer, nullable=False)
)


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


class NoteIn(BaseModel):
    model_config = ConfigDict(extra="forbid")
    id: UUID | None = None
    name: str
    rank: int = 0
    area_code: str = HERE


class NoteRow(Form):
    """A row of an import."""

    name: str


class NoteOut(BaseModel):
    id: UUID
    version: int
    name: str

    @classmethod
    def of(cls, note: Note, scope: Scope) -> "NoteOut":
        return cls(id=note.id, version=note.version, name=note.name)


async def add_note(tx: Tx, body: NoteIn) -> Note:
    note = {
        "id": body.id or new_id(), "version": 1, "area_code": body.area_code, "sectors": ["fire"],
        "exercise": False, "correlation_id": new_id(), "name": body.name, "rank": body.rank,
    }  # fmt: skip
    times = {"created_at": tx.now, "updated_at": tx.now, "changed_in": text("pg_current_xact_id()")}
    await tx.execute(notes.insert().values(note | times))
    return Note(**(note | {"sectors": ("fire",)}))


async def find_note(tx: Tx, note_id: UUID) -> Note:
    return await find(tx, notes, Note, note_id)


async def rename_note(tx: Tx, note_id: UUID, name: str, expected: int | None) -> Note:
    before = await lock(tx, notes, Note, note_id, expected)
    values = {"name": name, "version": before.version + 1, "changed_in": text("pg_current_xact_id()")}
    await tx.execute(notes.update().where(notes.c.id == note_id).values(values))
    return await find_note(tx, note_id)


def load_note(row: Any) -> Note:
    return load(Note, row)


slice_router = router("notes")


@slice_router.post("/v1/notes", status_code=201, response_model=NoteOut)
async def add(body: NoteIn, door: Write) -> Response:
    return await door.perform(lambda tx: add_note(tx, body), NoteOut.of, show_again=find_note)


@slice_router.post("/v1/notes/import", response_model=ImportedOut)
async def import_notes(body: Items[NoteRow], door: Write) -> Response:
    async def verb(tx: Tx) -> Imported:
        for one in body.items:
            await add_note(tx, NoteIn(name=one.name))
        return Imported(created=len(body.items), updated=0, unchanged=0)

    return await door.perform(verb, show_import)


@slice_router.get("/v1/notes", response_model=dict)
async def list_notes(asked: Asked, door: Read, name: str | None = None) -> Response:
    async def found(tx: Tx) -> Any:
        statement = selected(notes, tx.scope)
        if name is not None:
            statement = statement.where(notes.c.name == name)
        keys = [(notes.c.rank, "desc"), (notes.c.id, "asc")]
        return await page(tx, statement, keys=keys, asked=asked, load=load_note, fingerprint={"name": name})

    return await door.look(found, listed(NoteOut.of))


@slice_router.get("/v1/notes/changes", response_model=dict)
async def changed_notes(since: AskedSince, door: Read) -> Response:
    return await door.look(
        lambda tx: changes(tx, selected(notes, tx.scope), notes, since=since, load=load_note),
        listed_changes(NoteOut.of),
    )


@slice_router.get("/v1/notes/{note_id}", response_model=NoteOut)
async def show(note_id: UUID, door: Read) -> Response:
    return await door.look(lambda tx: find_note(tx, note_id), NoteOut.of)


@slice_router.post("/v1/notes/{note_id}/rename", response_model=NoteOut)
async def rename(note_id: UUID, body: NoteIn, door: Change) -> Response:
    return await door.perform(
        lambda tx: rename_note(tx, note_id, body.name, door.expected_version), NoteOut.of, show_again=find_note
    )


@slice_router.post("/v1/notes/{note_id}/twice", response_model=NoteOut)
async def raise_half_way(note_id: UUID, door: Write) -> Response:
    async def verb(tx: Tx) -> Note:
        await rename_note(tx, note_id, "half", None)
        raise ConnectionResetError

    return await door.perform(verb, NoteOut.of)


async def scope_of(tx: Tx, who: Principal, acting_post: UUID | None) -> Scope:
    """Zhang is an inspector here, everybody else in another county."""
    area = HERE if who.subject == "zhang" else ELSEWHERE
    grant = Grant(area_from=area, area_to=area[:6] + "999999", sectors=None, role="inspector")
    return Scope(subject=who.subject, client_id=who.client_id, grants=(grant,))


async def notes_app(plumbed: Plumbed) -> ServiceApp:
    """The app over a fresh table of notes."""
    await plumbed.superuser.execute(
        f"CREATE TABLE {SCHEMA}.notes ({AGGREGATE_DDL}, name text NOT NULL CHECK (name <> ''), rank integer NOT NULL)"
    )
    for statement in (*scope_policy(SCHEMA, "notes"), *aggregate_indexes(SCHEMA, "notes")):
        await plumbed.superuser.execute(statement)
    return create_service_app(replace(runtime(plumbed.app), scope_of=scope_of), [slice_router], title="Notes")


def code(answer: httpx.Response) -> tuple[int, str]:
    """Status and code of a problem."""
    assert answer.headers["content-type"] == "application/problem+json", answer.text
    return answer.status_code, answer.json()["code"]
