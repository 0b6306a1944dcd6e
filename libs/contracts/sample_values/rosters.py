"""Samples of rosters: a street's duty room for December, a swap of two nights, and a night that nobody stood."""

from __future__ import annotations

from datetime import date
from uuid import UUID

from libs.contracts import contacts
from libs.contracts import rosters as told
from libs.contracts.sample_values.cast import TOWNSHIP, TOWNSHIP_DEPUTY, TOWNSHIP_HEAD, post
from libs.contracts.sampling import Sample, Story, at

_OFFICER, _COLLEAGUE = post("duty officer of the street"), post("second duty officer of the street")
_ROOM = Story(word="duty room of the street", born="2026-11-20 09:00", area_code=TOWNSHIP)


def _of_room(word: str, born: str) -> Story:
    return Story(word=word, born=born, area_code=TOWNSHIP, correlation=_ROOM.correlation_id)


_NIGHT = _of_room("night of the tenth", "2026-11-20 09:01")
_NEXT = _of_room("night of the eleventh", "2026-11-20 09:01")
_LEFT = _of_room("night of the twelfth", "2026-11-20 09:01")
_SWAP = _of_room("swap of the tenth", "2026-12-05 10:00")
_DECLINED = _of_room("swap that was declined", "2026-12-05 11:00")
_WITHDRAWN = _of_room("swap that was withdrawn", "2026-12-05 12:00")
_REFUSED = _of_room("swap that was refused", "2026-12-05 13:00")
_GAP = _of_room("nobody on the twelfth", "2026-12-09 08:00")


def _room(published_to: date) -> told.RosterFacts:
    return told.RosterFacts(
        kind="duty_room", name="街道应急值班室(演示)", place="街道办事处一楼", stands_for="room", party_id=None,
        roles=("leader_on_duty", "duty_officer"), published_to=published_to,
    )  # fmt: skip


def _shift(begins: str, ends: str, of: UUID, *, cancelled: bool = False) -> told.ShiftState:
    return told.ShiftState(
        roster_id=_ROOM.id, roster_kind="duty_room", roster_name="街道应急值班室(演示)", place="街道办事处一楼",
        role="duty_officer", area_code=TOWNSHIP, post_id=of, subject=None, begins_at=at(begins), ends_at=at(ends),
        cancelled=cancelled,
    )  # fmt: skip


def _tenth(of: UUID) -> told.ShiftState:
    return _shift("2026-12-10 08:30", "2026-12-11 08:30", of)


def _eleventh(of: UUID) -> told.ShiftState:
    return _shift("2026-12-11 08:30", "2026-12-12 08:30", of)


def _swap(state: str) -> told.SwapFacts:
    return told.SwapFacts(
        roster_id=_ROOM.id, shift_id=_NIGHT.id, from_post_id=_OFFICER, with_shift_id=_NEXT.id,
        to_post_id=_COLLEAGUE, needs_approval=True, state=state,
    )  # fmt: skip


def _gap(missing: int, why: str) -> told.ShiftGapFacts:
    return told.ShiftGapFacts(
        roster_id=_ROOM.id, roster_name="街道应急值班室(演示)", role="duty_officer",
        begins_at=at("2026-12-12 08:30"), ends_at=at("2026-12-13 08:30"), missing=missing, why=why,
    )  # fmt: skip


def _undone(
    story: Story, civil: str, last: told.SwapDeclined | told.SwapWithdrawn | told.SwapRefused
) -> list[Sample]:
    first = story.tell(story.born, told.SwapAsked(swap=_swap("asked")), post=_OFFICER)
    between = (
        [story.tell(civil, told.SwapAccepted(swap=_swap("accepted")), post=_COLLEAGUE)]
        if isinstance(last, told.SwapRefused)
        else []
    )
    return [first, *between, story.tell(civil, last, post=TOWNSHIP_HEAD)]


_CONTACT = Story(word="telephone of the duty room", born="2026-11-20 08:00", area_code=TOWNSHIP)
_TELEPHONE = contacts.ContactWay(kind="telephone", value="0576-8888 0001", begins=None, ends=None)
_AT_NIGHT = contacts.ContactWay(kind="radio", value="防汛 3 频道", begins="17:30", ends="08:30")


def _reached(*ways: contacts.ContactWay) -> contacts.ContactState:
    return contacts.ContactState(post_id=_OFFICER, area_code=TOWNSHIP, ways=ways)


