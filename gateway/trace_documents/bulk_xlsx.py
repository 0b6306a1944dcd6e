"""The document as a workbook: the facts, and a sheet for each table, every row of it. Nothing in it is a formula."""

from __future__ import annotations

from datetime import UTC
from io import BytesIO

import xlsxwriter  # type: ignore[import-untyped]
from xlsxwriter.format import Format  # type: ignore[import-untyped]
from xlsxwriter.worksheet import Worksheet  # type: ignore[import-untyped]

from gateway.trace_documents.rules import Layout, Row

_CHARACTERS = 140
"""The width of a page, in characters."""


def as_xlsx(document: Layout) -> bytes:
    """The bytes of the workbook."""
    target = BytesIO()
    book = xlsxwriter.Workbook(target, {"in_memory": True, "strings_to_formulas": False, "strings_to_urls": False})
    book.set_properties({"title": document.title, "created": document.made_at.astimezone(UTC).replace(tzinfo=None)})
    bold, wrapped = book.add_format({"bold": True}), book.add_format({"text_wrap": True, "valign": "top"})
    first = book.add_worksheet("基本信息 Facts")
    _fill(first, (document.title, document.note), (30, 110), document.facts, bold, wrapped)
    for section in document.sections:
        sheet = book.add_worksheet(section.name)
        widths = tuple(_CHARACTERS * part // sum(section.widths) for part in section.widths)
        _fill(sheet, section.columns, widths, section.rows, bold, wrapped)
    book.close()
    return target.getvalue()


def _fill(
    sheet: Worksheet, columns: Row, widths: tuple[int, ...], rows: tuple[Row, ...], bold: Format, wrapped: Format
) -> None:
    for place, (column, width) in enumerate(zip(columns, widths, strict=True)):
        sheet.set_column(place, place, width)
        sheet.write_string(0, place, column, bold)
    for line, row in enumerate(rows, start=1):
        for place, value in enumerate(row):
            sheet.write_string(line, place, value[:32_767], wrapped)
    sheet.freeze_panes(1, 0)
