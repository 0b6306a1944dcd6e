"""The verbs of documents: ask the registry for a trace, have its file made in a process apart, and sign it."""

from __future__ import annotations

import asyncio
import io
import os
import sys
import zipfile
from asyncio.subprocess import PIPE
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from hashlib import sha256
from pathlib import Path
from typing import Any, Final, Literal
from uuid import UUID

import orjson
import structlog

from gateway.services import ServiceClient
from gateway.signing import actions as signing
from gateway.signing.rules import SigningKey
from gateway.trace_documents.policies import WORDS
from gateway.trace_documents.rules import file_name, layout
from libs.common.clocks import system_now
from libs.common.crypto import Seals
from libs.common.db import Tx
from libs.common.languages import Said
from libs.common.problems import NotFound, Problem, Unavailable

log = structlog.get_logger("trace_documents")

Kind = Literal["pdf", "xlsx", "json", "zip"]
MEDIA_TYPES: Final[Mapping[str, str]] = {
    "pdf": "application/pdf",
    "xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
    "json": "application/json",
    "zip": "application/zip",
}
SIGNED: Final = "document+jwt"
"""The `typ` of a signature: no verifier of tokens takes it for one."""
_REGISTRY: Final = "responsibility_registry"
_MODULE: Final = "gateway.trace_documents.bulk"
_ROOT: Final = Path(__file__).parents[2]
_SECONDS: Final = 120.0
"""[DEF] Longer than the process's own limit of processor time takes on a busy machine."""
_AT_ONCE: Final = 2
_EPOCH: Final = (1980, 1, 1, 0, 0, 0)


class TraceAltered(Problem):
    """What the registry keeps does not have the hash that was told when the trace was made: nobody signs that."""

    status = 409
    code = "trace_altered"
    title = Said("倒查记录与其哈希不符", "The trace does not have its hash")
    advice = Said(
        "请勿使用该记录，并告知安全管理员核查时间线。",
        "Do not use it; tell the security administrator, who compares it with the timeline.",
    )


@dataclass(frozen=True, kw_only=True, slots=True)
class File:
    """One file of a trace, with what signs it."""

    name: str
    kind: str
    content: bytes
    signature: str


class DocumentMaker:
    """Makes documents in processes apart, at most so many at once: each takes a core for seconds."""

    def __init__(self) -> None:
        self._turns = asyncio.Semaphore(_AT_ONCE)

    async def make(self, trace: Mapping[str, Any], kind: str) -> bytes:
        """The bytes of the document as `pdf` or `xlsx`. Raises Unavailable (503) where it takes too much."""
        told = await asyncio.to_thread(_laid_out, trace)
        async with self._turns:
            child = await asyncio.create_subprocess_exec(
                sys.executable, "-m", _MODULE, kind, stdin=PIPE, stdout=PIPE, stderr=PIPE, cwd=_ROOT,
                env={"PATH": os.defpath},
            )  # fmt: skip
            try:
                made, complaint = await asyncio.wait_for(child.communicate(told), _SECONDS)
            except TimeoutError:
                raise Unavailable(part=kind) from None
            finally:
                if child.returncode is None:
                    child.kill()
                    await child.wait()
        if child.returncode != 0:
            said = complaint[-300:].decode(errors="replace")
            log.warning("document_not_made", trace=trace["id"], kind=kind, returncode=child.returncode, said=said)
            raise Unavailable(part=kind)
        return made


async def find_trace(services: ServiceClient, trace_id: UUID, headers: Mapping[str, str]) -> dict[str, Any]:
    """The trace as the registry shows it to the caller, who is noted there as one who looked.

    Raises NotFound, Unavailable (503), TraceAltered (409).
    """
    answer = await services.ask(_REGISTRY, f"/v1/liability-traces/{trace_id}", headers)
    if answer.missing is None and answer.status == 404:
        raise NotFound("liability_traces", trace_id)
    if answer.missing is not None or answer.status != 200:
        raise Unavailable(part=_REGISTRY)
    found: dict[str, Any] = answer.body
    if sha256(canonical(found)).hexdigest() != found["sha256"]:
        raise TraceAltered
    return found


def _laid_out(trace: Mapping[str, Any]) -> bytes:
    return orjson.dumps(layout(trace, WORDS))


def canonical(trace: Mapping[str, Any]) -> bytes:
    """The document's canonical JSON: UTF-8, keys sorted, no white space; its hash is the trace's `sha256`."""
    return orjson.dumps(trace["document"], option=orjson.OPT_SORT_KEYS)


async def document(maker: DocumentMaker, trace: Mapping[str, Any], kind: Kind) -> dict[str, bytes]:
    """The files of a trace by their kind: one, or all of those that go into an archive. Raises Unavailable."""
    wanted = ("json", "pdf", "xlsx") if kind == "zip" else (kind,)
    return {one: canonical(trace) if one == "json" else await maker.make(trace, one) for one in wanted}


async def sign(tx: Tx, seals: Seals, trace: Mapping[str, Any], kind: str, content: bytes, *, issuer: str) -> File:
    """The file with its signature: a JWS over its hash and the trace's, by the key that signs now, for ever."""
    name, at = file_name(trace, kind), system_now()
    claims = {
        "iss": issuer, "iat": int(at.timestamp()), "file": name, "media_type": MEDIA_TYPES[kind],
        "bytes": len(content), "sha256": sha256(content).hexdigest(), "trace_id": str(trace["id"]),
        "trace_sha256": trace["sha256"],
    }  # fmt: skip
    signature = await signing.sign(tx, seals, claims, at, kind=SIGNED)
    return File(name=name, kind=kind, content=content, signature=signature)


def archive(files: Mapping[str, File], keys: Mapping[str, Any]) -> bytes:
    """Every file with its signature beside it, and the public keys as they are published now."""
    target = io.BytesIO()
    with zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED) as packed:
        for one in files.values():
            _pack(packed, one.name, one.content)
            _pack(packed, f"{one.name}.jws", one.signature.encode())
        _pack(packed, "document-keys.json", orjson.dumps(dict(keys)))
    return target.getvalue()


def _pack(packed: zipfile.ZipFile, name: str, content: bytes) -> None:
    packed.writestr(zipfile.ZipInfo(name, _EPOCH), content, zipfile.ZIP_DEFLATED)


async def document_keys(tx: Tx) -> dict[str, Any]:
    """Every key that a document was ever signed with, from when until when it signed, and whether it leaked."""
    return {"keys": [_shown(one) for one in await signing.every_key(tx)]}


def _shown(key: SigningKey) -> dict[str, Any]:
    ends = {"retired_at": key.retired_at, "withdrawn_at": key.withdrawn_at}
    told = {name: None if at is None else _text(at) for name, at in ends.items()}
    return {**key.public, "signs_from": _text(key.signs_from), **told}


def _text(at: datetime) -> str:
    return at.astimezone(UTC).isoformat().replace("+00:00", "Z")
