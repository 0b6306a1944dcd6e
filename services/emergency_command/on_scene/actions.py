"""The verbs of leaders on scene: called when the harm demands it, acknowledged, arrived, excused."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from datetime import datetime
from uuid import UUID

from libs.common.aggregates import require_version
from libs.common.db import Tx
from libs.common.ids import new_id
from libs.common.places import distance_m
from libs.common.problems import RoleMissing
from libs.common.scope import Scope
from libs.contracts.emergency_command import LeaderArrived, LeaderCalled, LeaderFacts, LeaderMoved
from libs.contracts.values import Point
from services.emergency_command.copies import store as copies
from services.emergency_command.copies.store import Holder
from services.emergency_command.dispatch.actions import told_at
from services.emergency_command.dispatch.rules_scene import Emergency
from services.emergency_command.on_scene import rules, store
from services.emergency_command.on_scene.policies import ATTENDANCE, attendance_of
from services.emergency_command.on_scene.rules import (
    AttendancePolicy,
    AttendanceRow,
    Harm,
    LeaderCall,
    OwnWordDoesNotCount,
    Required,
)

COMMANDS = ("commander", "duty_officer")
"""Who enters an acknowledgement or an excuse for somebody else."""
WITNESSES = (*COMMANDS, "leader", "call_taker", "inspector", "grid_member")
"""Whose word an arrival may be taken on."""


async def call_leaders(
    tx: Tx, emergency: Emergency, harm: Harm, earlier: Iterable[tuple[datetime, int]] = ()
) -> Sequence[LeaderCall]:
    """Call whoever the harm demands and who is not called yet; a seat that nobody holds is a call with a gap.

    `earlier` are deaths before at the same place (when, how many). Asked under a system scope; less harm calls
    nobody back.
    """
    policy = rules.policy_for(emergency.scene.kind, ATTENDANCE)
    if policy is None:
        return ()
    counted = rules.with_repeats(harm, earlier, tx.now, policy)
    called = {call.post_kind for call in await store.of_incidents(tx, [emergency.incident_id])}
    needed = rules.to_call(policy, counted, called)
    if not needed:
        return ()
    seats = {(one.seat.post_kind, one.seat.tier) for one in needed}
    holders = await copies.find_holders(tx, seats, emergency.area_code)
    return [
        await _call(tx, emergency, policy, one, holders.get((one.seat.post_kind, one.seat.tier))) for one in needed
    ]


def next_row(kind: str, harm: Harm) -> AttendanceRow | None:
    """The row that the next step of harm would reach: shown, and not called."""
    policy = rules.policy_for(kind, ATTENDANCE)
    return None if policy is None else rules.next_row(policy, harm)


def repeat_days(kind: str) -> int | None:
    """For how many days earlier deaths at the same place count (None: not asked)."""
    policy = rules.policy_for(kind, ATTENDANCE)
    return None if policy is None else policy.repeat_days


async def acknowledge(tx: Tx, call_id: UUID, expected: int | None, at: datetime | None) -> LeaderCall:
    """The leader has read the call and is coming. Raises RoleMissing (403), CallMoveRefused (409)."""
    call = await _lock(tx, call_id, expected)
    return await _moved(tx, rules.acknowledge(call, told_at(tx, at)))


async def excuse(tx: Tx, call_id: UUID, expected: int | None, reason: str) -> LeaderCall:
    """The leader does not come, with the reason; it stays on record."""
    call = await _lock(tx, call_id, expected)
    return await _moved(tx, rules.excuse(call, tx.now, reason=reason))


async def arrive(
    tx: Tx, call_id: UUID, expected: int | None, at: datetime | None, place: tuple[float, float] | None
) -> LeaderCall:
    """Checked in: by the leader's own position near the scene, or by the word of another post.

    Raises TooFarFromScene, OwnWordDoesNotCount, PostUnsaid (422), RoleMissing (403), LeaderAlreadyArrived (409).
    """
    call = await store.lock_call(tx, call_id)
    _require_arrival(tx, call, by_position=place is not None)
    require_version(call, expected)
    when = told_at(tx, at)
    if place is not None:
        metres = distance_m((call.lon, call.lat), place)
        policy = attendance_of(call.policy_version)
        arrived = rules.arrive_by_position(call, when, distance_m=metres, policy=policy)
    else:
        if call.post_id in tx.caller.posts:
            # Whoever holds several posts is still one and the same.
            raise OwnWordDoesNotCount(
                "请由现场的其他岗位确认到场。", "let another post at the scene confirm the arrival"
            )
        arrived = rules.arrive_by_word(call, when, witness_post=tx.caller.acting_post())
    event = LeaderArrived(call=facts_of(arrived), arrived_at=when)
    return await store.record_call(tx, arrived, event)


async def calls_of(tx: Tx, incident_ids: Collection[UUID]) -> Sequence[LeaderCall]:
    """The calls to some incidents within the scope, for another slice of this service."""
    return await store.of_incidents(tx, incident_ids)


def may_move(scope: Scope, call: LeaderCall) -> bool:
    """Whether the caller is the leader, or commands there."""
    own = call.post_id is not None and call.post_id in scope.posts
    return own or scope.holds(*COMMANDS, area_code=call.area_code, sectors=call.sectors)


async def _lock(tx: Tx, call_id: UUID, expected: int | None) -> LeaderCall:
    call = await store.lock_call(tx, call_id)
    if not may_move(tx.caller, call):
        raise RoleMissing(COMMANDS)
    require_version(call, expected)
    return call


def _require_arrival(tx: Tx, call: LeaderCall, *, by_position: bool) -> None:
    """A position proves only where its own bearer is; a word is taken from whoever has a part there."""
    if not by_position:
        tx.caller.require(*WITNESSES, area_code=call.area_code, sectors=call.sectors)
    elif call.post_id is None or call.post_id not in tx.caller.posts:
        raise RoleMissing(("leader",))


async def _moved(tx: Tx, call: LeaderCall) -> LeaderCall:
    return await store.record_call(tx, call, LeaderMoved(call=facts_of(call)), why=call.reason)


async def _call(
    tx: Tx, emergency: Emergency, policy: AttendancePolicy, needed: Required, holder: Holder | None
) -> LeaderCall:
    scene = emergency.scene
    call = LeaderCall(
        id=new_id(), version=0, area_code=emergency.area_code, sectors=emergency.sectors,
        exercise=emergency.exercise, correlation_id=emergency.correlation_id, incident_id=emergency.incident_id,
        lon=scene.lon, lat=scene.lat, place_words=scene.place_words, post_id=holder.post_id if holder else None,
        stands_in_for=holder.stands_in_for if holder else None, post_kind=needed.seat.post_kind,
        tier=needed.seat.tier, row_at_least=needed.row.at_least, called_at=tx.now, source=needed.row.source,
        policy_version=f"{policy.policy}-{policy.version}",
    )  # fmt: skip
    parts = [(holder.post_id, "leader")] if holder else []
    return await store.record_call(tx, call, LeaderCalled(call=facts_of(call, needed.row.en)), parts=parts)


def facts_of(call: LeaderCall, row: str = "") -> LeaderFacts:
    """The call as events carry it."""
    return LeaderFacts(
        incident_id=call.incident_id, post_id=call.post_id, post_kind=call.post_kind, row=row or _row_of(call),
        state=call.state, pack_version=call.policy_version, tier=call.tier, stands_in_for=call.stands_in_for,
        place=Point(lon=call.lon, lat=call.lat), place_words=call.place_words, reason=call.reason,
    )  # fmt: skip


def _row_of(call: LeaderCall) -> str:
    rows = attendance_of(call.policy_version).rows
    return next((row.en for row in rows if row.at_least == call.row_at_least), "")
