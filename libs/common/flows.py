"""Who tells what, who hears what and what verb it leads to: read from the contracts and the listen tables."""

from __future__ import annotations

import ast
import inspect
import textwrap
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from types import ModuleType
from typing import Any

from libs.common.bus_names import ConsumerKind
from libs.common.copies import Copy
from libs.common.service import Service
from libs.contracts.catalogue import events_of
from libs.contracts.event import Event, noun_of, producer_of

_HEAD = """# Flows

Generated from the contracts and from each service's listen tables by `python -m infra.documents --write`;
a test fails when this page differs. Times, envelopes and subjects are in the AsyncAPI document beside it.
"""
_PLUMBING = frozenset({"announcement", "copy", "seal_head"})
"""Nouns of the plumbing, which every producer tells alike."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Hearing:
    """One row of a listen table as people read it."""

    hearer: str
    event: type[Event]
    leads_to: str
    copies: bool


def hearings(services: Iterable[Service]) -> tuple[Hearing, ...]:
    """Every row of every listen table, in the order of services, consumers and events."""
    rows = (
        Hearing(
            hearer=service.name,
            event=listener.event,
            leads_to=leads_to(listener.handle),
            copies=kind is ConsumerKind.COPIES,
        )
        for service in services
        for kind in ConsumerKind
        for listener in service.listeners(kind)
    )
    return tuple(sorted(rows, key=lambda one: (one.hearer, one.copies, one.event.type, one.leads_to)))


def leads_to(handle: Callable[..., Any]) -> str:
    """What a handler does: the verbs that it calls, or the handler's own name where it calls none."""
    owner = getattr(handle, "__self__", None)
    if isinstance(owner, Copy):
        return f"copy of {owner.noun}: {handle.__name__}"
    tree = ast.parse(textwrap.dedent(inspect.getsource(handle)))
    verbs = dict.fromkeys(_verbs(tree, inspect.unwrap(handle).__globals__))
    return ", ".join(verbs) or f"{_slice_of(handle.__module__)}.{handle.__name__}"


def _verbs(tree: ast.AST, names: dict[str, Any]) -> Iterator[str]:
    """The calls of another module's verbs: `actions.issue_order(…)`, or the function imported by name."""
    for node in ast.walk(tree):
        if not isinstance(node, ast.Call):
            continue
        match node.func:
            case ast.Attribute(value=ast.Name(id=module), attr=verb) if isinstance(names.get(module), ModuleType):
                called = names[module].__name__
            case ast.Name(id=verb) if callable(names.get(verb)):
                called = getattr(names[verb], "__module__", "")
            case _:
                continue
        if called.rsplit(".", 1)[-1].startswith("actions"):
            yield f"{_slice_of(called)}.{verb}"


def _slice_of(module: str) -> str:
    parts = module.split(".")
    return parts[-2] if len(parts) > 2 else parts[-1]


def document(services: Sequence[Service]) -> str:
    """The page docs/flows.md."""
    heard = hearings(services)
    told = [_told(service, heard) for service in services]
    listened = [_heard(service, heard) for service in services]
    return "\n".join([_HEAD, _picture(heard), "## Who tells what\n", *told, "## Who hears what\n", *listened])


def _picture(heard: Sequence[Hearing]) -> str:
    arrows: dict[tuple[str, str], dict[str, None]] = {}
    for one in heard:
        noun = noun_of(one.event.type)
        if noun not in _PLUMBING:
            arrows.setdefault((producer_of(one.event.type), one.hearer), {})[noun] = None
    lines = [f"  {teller} -- {', '.join(nouns)} --> {hearer}" for (teller, hearer), nouns in sorted(arrows.items())]
    return "\n".join(["```mermaid", "flowchart LR", *lines, "```", ""])


def _told(service: Service, heard: Sequence[Hearing]) -> str:
    lines = [f"### {service.title}\n", "| event | what it says | who hears it, and what follows |", "|---|---|---|"]
    for noun, events in events_of(service.name).items():
        if noun not in _PLUMBING:
            lines += [_told_row(service, event, heard) for event in events]
    plumbing = [name for noun in sorted(_PLUMBING) for name in _facts(service.name, noun)]
    lines.append(f"\nAnd of its plumbing, as every producer: {', '.join(plumbing)}.\n")
    return "\n".join(lines)


def _facts(producer: str, noun: str) -> list[str]:
    return [f"`{event.type.removeprefix(f'{producer}.')}`" for event in events_of(producer).get(noun, ())]


def _told_row(service: Service, event: type[Event], heard: Sequence[Hearing]) -> str:
    followed: dict[str, list[str]] = {}
    for one in heard:
        if one.event is event:
            followed.setdefault(one.hearer, []).append(_short(one))
    what = "; ".join(f"{hearer}: {', '.join(dict.fromkeys(verbs))}" for hearer, verbs in followed.items())
    name = event.type.removeprefix(f"{service.name}.")
    return f"| `{name}` | {_first_line(event)} | {what or 'feed only'} |"


def _short(one: Hearing) -> str:
    return "keeps a copy" if one.copies else f"`{one.leads_to}`"


def _heard(service: Service, heard: Sequence[Hearing]) -> str:
    lines = [f"### {service.title}\n"]
    acting = [one for one in heard if one.hearer == service.name and not one.copies]
    acted = [one for one in acting if noun_of(one.event.type) not in _PLUMBING]
    if acted:
        rows = (f"| `{one.event.type}` | `{one.leads_to}` |" for one in acted)
        lines += ["| hears | verb |", "|---|---|", *rows, ""]
    copied = {
        f"`{producer_of(one.event.type)}.{noun_of(one.event.type)}`"
        for one in heard
        if one.hearer == service.name and one.copies and noun_of(one.event.type) not in _PLUMBING
    }
    lines.append(f"Keeps copies of: {', '.join(sorted(copied)) or 'nothing'}.\n")
    return "\n".join(lines)


def _first_line(event: type[Event]) -> str:
    return " ".join((event.__doc__ or "").strip().split("\n\n")[0].split())
