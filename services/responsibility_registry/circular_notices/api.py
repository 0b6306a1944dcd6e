"""The doors of circular notices."""

from __future__ import annotations

from uuid import UUID

from starlette.responses import Response

from libs.common.aggregates import load
from libs.common.clocks import now
from libs.common.db import Tx
from libs.common.doors import Change, Read
from libs.common.forms import AreaCode, PageOut
from libs.common.openapi import refuses
from libs.common.pagination import Asked, Page, listed, page
from libs.common.problems import NotFound, PostUnsaid, RoleMissing
from libs.common.scope import Scope
from libs.common.strict_routes import router
from services.responsibility_registry.circular_notices import actions, rules, store
from services.responsibility_registry.circular_notices.forms import (
    CircularNoticeOut,
    CircularReceiptOut,
    DecideCircularIn,
    SignCircularIn,
)
from services.responsibility_registry.circular_notices.rules import CircularNotice, CircularState

routes = router("circular-notices", prefix="/v1/circular-notices")
_OTHERWISE = frozenset({"receipts", "unsigned", "late", "actions"})
_SAME = tuple(name for name in CircularNoticeOut.model_fields if name not in _OTHERWISE)


def show(notice: CircularNotice, scope: Scope) -> CircularNoticeOut:
    """A circular notice, and what the caller may do; that its organisation is addressed is checked by the verb."""
    until = rules.waits_until(notice)
    return CircularNoticeOut(
        **{name: getattr(notice, name) for name in _SAME},
        receipts=tuple(CircularReceiptOut.model_validate(one) for one in notice.receipts),
        unsigned=tuple(one.party_id for one in rules.missing(notice)), late=until is not None and now() >= until,
        actions=tuple(move for move in rules.open_moves(notice) if _may(move, notice, scope)),
    )  # fmt: skip


def _may(move: str, notice: CircularNotice, scope: Scope) -> bool:
    if move == "sign":
        return any(one.party_id == scope.post_id for one in rules.missing(notice))
    if notice.deciding:
        return scope.post_id in notice.deciding
    return scope.holds(*actions.DECIDES, area_code=notice.area_code, sectors=notice.sectors)


@routes.get("", response_model=PageOut[CircularNoticeOut], summary="通报列表 List circular notices")
async def list_notices(
    door: Read, asked: Asked, area_code: AreaCode | None = None, state: CircularState | None = None,
    order_id: UUID | None = None,
) -> Response:  # fmt: skip
    """Circular notices within your scope, or that your post decides on or is to sign for; the newest first."""

    async def find(tx: Tx) -> Page[CircularNotice]:
        within = await door.within(tx, area_code)
        return await page(
            tx, store.list_notices(tx, state=state, order_id=order_id, areas=within), keys=store.ORDER, asked=asked,
            load=lambda row: load(CircularNotice, row),
            fingerprint=["circular-notices", area_code, state, str(order_id)],
        )  # fmt: skip

    return await door.look(find, listed(show))


@routes.get(
    "/{notice_id}", response_model=CircularNoticeOut, summary="通报详情 One circular notice",
    responses=refuses(NotFound),
)  # fmt: skip
async def get_notice(notice_id: UUID, door: Read) -> Response:
    """One circular notice with its receipts: who signed for it when, and who has not."""
    return await door.look(lambda tx: store.find_notice(tx, notice_id), show)


@routes.post(
    "/{notice_id}/decide", response_model=CircularNoticeOut, summary="决定通报 Decide on a circular notice",
    responses=refuses(
        NotFound, RoleMissing, PostUnsaid, rules.NotYoursToDecideOn, rules.CircularCannotMove, rules.CircularWrong
    ),
)  # fmt: skip
async def decide(notice_id: UUID, body: DecideCircularIn, door: Change) -> Response:
    """The post that the ladder names lets it go out, to further organisations too, or does not, and says why. Who is
    addressed then signs within three working days ([DEF])."""
    expected = door.expected_version
    return await door.perform(
        lambda tx: actions.decide_notice(
            tx, notice_id, expected, issued=body.issued, words=body.words, also_to=tuple(dict.fromkeys(body.also_to))
        ),
        show, show_again=store.find_notice,
    )  # fmt: skip


@routes.post(
    "/{notice_id}/sign", response_model=CircularNoticeOut, summary="签收通报 Sign for a circular notice",
    responses=refuses(NotFound, PostUnsaid, rules.NotAddressed, rules.CircularCannotMove, rules.ReceiptThere),
)  # fmt: skip
async def sign(notice_id: UUID, body: SignCircularIn, door: Change) -> Response:
    """The post that is addressed signs, or any post of an organisation that is; late receipts are taken and told. Who
    has not signed is told once, and stands on the order's lateness."""
    expected = door.expected_version
    return await door.perform(
        lambda tx: actions.sign_notice(tx, notice_id, expected, body.words), show, show_again=store.find_notice
    )
