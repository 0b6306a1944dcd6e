"""Duties as spreadsheets bring them: the post by its code, and no id."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import UTC
from uuid import UUID

from libs.common.db import Tx
from libs.common.imports import Imported, id_of, known_ids, without_id
from services.responsibility_registry.duties import rules, store
from services.responsibility_registry.duties.actions import import_duties
from services.responsibility_registry.duties.rules import Duty
from services.responsibility_registry.organizations import actions as organizations

NOUN = "duties"
"""What the ids of rows without an id are made of, besides their key."""


@dataclass(frozen=True, kw_only=True, slots=True)
class DutyRow:
    """A duty to be. Where `post_code` is there, it says whose duty it is; `own_id` where the row brought one."""

    duty: Duty
    post_code: str | None
    own_id: bool


async def import_duty_rows(tx: Tx, rows: Sequence[DutyRow]) -> Imported:
    """Insert or change duties by their ids; one without is the duty of the same post, area, link, categories and
    beginning. Raises DutyWrong (422) for a post's code that nobody has, and what `import_duties` raises.
    """
    posts = await organizations.ids_by_code(tx, [row.post_code for row in rows if row.post_code is not None])
    faults = [
        (
            f"/items/{number}/post_code",
            "unknown_post",
            ("登记册中没有此岗位编码。", "the registry has no post with this code"),
        )
        for number, row in enumerate(rows)
        if row.post_code is not None and row.post_code not in posts
    ]
    if faults:
        raise rules.DutyWrong(*faults)
    duties = [_of(row, posts) for row in rows]
    if (keys := without_id(duties, key_of, NOUN)) and duties:
        there = await store.find_alike(tx, {UUID(key[0]) for key in keys}, {key[1] for key in keys})
        duties = known_ids(duties, key_of, NOUN, {key_of(one): one.id for one in there})
    return await import_duties(tx, duties)


def key_of(duty: Duty) -> tuple[str, ...]:
    """What makes two duties the same ([DEF]): post, area, link, categories, and from when on."""
    begins = duty.valid_from.astimezone(UTC).isoformat()
    return str(duty.post_id), duty.area_code, duty.role, ",".join(sorted(duty.categories)), begins


def _of(row: DutyRow, posts: dict[str, UUID]) -> Duty:
    duty = row.duty if row.post_code is None else replace(row.duty, post_id=posts[row.post_code])
    return duty if row.own_id else replace(duty, id=id_of(NOUN, *key_of(duty)))
