"""The doors of the blacklist: from a proposal to a listing, and off it."""

from __future__ import annotations

from typing import Annotated
from uuid import UUID

from fastapi import Depends
from starlette.responses import Response

from libs.common.aggregates import load
from libs.common.db import Tx
from libs.common.doors import Change, Door, Read, Write, public_door
from libs.common.forms import AreaCode, PageOut
from libs.common.openapi import refuses
from libs.common.pagination import Asked, Page, listed, page
from libs.common.problems import IdTaken, NotFound, PostUnsaid, RoleMissing
from libs.common.scope import Scope
from libs.common.strict_routes import router
from services.responsibility_registry.blacklist import actions, actions_ends, store
from services.responsibility_registry.blacklist import rules_refusals as refusals
from services.responsibility_registry.blacklist.forms import (
    AskRepairIn,
    DecideListingIn,
    DecideRepairIn,
    EntryOut,
    ObjectToListingIn,
    ProposeIn,
    PublicEntryOut,
    ReviewIn,
    RevokeEntryIn,
    ServeNoticeIn,
    WithdrawEntryIn,
)
from services.responsibility_registry.blacklist.rules_kept import Entry, EntryState, open_moves

routes = router("blacklist-entries", prefix="/v1/blacklist-entries")
public_routes = router("public-credit", prefix="/v1/public-credit")
Public = Annotated[Door, Depends(public_door("public:blacklist", "read"))]
_SAME = tuple(name for name in EntryOut.model_fields if name != "actions")
_OF_THE_FIRM = frozenset({"object", "ask-repair"})
_OF_LEADERS = frozenset({"review-objection", "decide", "decide-repair", "revoke"})
_DECIDING = (RoleMissing, PostUnsaid, refusals.EntryNotOpenToThis, refusals.AnotherMustDecide)


def show(entry: Entry, scope: Scope) -> EntryOut:
    """An entry, and what the caller may do with it now; who speaks for the firm is checked by the verb."""
    may = scope.holds(*actions.PROPOSES, area_code=entry.area_code, sectors=entry.sectors)
    leads = scope.holds(*actions.DECIDES, area_code=entry.area_code, sectors=entry.sectors)
    hand = scope.post_id in entry.hands or scope.subject in entry.hand_subjects
    moves = tuple(
        one
        for one in open_moves(entry)
        if (leads and not hand if one in _OF_LEADERS else may or (one in _OF_THE_FIRM and bool(scope.parties)))
    )
    return EntryOut(**{name: getattr(entry, name) for name in _SAME}, actions=moves)


def show_public(entry: Entry, _: Scope) -> PublicEntryOut:
    """What the public is told."""
    return PublicEntryOut(
        id=entry.id, credit_code=entry.credit_code, firm_name=entry.firm_name, ground_zh=entry.terms.zh,
        ground_en=entry.terms.en, document=entry.decision.document if entry.decision else "", state=entry.state,
        listed_at=entry.listed_at, ends_at=entry.ends_at, ended_at=entry.ended_at,
    )  # fmt: skip


@routes.post(
    "", status_code=201, response_model=EntryOut, summary="提出列入严重失信名单 Propose a firm for the blacklist",
    responses=refuses(
        NotFound, RoleMissing, PostUnsaid, refusals.GroundNotMet, refusals.AlreadyProposed, IdTaken
    ),
)  # fmt: skip
async def propose(body: ProposeIn, door: Write) -> Response:
    """A firm whose facts meet a ground of the pack (`grounds` of its file) is proposed; the terms are frozen. Nothing
    follows until a notice was served and another post decided ([S] Work Safety Law 2021 Art 78). For inspectors and
    leaders over all of its sectors."""
    new = body.new()
    return await door.perform(lambda tx: actions.propose(tx, new), show, created=True, show_again=actions.find_entry)


@routes.get("", response_model=PageOut[EntryOut], summary="名单事项列表 List entries of the blacklist")
async def list_entries(
    door: Read, asked: Asked, area_code: AreaCode | None = None, state: EntryState | None = None,
    firm_id: UUID | None = None,
) -> Response:  # fmt: skip
    """Entries, the latest proposed first. For inspectors, leaders and auditors; a firm sees its own once a notice was
    served."""

    async def find(tx: Tx) -> Page[Entry]:
        within = await door.within(tx, area_code)
        return await page(
            tx, store.list_entries(tx.scope, areas=within, state=state, firm_id=firm_id), keys=store.ORDER,
            asked=asked, load=lambda row: load(Entry, row),
            fingerprint=["blacklist-entries", area_code, state, str(firm_id)],
        )  # fmt: skip

    return await door.look(find, listed(show))


@routes.get("/{entry_id}", response_model=EntryOut, summary="名单事项详情 One entry of the blacklist")
async def get_entry(entry_id: UUID, door: Read) -> Response:
    """One entry with its facts, ground, notice, objection, decisions and applications."""
    return await door.look(lambda tx: actions.find_entry(tx, entry_id), show)


@routes.post(
    "/{entry_id}/serve", response_model=EntryOut, summary="送达列入告知书 Enter that the notice was served",
    responses=refuses(RoleMissing, PostUnsaid, refusals.EntryNotOpenToThis),
)  # fmt: skip
async def serve(entry_id: UUID, body: ServeNoticeIn, door: Change) -> Response:
    """The notice names the facts, the ground and the right to state and defend; with the paper that shows that it
    reached the firm. The firm may object until `defence_until` ([DEF] days of the pack, from the day after)."""
    expected = door.expected_version
    return await door.perform(
        lambda tx: actions.serve(tx, entry_id, expected, body.how, body.words, body.evidence), show,
        show_again=actions.find_entry,
    )  # fmt: skip


