"""What the registry knows of the posts that a caller names beside its own, looked up under the order's lock."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from uuid import UUID

from libs.common.db import Tx
from services.responsibility_registry.duties import actions as duties
from services.responsibility_registry.orders import rules_present, store
from services.responsibility_registry.orders.rules import Order
from services.responsibility_registry.orders.rules_present import Seen
from services.responsibility_registry.tenures import actions as tenures


async def require_post(tx: Tx, order: Order, pointer: str, post: UUID | None) -> None:
    """A post that is asked, or is to take the order on. Raises PostNotThere (422)."""
    if post is not None:
        rules_present.require_present([(pointer, post)], await see(tx, order, [post]))


async def require_helpers(tx: Tx, order: Order, helped: Sequence[UUID]) -> frozenset[str]:
    """Posts that had a hand in it, and who holds them: which of them it was nobody knows. Raises PostNotThere."""
    seen = await see(tx, order, helped)
    rules_present.require_present(_numbered("/helped_by", helped), seen)
    return frozenset().union(*(one.people for one in seen.values()))


async def require_others(tx: Tx, order: Order, together: Sequence[UUID]) -> dict[UUID, Seen]:
    """Posts of other people than the caller, who looked together with it. Raises PostNotThere (422)."""
    seen = await see(tx, order, together)
    rules_present.require_present(
        _numbered("/together_with", together), seen, acting=tx.caller.acting_post(), person=tx.caller.subject
    )
    return seen


async def see(tx: Tx, order: Order, posts: Sequence[UUID]) -> dict[UUID, Seen]:
    """Those of the posts that are on the books, as they stand to the order's place now."""
    if not posts:
        return {}
    standing = await duties.standing_of(tx, posts, order.area_code)
    taking_part = await store.parties_among(tx, order.id, posts)
    people = await tenures.holders_of(tx, posts)
    return {
        post: Seen(
            held=one.held, in_office=one.in_office, of_this_place=one.reaches or post in taking_part,
            people=people.get(post, frozenset()),
        )
        for post, one in standing.items()
    }  # fmt: skip


def _numbered(pointer: str, posts: Iterable[UUID]) -> list[tuple[str, UUID]]:
    return [(f"{pointer}/{number}", post) for number, post in enumerate(posts)]
