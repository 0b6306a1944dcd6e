"""Small files that come in: good ones, cut off ones, bombs, tables, and ones that are two things at once."""

from __future__ import annotations

from gateway.file_kinds import TAKEN
from tests.gateway.uploads import jpeg, movie, package, pdf

PART = "application/offset+octet-stream"
_PHOTO = jpeg((64, 48))
_PAPER = pdf()
FILES = (
    _PHOTO,
    _PHOTO[: len(_PHOTO) // 2],
    _PHOTO + b"<script>alert(1)</script>",
    _PHOTO + package(),
    b"GIF89a" + _PHOTO,
    _PAPER,
    _PAPER + _PHOTO,
    b"\x00" * 20 + _PAPER,
    package(),
    package("xl/workbook.xml"),
    package()[:-30],
    movie(),
    package("xl/workbook.xml", **{"xl/worksheets/sheet1.xml": bytes(30_000_000)}),
    "code,name\r\n331002004208,沙北村\r\n".encode(),
    "code,name\n331002004208,沙北村\n".encode("gbk"),
    b"=cmd|' /C calc'!A0,name\n\x00,1\n",
    b'{"code":"331002004208"}\n{"code":\n',
    b"<?xml version='1.0'?><!DOCTYPE a [<!ENTITY b SYSTEM 'file:///etc/passwd'>]><a>&b;</a>",
    b"<svg xmlns='http://www.w3.org/2000/svg' onload='alert(1)'/>",
    b"MZ" + b"\x00" * 200,
    b"\xff" * 1_000,
    b"\x00",
    b"",
)


def file_types() -> tuple[str, ...]:
    """Every media type of a file or table that the front door takes."""
    return (*TAKEN, "application/octet-stream", PART, "text/csv", "application/x-ndjson")
