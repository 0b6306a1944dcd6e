"""The verbs of imports: check what is asked, find templates, and begin."""

from __future__ import annotations

from collections.abc import Mapping
from hashlib import sha256
from pathlib import Path
from typing import Any
from uuid import UUID

from gateway.imports.rules import UPLOAD_FILE
from gateway.jobs.actions import Wanted, find_job, folder_of, start_job
from gateway.jobs.actions_refused import TooManyJobs
from gateway.jobs.rules import Job
from gateway.spreadsheets import rules_schema
from gateway.spreadsheets.actions import columns_of_import, write_template
from gateway.spreadsheets.rules_schema import ImportRoute
from libs.common.db import Tx
from libs.common.languages import Said
from libs.common.problems import NotFound, Problem, Unavailable, Unprocessable

__all__ = [
    "KIND", "Job", "NoSuchImport", "TooManyJobs", "Wanted", "check", "folder_of", "show_again", "start_import",
    "template", "upload_of",
]  # fmt: skip
KIND = "import"


class NoSuchImport(Problem):
    """Nothing can be brought into that list by a file."""

    status = 422
    code = "no_such_import"
    title = Said("该列表不能导入", "Nothing can be imported there")
    advice = Said("可导入的列表见 known。", "`known` names the lists that take imports.")

    def __init__(self, known: list[str]) -> None:
        super().__init__(errors=[("#/list", self.code, self.advice)], known=known)


def check(document: Mapping[str, Any], path: str, mapping: Mapping[str, str]) -> ImportRoute:
    """The import behind a list. Raises NoSuchImport, Unprocessable (422) for a mapping to no field."""
    found = {one.list: one for one in rules_schema.imports(document)}
    if path not in found and document.get("x-missing"):
        raise Unavailable(part="openapi")
    if path not in found:
        raise NoSuchImport(sorted(found))
    fields = {one.field for one in columns_of_import(document, found[path])}
    unknown = [heading for heading, field in mapping.items() if field not in fields]
    if unknown:
        said = Said(
            f"字段须为以下之一：{'、'.join(sorted(fields))}。", f"A field is one of {', '.join(sorted(fields))}."
        )
        raise Unprocessable(errors=[(f"#/mapping/{heading[:60]}", "unknown_field", said) for heading in unknown])
    return found[path]


async def start_import(tx: Tx, wanted: Wanted) -> Job:
    """Begin to bring a file in that lies in the job's folder. Raises TooManyJobs (429)."""
    return await start_job(tx, wanted)


async def show_again(tx: Tx, job_id: UUID) -> Job:
    """The job that a first request started."""
    return await find_job(tx, job_id)


async def template(document: Mapping[str, Any], home: Path, noun: str, kind: str, language: str) -> Path:
    """The template of an import, written once for each state of the document. Raises NotFound, Unreadable."""
    found = next((one for one in rules_schema.imports(document) if one.noun == noun), None)
    if found is None:
        raise NotFound("imports/templates", f"{noun}.{kind}")
    columns = columns_of_import(document, found)
    folder = home / "jobs" / "templates"
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    # The same columns make the same file: a changed form makes another.
    mark = sha256(repr((columns, language)).encode()).hexdigest()[:16]
    target = folder / f"{noun}-{language}-{mark}.{kind}"
    if not target.exists():
        await write_template(target, columns, kind=kind, language=language, noun=noun)
    return target


def upload_of(home: Path, job_id: UUID) -> Path:
    """Where the file of an import is put before its job begins; nobody else may look into it."""
    folder = folder_of(home, job_id)
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    return folder / UPLOAD_FILE
