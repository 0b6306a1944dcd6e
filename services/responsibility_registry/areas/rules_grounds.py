"""Which area a code means on a day, and whose duties count there: areas merge, split and are recoded, duties do not.

A duty keeps the code of its time, and nobody moves a thousand of them on the day of a merger. So a question by an old
code is answered where the ground lies now, and one about the past by a new code where it lay then, as long as that is
one area; of a split nobody knows the part, and of a merger not from which side: then the answer names the areas among
which one has to choose ([DEF]).
"""

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from datetime import date

from services.responsibility_registry.areas.rules_successions import Succession


@dataclass(frozen=True, kw_only=True, slots=True)
class Ground:
    """`code` is the area that is meant; `counts_as` are codes whose duties count as if they lay on it or on an area
    in which it lies; `one_of` are the areas of which one is meant, where nobody can tell which."""

    code: str
    counts_as: Mapping[str, str]
    one_of: tuple[str, ...]


def ground_of(
    asked: str, told: Iterable[Succession], since: Mapping[str, date], on: date, above: Mapping[str, Collection[str]]
) -> Ground:
    """What a code means on a day. `since` says from when on areas are there, `above` in which each of them lies."""
    known = [*told]
    way, one_of = _way(asked, known, since, on)
    code = way[-1]
    around = (code, *above.get(code, ()))
    counts_as = dict.fromkeys(way[:-1], code)
    for place in around:
        others = [*_recoded(place, known, since, on), *(_way(place, known, since, on)[0][1:])]
        counts_as |= {other: place for other in others if other not in counts_as}
    # What goes for an area itself is never taken from it.
    counts_as = {other: place for other, place in counts_as.items() if other not in around}
    return Ground(code=code, counts_as=counts_as, one_of=one_of)


def came_of(code: str, told: Iterable[Succession], on: date) -> tuple[str, ...]:
    """The areas out of which one had come by a day, all the way back: what was written of the ground bears those."""
    ended = [one for one in told if not one.goes_on and one.at <= on]
    found = {code: None}
    for after in (queue := [code]):
        before = [one.from_code for one in ended if one.to_code == after and one.from_code not in found]
        found |= dict.fromkeys(before)
        queue += dict.fromkeys(before)
    return tuple(found)[1:]


def _way(
    asked: str, told: Collection[Succession], since: Mapping[str, date], on: date
) -> tuple[list[str], tuple[str, ...]]:
    """From the code that was asked to the area that was there on the day, step by step; or to where it parts."""
    way = [asked]
    while True:
        here = way[-1]
        steps = {one.to_code for one in told if one.from_code == here and not one.goes_on and one.at <= on}
        if not steps and here in since and since[here] > on:
            # Not there yet: what was cut off from an area that goes on lay in that one, too.
            steps = {one.from_code for one in told if one.to_code == here and one.at > on}
        if len(steps) > 1:
            return way, tuple(sorted(steps))
        if not steps or steps <= {*way}:
            return way, ()
        way.append(steps.pop())


def _recoded(code: str, told: Collection[Succession], since: Mapping[str, date], on: date) -> list[str]:
    """The codes that an area had before, one after the other, where all of one area became all of another."""
    found = [code]
    while True:
        here = found[-1]
        before = [one for one in told if one.to_code == here and one.at <= on]
        if len(before) != 1 or before[0].goes_on or since.get(here, date.min) < before[0].at:
            return found[1:]
        old = before[0].from_code
        if old in found or {one.to_code for one in told if one.from_code == old} != {here}:
            return found[1:]
        found.append(old)
