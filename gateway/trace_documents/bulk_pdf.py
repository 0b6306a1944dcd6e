"""The document on paper: A4 across, with an embedded Chinese font, so that it reads the same everywhere."""

from __future__ import annotations

import logging
from collections.abc import Iterable
from pathlib import Path
from typing import Final

import pylopdf_fonts_zh_cn
from fpdf import FPDF
from fpdf.enums import XPos, YPos
from fpdf.fonts import FontFace, TTFFont

from gateway.trace_documents.rules import Layout, Section, most, on_paper

_FONT: Final = Path(pylopdf_fonts_zh_cn.__file__).parent / "NotoSansSC-Regular.otf"
_FAMILY: Final = "NotoSansSC"
_LACKING: Final = "\u3013"
_LINE_MM: Final = 5.0


class _Paper(FPDF):
    """Pages that say which trace they are of."""

    def __init__(self, foot: str, most_signs: int) -> None:
        super().__init__(orientation="L", format="A4")
        self._foot, self._most_signs = foot, most_signs
        self.add_font(_FAMILY, fname=_FONT)
        self.set_auto_page_break(auto=True, margin=15)
        font = self.fonts[_FAMILY.lower()]
        self._has = frozenset(font.cmap) if isinstance(font, TTFFont) else frozenset()

    def legible(self, said: str) -> str:
        """A cell as it fits, with a mark where the font lacks a sign: nobody reads as whole what is not."""
        line = on_paper(said, self._most_signs)
        return "".join(sign if ord(sign) in self._has else _LACKING for sign in line)

    def footer(self) -> None:
        """The hash and the page, at the foot of every page."""
        self.set_y(-12)
        self.set_font(_FAMILY, size=7)
        self.cell(0, 5, f"{self._foot}   {self.page_no()}/{{nb}}", align="C")


def as_pdf(document: Layout) -> bytes:
    """The bytes of the document; a sign that the font lacks is a 〓, and stands in the sheet."""
    logging.getLogger("fpdf").setLevel(logging.ERROR)
    foot = "   ".join(f"{name} {value}" for name, value in document.facts[-2:])
    paper = _Paper(foot, document.most_signs)
    paper.set_creation_date(document.made_at)
    paper.set_title(document.title)
    paper.set_lang("zh-CN")
    paper.add_page()
    paper.set_font(_FAMILY, size=18)
    paper.multi_cell(0, 10, document.title, new_x=XPos.LMARGIN, new_y=YPos.NEXT)
    paper.set_font(_FAMILY, size=9)
    paper.multi_cell(0, _LINE_MM, document.note, new_x=XPos.LMARGIN, new_y=YPos.NEXT)
    paper.ln(2)
    _table(paper, ("", ""), (25, 75), document.facts, headings=False)
    for section in document.sections:
        _section(paper, section, document.most_rows)
    return bytes(paper.output())


def _section(paper: _Paper, section: Section, limit: int) -> None:
    paper.ln(4)
    paper.set_font(_FAMILY, size=12)
    paper.multi_cell(0, 7, section.heading, new_x=XPos.LMARGIN, new_y=YPos.NEXT)
    paper.set_font(_FAMILY, size=8)
    shown, left = most(section.rows, limit)
    if not section.rows:
        paper.multi_cell(0, _LINE_MM, "无 None", new_x=XPos.LMARGIN, new_y=YPos.NEXT)
        return
    _table(paper, section.columns, section.widths, shown, headings=True)
    if left:
        said = f"另有 {left} 行见表格文件 {left} more rows are in the sheet"
        paper.multi_cell(0, _LINE_MM, said, new_x=XPos.LMARGIN, new_y=YPos.NEXT)


def _table(
    paper: _Paper,
    columns: tuple[str, ...],
    widths: tuple[int, ...],
    rows: Iterable[tuple[str, ...]],
    *,
    headings: bool,
) -> None:
    paper.set_font(_FAMILY, size=8)
    plain = FontFace(family=_FAMILY, emphasis="")
    with paper.table(
        col_widths=widths, line_height=_LINE_MM, headings_style=plain, first_row_as_headings=headings,
        text_align="LEFT",
    ) as table:  # fmt: skip
        if headings:
            table.row(columns)
        for row in rows:
            table.row([paper.legible(cell) for cell in row])
