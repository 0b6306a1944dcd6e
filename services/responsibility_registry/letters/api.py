"""The doors of letters of responsibility."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Annotated
from uuid import UUID

from fastapi import Query
from starlette.responses import Response

from libs.common.aggregates import load
from libs.common.clocks import CITY_ZONE
from libs.common.db import Tx
from libs.common.doors import Change, Read, Write
from libs.common.forms import AreaCode, PageOut
from libs.common.openapi import refuses
from libs.common.pagination import Asked, Page, listed, page
from libs.common.problems import IdTaken, PostUnsaid, RoleMissing
from libs.common.scope import Scope
from libs.common.strict_routes import router
from services.responsibility_registry.letters import actions, rules, store
from services.responsibility_registry.letters.forms import (
    LetterIn,
    LetterOut,
    ProgressOut,
    ReasonIn,
    SignatureOut,
    SignedOnPaperIn,
    SignIn,
    TierProgressOut,
)
from services.responsibility_registry.letters.rules import Letter, LetterState
from services.responsibility_registry.letters.rules_progress import TierProgress

routes = router("letters", prefix="/v1/letters")

_FIELDS = tuple(name for name in LetterOut.model_fields if name not in {"actions", "signatures"})
_SIGNING = (rules.NotYoursToSign, rules.LetterNotOffered)
Year = Annotated[int, Query(ge=2000, le=2100, description="of the instant from which the letters hold, city time")]


def show(letter: Letter, scope: Scope) -> LetterOut:
    """A letter, and what the caller may do with it."""
    signatures = tuple(SignatureOut.model_validate(one) for one in letter.signatures)
    fields = {name: getattr(letter, name) for name in _FIELDS}
    return LetterOut.model_validate({**fields, "signatures": signatures, "actions": _moves(letter, scope)})


def _moves(letter: Letter, scope: Scope) -> tuple[str, ...]:
    issues = scope.post_id == letter.from_post_id
    of_party = letter.entity_party_id is not None and letter.entity_party_id in scope.parties
    bound = of_party if letter.to_post_id is None else scope.post_id == letter.to_post_id
    mine = {"sign": bound, "return": bound, "sign-on-paper": issues, "withdraw": issues}
    return tuple(move for move in rules.open_moves(letter) if mine[move])


@routes.post(
    "", status_code=201, response_model=LetterOut, summary="签发责任书 Issue a letter of responsibility",
    responses=refuses(RoleMissing, PostUnsaid, rules.LetterWrong, IdTaken),
)  # fmt: skip
async def issue(body: LetterIn, door: Write) -> Response:
    """Offer a letter to the post or entity that it is to bind; it bears the acting post's signature, a hash over the
    exact text. Letters go down tier by tier ([SEED] 逐级签订): name the signed letter that binds you yourself. For
    leaders, commanders, inspectors and grid members over its whole area and sectors ([DEF])."""
    new = body.new()
    return await door.perform(
        lambda tx: actions.issue_letter(tx, new), show, created=True, show_again=actions.find_letter
    )


@routes.get("", response_model=PageOut[LetterOut], summary="责任书列表 List letters")
async def list_letters(
    door: Read, asked: Asked, area_code: AreaCode | None = None, state: LetterState | None = None,
    post_id: UUID | None = None,
) -> Response:  # fmt: skip
    """Letters within your scope, the newest first: by area with all below it, by state, by a post on either side."""

    async def find(tx: Tx) -> Page[Letter]:
        within = await door.within(tx, area_code)
        return await page(
            tx, store.list_letters(tx.scope, areas=within, state=state, post_id=post_id), keys=store.ORDER,
            asked=asked, load=lambda row: load(Letter, row), fingerprint=["letters", area_code, state, str(post_id)],
        )  # fmt: skip

    return await door.look(find, listed(show))


@routes.get("/progress", response_model=ProgressOut, summary="责任书签订进度 How far a year's letters are")
async def get_progress(door: Read, area_code: AreaCode, year: Year) -> Response:
    """The letters of an area and all below it that begin in a year, tier by tier, with a light: green all signed,
    yellow some wait, red some are late or were returned ([DEF]). Counted from the letters within your scope."""
    year_of = [datetime(one, 1, 1, tzinfo=CITY_ZONE).astimezone(UTC) for one in (year, year + 1)]

    async def find(tx: Tx) -> tuple[TierProgress, ...]:
        return await actions.progress(tx, await door.within(tx, area_code) or (), (year_of[0], year_of[1]))

    def shown(tiers: tuple[TierProgress, ...], scope: Scope) -> ProgressOut:
        del scope
        told = tuple(TierProgressOut.model_validate(one) for one in tiers)
        return ProgressOut(area_code=area_code, year=year, tiers=told)

    return await door.look(find, shown)


@routes.get("/{letter_id}", response_model=LetterOut, summary="责任书详情 One letter")
async def get_letter(letter_id: UUID, door: Read) -> Response:
    """One letter with its exact text and every signature."""
    return await door.look(lambda tx: actions.find_letter(tx, letter_id), show)


@routes.post(
    "/{letter_id}/sign", response_model=LetterOut, summary="签署责任书 Sign a letter",
    responses=refuses(*_SIGNING, rules.TextDiffers),
)  # fmt: skip
async def sign(letter_id: UUID, body: SignIn, door: Change) -> Response:
    """Whom the letter binds signs its exact text: a post by its holder, an entity by its own sign-in. Send the hash
    of the text that you have read; another one is refused."""
    expected = door.expected_version
    return await door.perform(
        lambda tx: actions.sign_letter(tx, letter_id, expected, body.text_sha256), show,
        show_again=actions.find_letter,
    )  # fmt: skip


@routes.post(
    "/{letter_id}/sign-on-paper", response_model=LetterOut, summary="登记纸质签名 Enter a signature on paper",
    responses=refuses(*_SIGNING),
)  # fmt: skip
async def sign_on_paper(letter_id: UUID, body: SignedOnPaperIn, door: Change) -> Response:
    """A citizen or firm without a sign-in signed on paper: the issuing post enters it, with the page as evidence."""
    expected = door.expected_version
    return await door.perform(
        lambda tx: actions.sign_on_paper(tx, letter_id, expected, body.evidence), show,
        show_again=actions.find_letter,
    )  # fmt: skip


@routes.post(
    "/{letter_id}/return", response_model=LetterOut, summary="退回责任书 Return a letter unsigned",
    responses=refuses(*_SIGNING),
)  # fmt: skip
async def return_(letter_id: UUID, body: ReasonIn, door: Change) -> Response:
    """Whom the letter was to bind does not sign, and says why."""
    expected = door.expected_version
    return await door.perform(
        lambda tx: actions.return_letter(tx, letter_id, expected, body.reason), show, show_again=actions.find_letter
    )


@routes.post(
    "/{letter_id}/withdraw", response_model=LetterOut, summary="撤回责任书 Withdraw a letter",
    responses=refuses(rules.NotYoursToWithdraw, rules.LetterNotOffered),
)  # fmt: skip
async def withdraw(letter_id: UUID, body: ReasonIn, door: Change) -> Response:
    """The issuer takes back a letter that nobody has signed."""
    expected = door.expected_version
    return await door.perform(
        lambda tx: actions.withdraw_letter(tx, letter_id, expected, body.reason), show,
        show_again=actions.find_letter,
    )  # fmt: skip
