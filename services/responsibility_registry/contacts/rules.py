"""How a post is reached: its ways in their order, each at all hours or at some; of the post, not of its holder.

A mobile number is somebody's own (PIPL (2021) Art 4), so it is refused here ([DEF]).
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from enum import StrEnum
from uuid import UUID

MOST_WAYS = 10
_TELEPHONE = re.compile(r"\+?[0-9](?:[0-9 -]{1,18}[0-9])", re.ASCII)
_MOBILE = re.compile(r"(?:\+?86)?1[3-9][0-9]{9}", re.ASCII)
Fault = tuple[str, str, tuple[str, str]]


class WayKind(StrEnum):
    """A duty telephone, a radio channel or call sign, a fax, or the room's group in the city's app."""

    TELEPHONE = "telephone"
    RADIO = "radio"
    FAX = "fax"
    GROUP = "group"


@dataclass(frozen=True, kw_only=True, slots=True)
class Way:
    """One way, at all hours or from when to when (`HH:MM` of the city); an end that is not later is of the next
    day."""

    kind: WayKind
    value: str
    begins: str | None = None
    ends: str | None = None


@dataclass(frozen=True, kw_only=True, slots=True)
class Contact:
    """How a post is reached, the way to be tried first first; area and sectors are the post's when it was entered."""

    id: UUID
    version: int
    area_code: str
    sectors: tuple[str, ...]
    exercise: bool
    correlation_id: UUID
    post_id: UUID
    ways: tuple[Way, ...]


class ContactWrong(Exception):
    """What was entered of a contact does not do; `errors` are (pointer, code, detail)."""

    status = 422
    code = "contact_wrong"
    title = ("联系方式有误", "The contact is wrong")

    def __init__(self, *errors: Fault) -> None:
        super().__init__(*errors)
        self.errors = errors


def check(contact: Contact) -> Contact:
    """The contact, if each of its ways can be used and none is a person's own. Raises ContactWrong."""
    faults = [fault for number, way in enumerate(contact.ways) for fault in _faults(way, f"/ways/{number}")]
    if len({(way.kind, way.value) for way in contact.ways}) < len(contact.ways):
        faults.append(("/ways", "twice", ("同一联系方式只列一次。", "each way is listed once")))
    if faults:
        raise ContactWrong(*faults)
    return contact


def _faults(way: Way, at: str) -> Iterator[Fault]:
    if (way.begins is None) != (way.ends is None):
        yield f"{at}/ends", "half_said", ("起止时刻须同时填写。", "say both when it begins and when it ends")
    if way.kind not in (WayKind.TELEPHONE, WayKind.FAX):
        return
    if not _TELEPHONE.fullmatch(way.value):
        yield f"{at}/value", "pattern", ("电话须为数字，可含空格和短横。", "digits, with spaces and hyphens between")
    elif _MOBILE.fullmatch(re.sub("[ -]", "", way.value)):
        said = (
            "手机号属于个人信息；请填写岗位的固定电话。",
            "a mobile number is a person's own: enter the telephone of the post",
        )
        yield f"{at}/value", "personal_number", said
