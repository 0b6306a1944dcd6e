"""Ranges of areas: a 12-digit code and all below it are one stretch of codes, which a plain index serves."""

from __future__ import annotations

from collections.abc import Sequence

from sqlalchemy import ColumnElement, Table, and_, or_


def in_range(table: Table, area: tuple[str, str]) -> ColumnElement[bool]:
    """Rows of an area and all below it: comparisons that a plain index serves also under row-level security.

    Not BETWEEN: with the column's collation its bounds render as something that PostgreSQL cannot parse.
    """
    return and_(table.c.area_code >= area[0], table.c.area_code <= area[1])


def in_ranges(table: Table, areas: Sequence[tuple[str, str]]) -> ColumnElement[bool]:
    """Rows of any of several ranges: of an area, and of what became of it or what it came of."""
    return or_(*(in_range(table, area) for area in areas))