SAMPLES = (
    _CONTACT.tell("2026-11-20 08:00", contacts.ContactEntered(state=_reached(_TELEPHONE)), post=TOWNSHIP_DEPUTY),
    _CONTACT.tell(
        "2026-11-21 08:00",
        contacts.ContactChanged(state=_reached(_TELEPHONE, _AT_NIGHT), reason="夜间加开电台"),
        post=TOWNSHIP_DEPUTY,
    ),
    _CONTACT.tell("2026-11-22 03:00", contacts.ContactStated(state=_reached(_TELEPHONE, _AT_NIGHT))),
    _ROOM.tell("2026-11-20 09:00", told.RosterDrawn(roster=_room(date(2026, 12, 1))), post=TOWNSHIP_DEPUTY),
    _ROOM.tell(
        "2026-11-20 09:01",
        told.RosterPublished(roster=_room(date(2026, 12, 13)), from_day=date(2026, 12, 1), shifts=24, left_out=0),
    ),
    _NIGHT.tell("2026-11-20 09:01", told.ShiftPlanned(state=_tenth(_OFFICER))),
    _NEXT.tell("2026-11-20 09:01", told.ShiftPlanned(state=_eleventh(_COLLEAGUE))),
    _LEFT.tell("2026-11-20 09:01", told.ShiftPlanned(state=_shift("2026-12-12 08:30", "2026-12-13 08:30", _OFFICER))),
    _SWAP.tell("2026-12-05 10:00", told.SwapAsked(swap=_swap("asked")), post=_OFFICER),
    _SWAP.tell("2026-12-05 10:20", told.SwapAccepted(swap=_swap("accepted")), post=_COLLEAGUE),
    _SWAP.tell("2026-12-05 16:00", told.SwapApproved(swap=_swap("done")), post=TOWNSHIP_HEAD),
    _NIGHT.tell(
        "2026-12-05 16:00",
        told.ShiftReassigned(state=_tenth(_COLLEAGUE), from_post_id=_OFFICER, reason="家中有事", swap_id=_SWAP.id),
        post=TOWNSHIP_HEAD,
    ),
    _NEXT.tell(
        "2026-12-05 16:00",
        told.ShiftReassigned(state=_eleventh(_OFFICER), from_post_id=_COLLEAGUE, reason="家中有事", swap_id=_SWAP.id),
        post=TOWNSHIP_HEAD,
    ),
    *_undone(_DECLINED, "2026-12-05 11:10", told.SwapDeclined(swap=_swap("declined"), reason="当日已有安排")),
    *_undone(_WITHDRAWN, "2026-12-05 12:10", told.SwapWithdrawn(swap=_swap("withdrawn"), reason="不需要了")),
    *_undone(_REFUSED, "2026-12-05 13:10", told.SwapRefused(swap=_swap("refused"), reason="防汛期不换班")),
    _LEFT.tell(
        "2026-12-09 08:00",
        told.ShiftCancelled(
            state=_shift("2026-12-12 08:30", "2026-12-13 08:30", _OFFICER, cancelled=True), reason="病假"
        ),
        post=TOWNSHIP_DEPUTY,
    ),
    _GAP.tell("2026-12-09 08:00", told.ShiftGapOpened(gap=_gap(1, "nobody"))),
    _GAP.tell("2026-12-09 09:00", told.ShiftGapChanged(gap=_gap(1, "vacant"))),
    _GAP.tell("2026-12-09 10:00", told.ShiftGapClosed(gap=_gap(1, "vacant"))),
    _NIGHT.tell(
        "2026-12-11 08:20", told.ShiftHandedOver(state=_tenth(_COLLEAGUE), to_shift_id=_NEXT.id), post=_COLLEAGUE
    ),
    _NIGHT.tell(
        "2026-12-11 08:25", told.ShiftTakenOver(state=_tenth(_COLLEAGUE), to_shift_id=_NEXT.id), post=_OFFICER
    ),
    _NIGHT.tell("2026-12-12 03:00", told.ShiftStated(state=_tenth(_COLLEAGUE))),
    _ROOM.tell(
        "2026-12-12 09:00",
        told.RosterChanged(roster=_room(date(2026, 12, 13)), reason="增加一名带班领导"),
        post=TOWNSHIP_DEPUTY,
    ),
    _ROOM.tell(
        "2026-12-20 09:00",
        told.RosterEnded(roster=_room(date(2026, 12, 13)), reason="并入县应急指挥中心"),
        post=TOWNSHIP_DEPUTY,
    ),
)