@routes.post(
    "/{entry_id}/object", response_model=EntryOut, summary="陈述申辩 Object to a proposed listing",
    responses=refuses(refusals.NotTheFirm, PostUnsaid, refusals.EntryNotOpenToThis, refusals.ObjectionTooLate),
)  # fmt: skip
async def object_to(entry_id: UUID, body: ObjectToListingIn, door: Change) -> Response:
    """The firm states and defends, once and in time; nothing is decided until that is reviewed. On paper it is
    entered by a post, with the page."""
    expected = door.expected_version
    return await door.perform(
        lambda tx: actions.object_to(tx, entry_id, expected, body.word()), show, show_again=actions.find_entry
    )


@routes.post(
    "/{entry_id}/review-objection", response_model=EntryOut, summary="复核申辩 Review an objection",
    responses=refuses(*_DECIDING),
)  # fmt: skip
async def review(entry_id: UUID, body: ReviewIn, door: Change) -> Response:
    """A leader's post that neither proposed nor served it reviews the objection; upheld, the proposal ends."""
    expected = door.expected_version
    return await door.perform(
        lambda tx: actions.review_objection(tx, entry_id, expected, body.verdict()), show,
        show_again=actions.find_entry,
    )  # fmt: skip


@routes.post(
    "/{entry_id}/decide", response_model=EntryOut, summary="决定是否列入 Decide whether to list a firm",
    responses=refuses(*_DECIDING, refusals.DefenceRunning, refusals.GroundNotMet),
)  # fmt: skip
async def decide(entry_id: UUID, body: DecideListingIn, door: Change) -> Response:
    """Listed and published from now on for the months of its ground, or not listed. Never before the notice was
    served and the time for a defence is over, nor from facts that were voided; by a leader's post without a hand in
    it."""
    expected = door.expected_version
    return await door.perform(
        lambda tx: actions.decide(tx, entry_id, expected, body.verdict()), show, show_again=actions.find_entry
    )


@routes.post(
    "/{entry_id}/withdraw", response_model=EntryOut, summary="撤回列入提议 Take a proposal back",
    responses=refuses(RoleMissing, refusals.EntryNotOpenToThis),
)  # fmt: skip
async def withdraw(entry_id: UUID, body: WithdrawEntryIn, door: Change) -> Response:
    """Taken back before anybody decided."""
    expected = door.expected_version
    return await door.perform(
        lambda tx: actions.withdraw(tx, entry_id, expected, body.reason), show, show_again=actions.find_entry
    )


@routes.post(
    "/{entry_id}/ask-repair", response_model=EntryOut, summary="申请信用修复 Ask to be removed early",
    responses=refuses(refusals.NotTheFirm, PostUnsaid, refusals.EntryNotOpenToThis, refusals.RepairTooEarly),
)  # fmt: skip
async def ask_repair(entry_id: UUID, body: AskRepairIn, door: Change) -> Response:
    """The firm shows that it put things right, from `repair_from` on ([M-M] Order 11 (2023): after twelve months). On
    paper it is entered by a post."""
    expected = door.expected_version
    return await door.perform(
        lambda tx: actions_ends.ask_repair(tx, entry_id, expected, body.word()), show,
        show_again=actions.find_entry,
    )  # fmt: skip


@routes.post(
    "/{entry_id}/decide-repair", response_model=EntryOut, summary="决定信用修复 Decide about an early removal",
    responses=refuses(*_DECIDING),
)  # fmt: skip
async def decide_repair(entry_id: UUID, body: DecideRepairIn, door: Change) -> Response:
    """Removed and published as removed, or not, with the reason; the firm may ask again."""
    expected = door.expected_version
    return await door.perform(
        lambda tx: actions_ends.decide_repair(tx, entry_id, expected, body.verdict()), show,
        show_again=actions.find_entry,
    )  # fmt: skip


@routes.post(
    "/{entry_id}/revoke", response_model=EntryOut, summary="撤销列入决定 Undo a listing",
    responses=refuses(*_DECIDING),
)  # fmt: skip
async def revoke(entry_id: UUID, body: RevokeEntryIn, door: Change) -> Response:
    """The firm should not have been listed: it is off, is shown to nobody, and its grade is as if it never was."""
    expected = door.expected_version
    return await door.perform(
        lambda tx: actions_ends.revoke(tx, entry_id, expected, body.verdict()), show, show_again=actions.find_entry
    )


@public_routes.get(
    "/blacklist", response_model=PageOut[PublicEntryOut], summary="严重失信名单公示 The published blacklist"
)
async def list_published(door: Public, asked: Asked) -> Response:
    """Who is on the blacklist, by which document and ground, from when to when; and for the days of its terms, who
    came off it ([S] Work Safety Law 2021 Art 78: told to society). Nothing of sole traders."""
    return await door.look(
        lambda tx: page(
            tx, store.list_published(tx.scope, tx.now), keys=store.PUBLISHED_ORDER, asked=asked,
            load=lambda row: load(Entry, row), fingerprint=["public-blacklist"],
        ),
        listed(show_public),
    )  # fmt: skip
