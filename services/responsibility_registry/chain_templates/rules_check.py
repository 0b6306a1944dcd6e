"""Whether chains stand: every link over every ground has who answers, of that ground, and nobody carries too much.

A link that nobody fills is said once, at its own ground, and not again at each unit below it (as the gaps of
`duties`); the chain of one unit shows it whole. The order in which anything is given changes nothing.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from functools import partial
from uuid import UUID

from services.responsibility_registry.chain_templates.rules import ChainCount, ChainLink, ChainTemplate
from services.responsibility_registry.chain_templates.rules_found import (
    ChainFault,
    ChainFinding,
    ChainFindingKind,
    ChainRegister,
    Counted,
    Holding,
    LinkState,
    Seat,
    Span,
    Standing,
    Tally,
    UnitChain,
)
from services.responsibility_registry.chain_templates.rules_grounds import (
    Asked,
    Ground,
    Unit,
    above,
    asked_at,
    ground_of,
    level_of,
)

Known = dict[tuple[str, Ground | None, Ground | None], LinkState]
"""How links stand, by link, ground and the ground of the link above."""
SUBSTITUTES = 4
"""So far a vacant post's substitute, the substitute's, and so on, are followed."""


def findings_at(template: ChainTemplate, area_code: str, register: ChainRegister) -> tuple[ChainFinding, ...]:
    """What is wrong at one area, its own units included; ordered by key."""
    units = register.units.get(area_code, ())
    found = [
        one
        for asked in asked_at(template, area_code, units, register.with_units)
        for one in _of_ground(template, area_code, asked, register)
    ]
    if area_code in register.with_units:
        level = level_of(area_code)
        for number, count in enumerate(template.counts):
            if count.tier == level:
                counted = register.counted.get((number, area_code), Counted(posts=0))
                found += _of_count(template, area_code, number, count, counted)
    return tuple(sorted(found, key=lambda one: one.key))


def chain_of(template: ChainTemplate, unit: Unit, register: ChainRegister, known: Known | None = None) -> UnitChain:
    """The chain over one unit, with everything that is wrong in its links. `known` keeps the links that units of a
    wider ground share, for who asks about many."""
    shared = {} if known is None else known
    links = []
    for link in template.links:
        ground, up = ground_of(link, unit), template.above(link)
        own = ground is None or ground.unit_id is not None
        asked = Asked(link=link, ground=ground, unit=unit, code=_code(ground, unit) if own else "")
        key = (link.code, ground, None if up is None else above(up, asked))
        state = None if own else shared.get(key)
        if state is None:
            state = shared[key] = _state(template, asked, unit, register)
        links.append(state)
    return UnitChain(unit=unit, links=tuple(links))


def _state(template: ChainTemplate, asked: Asked, unit: Unit, register: ChainRegister) -> LinkState:
    link, ground = asked.link, asked.ground
    area_code = unit.area_code if ground is None else ground.area_code
    return LinkState(
        link=link, ground=ground, seats=_seats(_holdings(link, ground, register), register.posts)[0],
        findings=tuple(_of_ground(template, area_code, asked, register)),
    )  # fmt: skip


def _code(ground: Ground | None, unit: Unit) -> str:
    lies_in = unit.parent is not None and ground is not None and ground.unit_id == unit.parent.id
    return unit.parent.code if lies_in and unit.parent is not None else unit.code


def _holdings(link: ChainLink, ground: Ground | None, register: ChainRegister) -> Sequence[Holding]:
    return () if ground is None else register.holdings.get((link.code, ground), ())


def _seats(holdings: Iterable[Holding], posts: Mapping[UUID, Standing]) -> tuple[tuple[Seat, ...], tuple[UUID, ...]]:
    """Those who act in a link, the longest there first; and the posts that nobody holds or stands in for."""
    seats, vacant = [], []
    for one in sorted(holdings, key=lambda each: (each.since, each.id)):
        acts = _who_acts(one.post_id, posts)
        if acts is None:
            vacant.append(one.post_id)
        else:
            stands_for = None if acts == one.post_id else one.post_id
            seats.append(Seat(post_id=acts, vacant_post_id=stands_for, holding=one))
    return tuple(seats), tuple(vacant)


def _who_acts(post_id: UUID, posts: Mapping[UUID, Standing]) -> UUID | None:
    acts: UUID | None = post_id
    for _ in range(SUBSTITUTES):
        if acts is None or acts not in posts:
            return None
        if not posts[acts].vacant:
            return acts
        acts = posts[acts].substitute_post_id
    return None


def _of_ground(
    template: ChainTemplate, area_code: str, asked: Asked, register: ChainRegister
) -> Iterator[ChainFinding]:
    """What is wrong with one link over one ground."""
    link, ground = asked.link, asked.ground
    said = partial(_finding, template, area_code, asked)
    if ground is None:
        yield said(ChainFindingKind.BREAK, ChainFault.NO_PARENT)
        return
    seats, vacant = _seats(_holdings(link, ground, register), register.posts)
    acting, number = [one.post_id for one in seats], len(seats)
    if number == 0 and link.at_least > 0:
        yield said(ChainFindingKind.MISSING, ChainFault.VACANT if vacant else ChainFault.NOBODY, vacant)
    elif number < link.at_least:
        yield said(ChainFindingKind.TOO_FEW, ChainFault.FEWER_THAN_ASKED, acting, number)
    if link.at_most is not None and number > link.at_most:
        yield said(ChainFindingKind.TOO_MANY, ChainFault.MORE_THAN_ASKED, acting, number)
    strangers = [one.post_id for one in seats if not _of_this_ground(register.posts[one.post_id], ground)]
    if strangers:
        yield said(ChainFindingKind.BREAK, ChainFault.POST_ELSEWHERE, strangers, number)
    astray = [one.post_id for one in seats if _astray(template, asked, one, register)]
    if astray:
        yield said(ChainFindingKind.BREAK, ChainFault.ANSWERS_TO_ANOTHER, astray, number)
    for post_id in sorted({one.holding.post_id for one in seats}):
        span = register.spans.get((link.code, post_id))
        if span is not None and span.first == ground and (why := _overburdened(link, span)) is not None:
            carried = span.carried if why is ChainFault.POST_CARRIES else span.of_person
            over = said(ChainFindingKind.OVER_SPAN, why, [post_id], carried)
            yield replace(over, least=0, most=link.most_grounds)


def _finding(
    template: ChainTemplate, area_code: str, asked: Asked, kind: ChainFindingKind, why: ChainFault,
    posts: Sequence[UUID] = (), found: int = 0,
) -> ChainFinding:  # fmt: skip
    link, ground = asked.link, asked.ground
    unit_id = ground.unit_id if ground is not None else asked.unit.id if asked.unit else None
    return ChainFinding(
        kind=kind, why=why, area_code=area_code, link=link.code, on=link.on, unit_id=unit_id, unit_code=asked.code,
        found=found, least=link.at_least, most=link.at_most, post_ids=tuple(posts),
        place=f"{template.links.index(link):02}",
    )  # fmt: skip


def _overburdened(link: ChainLink, span: Span) -> ChainFault | None:
    """Whether a post, or who holds it with all their posts, carries more grounds than the link allows."""
    if link.most_grounds is None or max(span.carried, span.of_person) <= link.most_grounds:
        return None
    return ChainFault.POST_CARRIES if span.carried > link.most_grounds else ChainFault.PERSON_CARRIES


def _of_this_ground(post: Standing, ground: Ground) -> bool:
    """Whether a post stands in an area around a ground, or within it ([DEF]): a leader of another county is not who
    is meant, whatever the list says."""
    wide, narrow = sorted((_prefix(post.area_code), _prefix(ground.area_code)), key=len)
    return narrow.startswith(wide)


def _prefix(area_code: str) -> str:
    sizes = {"province": 2, "city": 4, "county": 6, "township": 9, "village": 12}
    return area_code[: sizes[level_of(area_code)]]


def _astray(template: ChainTemplate, asked: Asked, seat: Seat, register: ChainRegister) -> bool:
    """Whether somebody answers to a post that does not hold the link above over the same ground."""
    superior, up = seat.holding.superior_post_id, template.above(asked.link)
    ground = None if up is None else above(up, asked)
    if superior is None or up is None or ground is None:
        return False
    return all(one.post_id != superior for one in _holdings(up, ground, register))


def _of_count(
    template: ChainTemplate, area_code: str, number: int, count: ChainCount, counted: Counted
) -> Iterator[ChainFinding]:
    """What is wrong with how many there are in an area."""
    kind, why = None, ChainFault.FEWER_THAN_ASKED
    least, most = count.at_least, count.at_most
    if count.households_of:
        # One post for so many households on the average: 312 of them at 5 to 15 need 21 and may have 62.
        least = -(-counted.households // count.households_most)
        most = counted.households // count.households_least
        if counted.households == 0:
            kind, why, most = ChainFindingKind.BREAK, ChainFault.HOUSEHOLDS_UNSAID, None
    if kind is None and counted.posts < least:
        kind = ChainFindingKind.TOO_FEW
    elif kind is None and most is not None and counted.posts > max(most, least):
        kind, why = ChainFindingKind.TOO_MANY, ChainFault.MORE_THAN_ASKED
    if kind is not None:
        place = [one.code for one in template.links].index(count.link)
        yield ChainFinding(
            kind=kind, why=why, area_code=area_code, link=count.link, on=count.tier, unit_id=None, unit_code="",
            found=counted.posts, least=least, most=most, post_ids=(), place=f"{place:02}/{number:02}",
        )  # fmt: skip


def tally(
    template: ChainTemplate, wide: str, area_code: str, register: ChainRegister, known: Known | None = None
) -> Tally:  # fmt: skip
    """The chains of the units of one area, and what is said at it, counted for the area in which it lies. A unit is
    an orphan by any link of its chain, also where the ground of that link is wider than the area that is counted."""
    shared = {} if known is None else known
    chains = [chain_of(template, unit, register, shared) for unit in register.units.get(area_code, ())]
    kinds: dict[ChainFindingKind, int] = {}
    for one in findings_at(template, area_code, register):
        kinds[one.kind] = kinds.get(one.kind, 0) + 1
    return Tally(
        area_code=wide, units=len(chains), full=sum(one.full for one in chains), findings=kinds,
        orphans=sum(one.has(ChainFindingKind.MISSING) for one in chains),
        broken=sum(one.has(ChainFindingKind.BREAK) for one in chains),
    )  # fmt: skip


def added(area_code: str, parts: Sequence[Tally]) -> Tally:
    """Some areas counted together as one."""
    kinds = {kind: sum(one.findings.get(kind, 0) for one in parts) for one in parts for kind in one.findings}
    return Tally(
        area_code=area_code, units=sum(one.units for one in parts), full=sum(one.full for one in parts),
        orphans=sum(one.orphans for one in parts), broken=sum(one.broken for one in parts), findings=kinds,
    )  # fmt: skip
