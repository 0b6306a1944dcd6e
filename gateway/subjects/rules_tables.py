"""A table of roles by kinds of post: data with a version and a source, adopted whole, replaced and never edited."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from re import compile as pattern
from uuid import UUID

from gateway.subjects.rules_roles import GIVEN_BY_POSTS

SOURCED = pattern(r"\[(S|P|DEF)\] \S")
MOST_ROWS = 500


@dataclass(frozen=True, kw_only=True, slots=True)
class PostRole:
    """A role that a kind of post gives over the post's area: over the post's sectors, or over every one."""

    kind: str
    role: str
    every_sector: bool = False


@dataclass(frozen=True, kw_only=True, slots=True)
class PostRoleTable:
    """One adopted table; the youngest one counts."""

    id: UUID
    version: int
    area_code: str
    sectors: tuple[str, ...]
    exercise: bool
    correlation_id: UUID
    label: str
    source: str
    rows: tuple[PostRole, ...]


class PostRolesWrong(Exception):
    """A table that cannot be adopted; `errors` are (pointer, code, detail)."""

    status = 422
    code = "post_roles_wrong"
    title = ("岗位角色表有误", "The table of post roles is wrong")

    def __init__(self, *errors: tuple[str, str, tuple[str, str]]) -> None:
        super().__init__(*errors)
        self.errors = errors


def check(table: PostRoleTable) -> PostRoleTable:
    """The table, if it holds together and gives only roles that may follow from posts. Raises PostRolesWrong."""
    faults = []
    if not SOURCED.match(table.source):
        faults.append(
            (
                "/source",
                "unsourced",
                (
                    "请以依据标记 [S]、[P] 或 [DEF] 开头，再写文件名。",
                    "begin with the evidence: [S], [P] or [DEF], then the document",
                ),
            )
        )
    twice = {pair for pair, times in Counter((row.kind, row.role) for row in table.rows).items() if times > 1}
    for number, row in enumerate(table.rows):
        if row.role not in GIVEN_BY_POSTS:
            faults.append(
                (
                    f"/rows/{number}/role",
                    "not_from_a_post",
                    (f"{row.role} 须逐个授予，不随岗位取得。", f"{row.role} is given by name, never by a post"),
                )
            )
        if (row.kind, row.role) in twice:
            faults.append(
                (
                    f"/rows/{number}",
                    "named_twice",
                    (f"{row.kind} 与 {row.role} 重复。", f"{row.kind} gives {row.role} once"),
                )
            )
    if faults:
        raise PostRolesWrong(*faults)
    return table
