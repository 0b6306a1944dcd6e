"""Who the caller is, looked up on every request: a token carries no rights, so an ended grant ends at once."""

from __future__ import annotations

from collections import OrderedDict
from datetime import datetime
from typing import Any, Final
from uuid import UUID

from sqlalchemy import Boolean, Column, Integer, MetaData, Table, Text
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.dialects.postgresql import UUID as PGUUID

from libs.common.copies import Copy
from libs.common.db import SCOPE_SET, Row, Tx
from libs.common.problems import PostNotHeld
from libs.common.revocations import IS_REVOKED
from libs.common.scope import Grant, Scope, Settings
from libs.common.tokens import Principal, TokenOfEndedClient, TokenWasRevoked
from libs.contracts.gateway import SubjectChanged, SubjectEnded, SubjectOpened, SubjectState, SubjectStated

access_grants = Table(
    "access_grants",
    MetaData(),
    Column("id", PGUUID(as_uuid=True), primary_key=True),
    Column("subject", Text),
    Column("kind", Text),
    Column("version", Integer),
    Column("posts", JSONB),
    Column("parties", JSONB),
    Column("grants", JSONB),
    Column("ended", Boolean),
    Column("stated_in", PGUUID(as_uuid=True)),
)

ACCESS_COPY = Copy(
    table=access_grants,
    state=SubjectState,
    events=(SubjectStated, SubjectOpened, SubjectChanged, SubjectEnded),
)
"""Every service keeps this copy of what the gateway knows of subjects: their posts, parties and grants."""

# A subject is there once; where a corrupted copy knows it twice, nobody can tell which, and it sees nothing.
_LOOK_UP = (
    f"SELECT posts, parties, grants, ended, {IS_REVOKED.format(jti='$6')} AS revoked, {SCOPE_SET}"
    " FROM access_grants AS a WHERE subject = $4 AND NOT EXISTS"
    " (SELECT 1 FROM access_grants b WHERE b.subject = a.subject AND NOT b.ended AND b.id <> a.id)"
    " ORDER BY ended LIMIT 1"
)
_ENDED: Final = (
    "SELECT 1 FROM access_grants AS a WHERE subject = $1 AND ended"
    " AND NOT EXISTS (SELECT 1 FROM access_grants b WHERE b.subject = a.subject AND NOT b.ended)"
)
_REMEMBERED: Final = 5_000


class ScopesOfCallers:
    """Looks callers' scopes up, as the first statement of each transaction.

    The settings that a caller had last are written by the look-up itself, which saves most requests a round trip.
    They are only a guess: what the rows say now is compared, and written where it is anything else.
    """

    def __init__(self) -> None:
        self._last: OrderedDict[tuple[str, str], Settings] = OrderedDict()

    async def find(self, tx: Tx, who: Principal, acting_post: UUID | None) -> Scope:
        """The caller's scope at this instant; a subject that is unknown sees nothing.

        Raises TokenOfEndedClient (401) for one that was ended and TokenWasRevoked (401), however long the token
        holds, and PostNotHeld (422) where the caller wants to act for a post that it does not hold.
        """
        subject, client_id = who.subject, who.client_id
        guess = self._last.get((subject, client_id)) or Settings("", "[]", "{}", subject, client_id)
        row = await tx.ask(_LOOK_UP, *guess, who.jti)
        if row is not None and row["ended"]:
            raise TokenOfEndedClient
        if row is not None and row["revoked"]:
            raise TokenWasRevoked
        scope = _scope(row, tx.now, subject, client_id, acting_post)
        settings = scope.settings()
        if row is not None and settings == guess:
            tx.scope = tx.caller = scope
            return scope
        await tx.adopt(scope)
        self._last[subject, client_id] = settings
        if len(self._last) > _REMEMBERED:
            self._last.popitem(last=False)
        return scope


async def is_ended(tx: Tx, subject: str) -> bool:
    """Whether the subject was ended; one that nobody knows (yet) was not."""
    return await tx.ask(_ENDED, subject) is not None


def _scope(row: Row | None, now: datetime, subject: str, client_id: str, acting_post: UUID | None) -> Scope:
    posts = frozenset(UUID(one["post_id"]) for one in row["posts"] if _holds_at(one, now)) if row else frozenset()
    if acting_post is not None and acting_post not in posts:
        raise PostNotHeld(acting_post)
    only = next(iter(posts)) if len(posts) == 1 else None
    grants = tuple(_grant(one) for one in row["grants"] if _holds_at(one, now)) if row else ()
    parties = (
        frozenset(UUID(one["party_id"]) for one in row["parties"] if _holds_at(one, now)) if row else frozenset()
    )
    return Scope(
        subject=subject, client_id=client_id, posts=posts, parties=parties, grants=grants,
        post_id=acting_post or only,
    )  # fmt: skip


def _holds_at(given: dict[str, Any], instant: datetime) -> bool:
    begins, ends = given.get("valid_from"), given.get("valid_to")
    return (begins is None or datetime.fromisoformat(begins) <= instant) and (
        ends is None or instant < datetime.fromisoformat(ends)
    )


def _grant(grant: dict[str, Any]) -> Grant:
    post, sectors = grant.get("post_id"), grant.get("sectors")
    return Grant(
        area_from=grant["area_from"],
        area_to=grant["area_to"],
        sectors=None if sectors is None else tuple(sectors),
        role=grant["role"],
        post_id=UUID(post) if post else None,
    )
