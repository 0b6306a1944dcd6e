"""Samples of what the responsibility registry tells of organisations, bodies and meetings."""

from __future__ import annotations

from datetime import date, datetime
from uuid import UUID

from libs.contracts import bodies
from libs.contracts import organizations as told
from libs.contracts.sample_values.cast import COUNTY, EMERGENCY_BUREAU, TOWNSHIP, TOWNSHIP_DEPUTY, file
from libs.contracts.sampling import Story, at, sample_id

_BUREAU = Story(
    word="county emergency bureau", born="2026-01-01 00:00", area_code=COUNTY, sectors=("fire", "industry")
)


def _bureau(name: str, valid_to: date | None = None) -> told.OrganizationState:
    return told.OrganizationState(
        code="331002000000-emergency_bureau", name_zh=name, name_en="District emergency bureau (demonstration)",
        kind="department", credit_code="11331002MB1234567J", area_code=COUNTY, sectors=("fire", "industry"),
        area_codes=(), parent_id=None, valid_from=date(2019, 1, 1), valid_to=valid_to,
    )  # fmt: skip


_FORCE = Story(word="electric bicycle task force", born="2026-10-20 09:00", area_code=TOWNSHIP, sectors=("fire",))
_MEETING = Story(word="task force meeting", born="2026-11-25 09:00", area_code=TOWNSHIP, sectors=("fire",))
_OTHER_MEETING = Story(word="cancelled meeting", born="2026-12-01 09:00", area_code=TOWNSHIP, sectors=("fire",))
_COMMITTEE = Story(word="safety committee", born="2026-01-01 00:00", area_code=TOWNSHIP)
_REMINDER = Story(
    word="committee is short", born="2026-11-30 16:00", area_code=TOWNSHIP, correlation=_COMMITTEE.correlation_id
)  # fmt: skip
_ORDER = sample_id("clear the stairwells", at("2026-12-10 15:00"))
_CHAIR = bodies.SeatFacts(
    party_id=TOWNSHIP_DEPUTY, party_kind="post", part="chair", since=at("2026-10-20 09:00"), until=None
)  # fmt: skip
_MEMBER = bodies.SeatFacts(
    party_id=_BUREAU.id, party_kind="organization", part="member", since=at("2026-10-21 09:00"), until=None
)  # fmt: skip
_LEFT = _MEMBER.model_copy(update={"until": at("2026-12-15 00:00")})


def _force(*seats: bodies.SeatFacts, valid_to: datetime) -> bodies.BodyFacts:
    return bodies.BodyFacts(
        kind="task_force", name_zh="电动自行车整治工作专班(演示)", parent_id=None, area_codes=(),
        name_en="Task force on electric bicycles (demonstration)", document="街道安委会 2026-12号",
        valid_from=at("2026-10-20 09:00"), valid_to=valid_to, seats=seats,
    )  # fmt: skip


def _meeting(state: str, *order_ids: UUID, planned_at: str = "2026-12-10 14:00") -> bodies.MeetingFacts:
    met = state == "held"
    return bodies.MeetingFacts(
        body_id=_FORCE.id, kind="regular", title="第四季度例会", state=state, planned_at=at(planned_at),
        held_at=at("2026-12-10 14:00") if met else None, chaired_by=TOWNSHIP_DEPUTY if met else None,
        attended=(TOWNSHIP_DEPUTY, EMERGENCY_BUREAU) if met else (), order_ids=order_ids,
    )  # fmt: skip


_TERM, _LONGER = at("2027-01-01 00:00"), at("2027-07-01 00:00")
_HELD = _meeting("held")
_FIRST_PLAN = _meeting("planned", planned_at="2026-12-08 14:00")
_BODIES = (
    _FORCE.tell("2026-10-20 09:00", bodies.BodyFounded(body=_force(_CHAIR, valid_to=_TERM))),
    _FORCE.tell("2026-10-21 09:00", bodies.BodySeatGiven(body=_force(_CHAIR, _MEMBER, valid_to=_TERM), seat=_MEMBER)),
    _FORCE.tell(
        "2026-12-14 09:00",
        bodies.BodySeatEnded(body=_force(_CHAIR, _LEFT, valid_to=_TERM), seat=_LEFT, reason="职责调整"),
    ),
    _FORCE.tell(
        "2026-12-20 09:00",
        bodies.BodyProlonged(body=_force(_CHAIR, _LEFT, valid_to=_LONGER), from_valid_to=_TERM),
    ),
    _FORCE.tell(
        "2027-07-01 00:00",
        bodies.BodyEnded(body=_force(_CHAIR, _LEFT, valid_to=_LONGER), ended_at=_LONGER, reason="期满"),
    ),
)
_MEETINGS = (
    _MEETING.tell("2026-11-25 09:00", bodies.MeetingPlanned(meeting=_FIRST_PLAN)),
    _MEETING.tell(
        "2026-12-07 09:00",
        bodies.MeetingPostponed(
            meeting=_meeting("planned"), from_planned_at=at("2026-12-08 14:00"), reason="与防汛会商冲突"
        ),
    ),
    _MEETING.tell("2026-12-10 16:00", bodies.MeetingHeld(meeting=_HELD)),
    _MEETING.tell(
        "2026-12-11 09:00",
        bodies.MeetingMinuted(meeting=_HELD, files=(file("minutes", "2026-12-11 09:00"),), edition=1),
    ),
    _MEETING.tell(
        "2026-12-11 10:00",
        bodies.MeetingDecided(
            meeting=_meeting("held", _ORDER), number=1, words="一周内清零楼梯间充电点", order_id=_ORDER,
            assigned_post=TOWNSHIP_DEPUTY,
        ),
    ),
    _OTHER_MEETING.tell("2026-12-01 09:00", bodies.MeetingPlanned(meeting=_meeting("planned"))),
    _OTHER_MEETING.tell(
        "2026-12-02 09:00", bodies.MeetingCancelled(meeting=_meeting("cancelled"), reason="并入全市会议")
    ),
    _REMINDER.tell(
        "2026-12-01 00:00",
        bodies.MeetingsShort(
            body_id=_COMMITTEE.id, year=2026, number=4, held=3, due_at=at("2027-01-01 00:00"), missed=False,
            addressed_posts=(TOWNSHIP_DEPUTY,), source="[DEF] 安委会全体会议每季度一次",
        ),
        policy="1",
    ),
)  # fmt: skip


SAMPLES = (
    _BUREAU.tell("2026-01-01 00:00", told.OrganizationRegistered(state=_bureau("区应急局(演示)"))),
    _BUREAU.tell("2026-03-01 09:00", told.OrganizationChanged(state=_bureau("区应急管理局(演示)"))),
    _BUREAU.tell(
        "2026-12-20 09:00",
        told.OrganizationEnded(state=_bureau("区应急管理局(演示)", date(2027, 1, 1)), reason="机构改革,并入新单位"),
    ),
    *_BODIES,
    *_MEETINGS,
)
