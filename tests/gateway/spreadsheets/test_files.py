"""Files as offices and enemies write them: read where they can be, and otherwise refused in words, within bounds."""

from __future__ import annotations

import asyncio
import io
import zipfile
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import openpyxl
import orjson
import pytest

from gateway.imports.rules_files import FILE_FAULTS
from gateway.spreadsheets.actions import Unreadable, read_file, write_file, write_template
from gateway.spreadsheets.bulk_read import FileWrong, kind_of, lines_of
from gateway.spreadsheets.bulk_rows import Reading, read_rows
from gateway.spreadsheets.rules import Column, Kind, Word

COLUMNS = (
    Column(field="code", kind=Kind.TEXT, zh="编码", en="Code", required=True, pattern="^[0-9]{4}$"),
    Column(field="name", kind=Kind.TEXT, zh="名称", en="Name", required=True, longest=20),
    Column(
        field="sectors", kind=Kind.TEXTS, zh="行业", en="Sectors", words=(Word(code="fire", zh="消防", en="Fire"),)
    ),
)
CSV = "编码,名称,行业\n0001,一号,消防\n"
GOOD = [{"code": "0001", "name": "一号", "sectors": ["fire"]}]


def read(folder: Path, content: bytes, mapping: Mapping[str, str] | None = None) -> tuple[list[Any], Reading]:
    source, target = folder / "upload", folder / "rows"
    source.write_bytes(content)
    told = read_rows(source, target, COLUMNS, ["code"], mapping or {}, "")
    return [orjson.loads(line)["item"] for line in target.read_bytes().splitlines()], told


def refused(folder: Path, content: bytes) -> str:
    with pytest.raises(FileWrong) as wrong:
        read(folder, content)
    assert wrong.value.code in FILE_FAULTS
    return wrong.value.code


def sheet(*rows: Any, change: Any = None) -> bytes:
    book = openpyxl.Workbook()
    active = book.active
    assert active is not None
    for row in rows:
        active.append(row)
    if change:
        change(book, active)
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()


HEADINGS = ("编码", "名称", "行业")


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "gb18030"])
@pytest.mark.parametrize("ends", ["\n", "\r\n", "\r"])
def test_text_is_read_in_the_encodings_and_line_ends_that_offices_write(
    tmp_path: Path, encoding: str, ends: str
) -> None:
    assert read(tmp_path, CSV.replace("\n", ends).encode(encoding))[0] == GOOD


def test_mixed_line_ends_tabs_and_semicolons_are_read(tmp_path: Path) -> None:
    assert read(tmp_path, "编码,名称\r\n0001,一\n0002,二\r0003,三".encode())[1].rows == 3
    for sign in ("\t", ";"):
        assert read(tmp_path, CSV.replace(",", sign).encode())[0] == GOOD


def test_a_title_above_the_headings_an_example_row_and_empty_rows_are_passed_over(tmp_path: Path) -> None:
    text = "某镇岗位表,,\n\n编码,名称,行业\n示例:0009,例,\n,,\n0001,一号,消防\n"
    rows, told = read(tmp_path, text.encode())
    assert (rows, told.faulty) == (GOOD, 0)


def test_json_lines_are_read_and_their_faults_told_by_line(tmp_path: Path) -> None:
    lines = [b'{"code":"0001","name":"a"}', b"", b"{broken", b"[1]", b'{"code":"\\ud800"}', b'{"code":"0001"}']
    rows, told = read(tmp_path, b"\n".join(lines))
    assert rows == [{"code": "0001", "name": "a"}]
    assert [(one["row"], one["code"]) for one in told.faults] == [
        (3, "invalid_json"), (4, "wrong_type"), (5, "invalid_json"), (6, "row_twice"),
    ]  # fmt: skip


def test_depth_is_bounded_in_json_lines(tmp_path: Path) -> None:
    deep = b'{"code":' + b"[" * 200 + b"]" * 200 + b"}"
    assert read(tmp_path, deep)[1].faults[0]["code"] == "wrong_type"


def test_a_column_without_a_known_heading_is_told_with_what_may_be_meant(tmp_path: Path) -> None:
    rows, told = read(tmp_path, "编码,名稱,行业\n0001,一号,消防\n".encode())
    assert rows == []
    assert [(one["cell"], one["code"]) for one in told.faults] == [("B1", "unknown_column"), ("A1", "column_missing")]
    assert "名称" in told.faults[0]["zh"]
    assert read(tmp_path, "编码,名稱,行业\n0001,一号,消防\n".encode(), {"名稱": "name"})[0] == GOOD


@pytest.mark.parametrize(
    ("content", "code"),
    [
        (b"", "empty_file"), (b"  \n\n", "empty_file"),
        (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + b"x" * 600, "old_workbook"),
        (b"PK\x03\x04" + b"x" * 100, "broken_workbook"), ("编码,名称\n1,\x00\n".encode(), "nul_in_text"),
        (b"\xff\xff\xff\xff,\xff", "unknown_encoding"), ('编码,名称\n1,"a"b\n'.encode(), "broken_text"),
        ("编码,名称\n".encode() + b"," * 5000 + b"\n", "too_many_columns"), (b"a" * (3 << 20), "line_too_long"),
        (b'{"a":"' + b"a" * (3 << 20) + b'"}', "line_too_long"), (b"just one word", "no_headings"),
    ],
)  # fmt: skip
def test_what_is_no_such_file_is_refused_with_a_code(tmp_path: Path, content: bytes, code: str) -> None:
    assert refused(tmp_path, content) == code


