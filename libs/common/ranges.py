"""Ranges of areas: a 12-digit code and all below it are one stretch of codes, which a plain index serves."""

from __future__ import annotations

from sqlalchemy import ColumnElement, Table, and_


def in_range(table: Table, area: tuple[str, str]) -> ColumnElement[bool]:
    """Rows of an area and all below it: comparisons that a plain index serves also under row-level security.

    Not BETWEEN: with the column's collation its bounds render as something that PostgreSQL cannot parse.
    """
    return and_(table.c.area_code >= area[0], table.c.area_code <= area[1])
