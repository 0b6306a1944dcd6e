"""What a roster has to agree with: its kind, its members, its hours and its terms; every fault is said at once."""

from collections.abc import Iterable, Iterator
from itertools import pairwise

from services.responsibility_registry.rosters.rules import (
    LONGEST_TERM_DAYS,
    Hours,
    KindPolicy,
    Member,
    Plan,
    Roster,
    RosterPolicy,
    Rota,
    RotaDays,
    StandsFor,
)
from services.responsibility_registry.rosters.rules_refusals import Fault, RosterWrong

_DAYS_A_WEEK = 7


def check(roster: Roster, policy: RosterPolicy) -> Roster:
    """The roster, if it agrees with its kind and with itself. Raises RosterWrong with every fault at once."""
    kind = policy.kind(roster.kind)
    if kind is None:
        known = "、".join(one.kind for one in policy.kinds)
        said = (f"值班表类别须为：{known}。", f"there is no such kind; there are {known}")
        raise RosterWrong(("/kind", "unknown_kind", said))
    plan = roster.plans[-1]
    faults = [*_of_kind(roster, kind), *_of_roles(plan, kind), *_of_members(plan.members), *_of_terms(plan)]
    for number, rota in enumerate(plan.rotas):
        faults += _of_rota(rota, f"/rotas/{number}", kind, len(plan.members))
    if faults:
        raise RosterWrong(*faults)
    return roster


def _of_kind(roster: Roster, kind: KindPolicy) -> Iterator[Fault]:
    if roster.stands_for not in kind.of:
        known = "、".join(f"「StandsFor.{one}」" for one in kind.of)
        yield "/stands_for", "other_party", (f"此类值班表须属于{known}。", f"it is of a {' or '.join(kind.of)}")
    if (roster.stands_for is StandsFor.ROOM) != (roster.party_id is None):
        said = ("岗位、单位、网格须填 party_id，场所不填。", "name the post, organisation or grid; a room has none")
        yield "/party_id", "contradicts_party", said


def _of_roles(plan: Plan, kind: KindPolicy) -> Iterator[Fault]:
    there = {rota.role for rota in plan.rotas}
    for role in kind.required:
        if role not in there:
            said = (f"此类值班表须有 {role} 轮值。", f"a roster of this kind has a rota of {role}")
            yield "/rotas", "role_missing_here", said
    if len({rota.code for rota in plan.rotas}) < len(plan.rotas):
        yield "/rotas", "code_twice", ("轮值代码不得重复。", "each rota has a code of its own")


def _of_members(members: Iterable[Member]) -> Iterator[Fault]:
    seen: set[Member] = set()
    for number, member in enumerate(members):
        if member in seen:
            yield f"/members/{number}", "twice", ("同一成员只列一次。", "each member is listed once")
        seen.add(member)


def _of_rota(rota: Rota, at: str, kind: KindPolicy, members: int) -> Iterator[Fault]:
    if rota.role not in kind.roles:
        known = "、".join(kind.roles)
        yield f"{at}/role", "other_role", (f"此类值班表的角色为：{known}。", f"here are the roles {known}")
    weekly = rota.days is RotaDays.WEEKLY
    if weekly and len(rota.turns) != _DAYS_A_WEEK:
        yield f"{at}/turns", "not_a_week", ("按周轮值须有周一至周日七组。", "a week has seven turns, Monday first")
    if weekly and rota.turn_days != 1:
        said = ("按周轮值的 turn_days 须为 1。", "of a weekly rota each turn is of one day")
        yield f"{at}/turn_days", "contradicts_days", said
    if not any(rota.turns) or (not weekly and not all(rota.turns)):
        yield f"{at}/turns", "empty_turn", ("轮值组不得为空。", "a turn has at least one member")
    for number, turn in enumerate(rota.turns):
        if any(not 0 <= one < members for one in turn) or len(set(turn)) < len(turn):
            said = ("每组须为成员序号（从 0 起），不得重复。", "a turn is numbers of members, from 0 on, each once")
            yield f"{at}/turns/{number}", "unknown_member", said
    yield from _of_hours(rota.hours, at)


def _of_hours(hours: tuple[Hours, ...], at: str) -> Iterator[Fault]:
    spans = sorted(one.minutes for one in hours)
    day = 24 * 60
    around = [*spans, (spans[0][0] + day, spans[0][1] + day)]
    if any(after[0] < before[1] for before, after in pairwise(around)):
        yield f"{at}/hours", "overlapping", ("各时段不得重叠。", "the hours of a rota do not overlap")


def _of_terms(plan: Plan) -> Iterator[Fault]:
    if not plan.terms and any(rota.days is RotaDays.SCHOOL_DAYS for rota in plan.rotas):
        yield "/terms", "required", ("请填写学期起止日期。", "say from when to when school is kept")
    for number, term in enumerate(plan.terms):
        if not 0 <= (term.last_day - term.first_day).days < LONGEST_TERM_DAYS:
            yield f"/terms/{number}", "period_wrong", ("学期为一天至四百天。", "a term is a day to 400 days long")
    if any(after.first_day <= before.last_day for before, after in pairwise(plan.terms)):
        yield "/terms", "not_in_order", ("学期须按先后排列且不重叠。", "terms follow each other and do not overlap")
