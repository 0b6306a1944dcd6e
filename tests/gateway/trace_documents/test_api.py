"""Documents of traces through the running gateway: other programs read them, and verify them without us."""

from __future__ import annotations

import io
import zipfile
from hashlib import sha256
from typing import Any

import httpx
import openpyxl
import orjson
import pypdfium2
import pytest
from joserfc import jws
from joserfc.errors import BadSignatureError
from joserfc.jwk import ECKey

from gateway.trace_documents.actions import SIGNED
from tests.gateway.running import Running
from tests.gateway.stub_service import stubbed
from tests.gateway.trace_documents.traces import FOUND, TRACE_ID, document, order, trace

_PATH = f"/v1/liability-traces/{TRACE_ID}"


async def fetch(gateway: Running, kind: str, told: dict[str, Any] | None = None, status: int = 200) -> httpx.Response:
    with stubbed(gateway) as services:
        services.put("responsibility_registry", _PATH, told or trace(), status)
        return await gateway.http.get(
            f"/v1/trace-documents/{TRACE_ID}", params={"format": kind}, headers=await gateway.bearer(), timeout=120
        )


async def keys(gateway: Running) -> dict[str, Any]:
    answer = await gateway.http.get("/.well-known/document-keys.json")
    assert answer.status_code == 200
    return {key["kid"]: key for key in answer.json()["keys"]}


def verified(signature: str, known: dict[str, Any]) -> dict[str, Any]:
    """What anybody does with a signature and the published keys, and nothing else."""
    header = jws.extract_compact(signature.encode()).headers()
    key = ECKey.import_key({name: known[header["kid"]][name] for name in ("kty", "crv", "x", "y")})
    claims: dict[str, Any] = orjson.loads(jws.deserialize_compact(signature, key, algorithms=["ES256"]).payload)
    return claims


def pages(content: bytes) -> str:
    paper = pypdfium2.PdfDocument(content)
    return "".join(page.get_textpage().get_text_range() for page in paper)


async def test_another_reader_finds_the_facts_on_paper(gateway: Running) -> None:
    answer = await fetch(gateway, "pdf")
    assert answer.status_code == 200, answer.text
    assert answer.headers["content-type"] == "application/pdf"
    said = pages(answer.content)
    for fact in (
        "责任倒查报告", "网格三号岗", "task-427017000008", FOUND, "2026-12-03 02:14:40 +08:00", "催办",
        trace()["sha256"],
    ):  # fmt: skip
        assert fact in said


async def test_another_reader_finds_the_facts_in_the_sheets_and_no_formula(gateway: Running) -> None:
    told = trace(document(orders=[order(words="=HYPERLINK(1)")]))
    answer = await fetch(gateway, "xlsx", told)
    book = openpyxl.load_workbook(io.BytesIO(answer.content))
    cells = [cell for sheet in book for row in sheet.iter_rows() for cell in row]
    assert {"网格三号岗 Grid post three", "=HYPERLINK(1)", told["sha256"]} <= {cell.value for cell in cells}
    assert all(cell.data_type == "s" or cell.value is None for cell in cells)


async def test_the_signature_verifies_without_us_and_a_changed_byte_fails(gateway: Running) -> None:
    answer = await fetch(gateway, "pdf")
    claims = verified(answer.headers["document-signature"], await keys(gateway))
    assert claims["sha256"] == sha256(answer.content).hexdigest()
    assert (claims["trace_sha256"], claims["trace_id"]) == (trace()["sha256"], str(TRACE_ID))
    changed = bytearray(answer.content)
    changed[len(changed) // 2] ^= 1
    assert claims["sha256"] != sha256(changed).hexdigest()
    head, body, seal = answer.headers["document-signature"].split(".")
    forged = ".".join((head, body[:-2] + ("AA" if body[-2:] != "AA" else "BB"), seal))
    with pytest.raises((BadSignatureError, ValueError)):
        verified(forged, await keys(gateway))


async def test_the_same_trace_gives_the_same_bytes(gateway: Running) -> None:
    first, second = await fetch(gateway, "pdf"), await fetch(gateway, "pdf")
    assert first.content == second.content


async def test_the_archive_holds_every_form_with_its_signature_and_the_keys(gateway: Running) -> None:
    answer = await fetch(gateway, "zip")
    packed = zipfile.ZipFile(io.BytesIO(answer.content))
    known = {one["kid"]: one for one in orjson.loads(packed.read("document-keys.json"))["keys"]}
    for kind in ("json", "pdf", "xlsx"):
        name = f"trace-{TRACE_ID}.{kind}"
        claims = verified(packed.read(f"{name}.jws").decode(), known)
        assert claims["sha256"] == sha256(packed.read(name)).hexdigest()
    assert sha256(packed.read(f"trace-{TRACE_ID}.json")).hexdigest() == trace()["sha256"]
    assert "document-signature" not in answer.headers


async def test_a_signature_opens_no_door(gateway: Running) -> None:
    answer = await fetch(gateway, "json")
    signature = answer.headers["document-signature"]
    assert jws.extract_compact(signature.encode()).headers()["typ"] == SIGNED
    refused = await gateway.http.get("/v1/me", headers={"Authorization": f"Bearer {signature}"})
    assert refused.status_code == 401


async def test_what_does_not_have_its_hash_is_signed_by_nobody(gateway: Running) -> None:
    answer = await fetch(gateway, "pdf", trace() | {"document": document(area_code="331002004209")})
    assert (answer.status_code, answer.json()["code"]) == (409, "trace_altered")


async def test_what_the_registry_does_not_show_is_not_there(gateway: Running) -> None:
    missing = await fetch(gateway, "pdf", {"code": "not_found"}, 404)
    assert missing.status_code == 404
    away = await fetch(gateway, "pdf", {"code": "unavailable"}, 503)
    assert (away.status_code, away.json()["code"]) == (503, "unavailable")


async def test_nobody_gets_one_without_a_token_and_no_other_form_is_made(gateway: Running) -> None:
    bare = await gateway.http.get(f"/v1/trace-documents/{TRACE_ID}")
    assert bare.status_code == 401
    other = await fetch(gateway, "docx")
    assert other.status_code in (400, 422)


async def test_words_that_no_font_and_no_sheet_can_hold_break_nothing(gateway: Running) -> None:
    hostile = "𠮷野家\x01\x0b\n" + "长" * 5000 + "\u202e"
    told = trace(document(orders=[order(words=hostile, number="<b>**x**")]))
    for kind in ("pdf", "xlsx"):
        answer = await fetch(gateway, kind, told)
        assert answer.status_code == 200, answer.text
    assert "\u3013野家" in pages((await fetch(gateway, "pdf", told)).content)