def test_a_row_of_a_million_columns_is_refused_before_it_is_looked_at(tmp_path: Path) -> None:
    assert refused(tmp_path, "编码,名称\n".encode() + b"," * 1_000_000 + b"\n") == "too_many_columns"


def test_hidden_sheets_are_passed_over_and_merged_rows_told(tmp_path: Path) -> None:
    def change(book: Any, active: Any) -> None:
        hidden = book.create_sheet("secret", 0)
        hidden.append(("编码", "名称"))
        hidden.append(("0007", "hidden"))
        hidden.sheet_state = "hidden"
        active.merge_cells("B3:B4")

    content = sheet(HEADINGS, ("0001", "一号", "消防"), ("0002", "二号", ""), ("0003", "", ""), change=change)
    rows, told = read(tmp_path, content)
    assert rows == GOOD
    assert [(one["cell"], one["code"]) for one in told.faults] == [("A3", "merged_cells"), ("A4", "merged_cells")]


def test_a_formula_counts_by_its_value_and_never_by_its_text(tmp_path: Path) -> None:
    content = sheet(HEADINGS, ("0001", '=HYPERLINK("http://x","y")', ""))
    assert read(tmp_path, content)[1].faults[0]["code"] == "missing"


def _zip(parts: Mapping[str, bytes]) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in parts.items():
            archive.writestr(name, content)
    return out.getvalue()


def _replaced(content: bytes, name: str, by: bytes) -> bytes:
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        parts = {one: archive.read(one) for one in archive.namelist()}
    return _zip(parts | {name: by})


def test_bombs_are_refused_before_anything_is_unpacked(tmp_path: Path) -> None:
    many = _zip({f"xl/{number}.xml": b"" for number in range(3000)})
    large = _replaced(sheet(HEADINGS), "xl/worksheets/sheet1.xml", b" " * (40 << 20))
    assert [refused(tmp_path, one) for one in (many, large)] == ["suspicious_workbook", "suspicious_workbook"]


def test_entities_of_a_sheet_are_never_expanded(tmp_path: Path) -> None:
    laughs = (
        b'<?xml version="1.0"?><!DOCTYPE x [<!ENTITY a "aaaaaaaaaa"><!ENTITY b "&a;&a;&a;&a;&a;&a;&a;&a;&a;&a;">'
        b'<!ENTITY f SYSTEM "file:///etc/passwd">]><worksheet xmlns="http://schemas.openxmlformats.org/'
        b'spreadsheetml/2006/main"><sheetData><row r="1"><c r="A1" t="inlineStr"><is><t>&b;&f;</t></is></c></row>'
        b"</sheetData></worksheet>"
    )
    source = tmp_path / "upload"
    source.write_bytes(_replaced(sheet(HEADINGS), "xl/worksheets/sheet1.xml", laughs))
    try:
        said = str([line.cells for line in lines_of(source, "xlsx")])
    except FileWrong as wrong:
        said = wrong.code
    assert "root:" not in said
    assert "aaaaaaaaaa" not in said


async def test_a_sheet_that_would_fill_the_memory_ends_its_own_process_only(tmp_path: Path) -> None:
    far = (
        b'<?xml version="1.0"?><worksheet xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main"><sheetData>'
        b'<row r="1"><c r="A1" t="inlineStr"><is><t>x</t></is></c></row>'
        b'<row r="1048576"><c r="XFD1048576" t="inlineStr"><is><t>y</t></is></c></row></sheetData></worksheet>'
    )
    source = tmp_path / "upload"
    source.write_bytes(_replaced(sheet(HEADINGS), "xl/worksheets/sheet1.xml", far))
    assert kind_of(source) == "xlsx"
    with pytest.raises(Unreadable) as wrong:
        await read_file(source, tmp_path / "rows", COLUMNS, key=["code"], mapping={}, kind="")
    assert wrong.value.code in FILE_FAULTS


async def test_what_a_list_answered_is_written_so_that_nothing_in_it_runs(tmp_path: Path) -> None:
    source = tmp_path / "rows"
    source.write_bytes(orjson.dumps({"code": "=1+1", "name": "-2", "sectors": ["fire"]}) + b"\n")
    assert await write_file(source, tmp_path / "out.csv", COLUMNS, kind="csv", language="zh") == 1
    assert (tmp_path / "out.csv").read_bytes() == "\ufeff编码,名称,行业\r\n'=1+1,'-2,消防\r\n".encode()
    assert await write_file(source, tmp_path / "out.xlsx", COLUMNS, kind="xlsx", language="zh") == 1
    (values, row) = openpyxl.load_workbook(tmp_path / "out.xlsx").worksheets[0].iter_rows()
    assert [cell.value for cell in values] == ["编码", "名称", "行业"]
    assert [(cell.value, cell.data_type) for cell in row] == [("=1+1", "s"), ("-2", "s"), ("消防", "s")]


def test_a_template_that_several_ask_for_at_once_is_written_for_each(tmp_path: Path) -> None:
    target = tmp_path / "template.csv"

    async def several() -> None:
        asked = [write_template(target, COLUMNS, kind="csv", language="zh", noun="codes") for _ in range(3)]
        await asyncio.gather(*asked)

    asyncio.run(several())
    assert target.read_text("utf-8-sig").startswith("编码,名称,行业")
    assert list(tmp_path.iterdir()) == [target], "and no half of a file is left"
