"""What the public may read of a listing: never who reported it, nor a natural person's name or number."""

import re
from dataclasses import dataclass
from datetime import datetime, timedelta

from services.responsibility_registry.listings.rules import (
    IN_FORCE,
    ListedUnitKind,
    Listing,
    ListingState,
    ListingWrong,
    published,
)

_PHONE = re.compile(r"(?<!\d)(?:1[3-9]\d(?:[ -]?\d{4}){2}|0\d{2,3}-?\d{7,8})(?!\d)")
_IDENTITY = re.compile(r"(?<!\d)\d{17}[\dXx](?![\dXx])")
_PERSONAL = (
    "公开内容不得含电话号码、身份证号或者个人姓名。",
    "no telephone or identity number, and no name of a natural person goes public",
)
_PERSON = ("个人（不公开姓名）", "a person, whose name is not published")


@dataclass(frozen=True, kw_only=True, slots=True)
class Published:
    """One listing as the public reads it; `unit` in Chinese and English."""

    listing: Listing
    unit: tuple[str, str]
    words: str
    where: str
    published_at: datetime
    over: bool
    limit_at: datetime | None
    delisting_words: str
    delisting_where: str
    delisting_published_at: datetime | None


def require_publishable(person: str, **texts: str) -> None:
    """Raises ListingWrong (422) where a text for the public holds a telephone or identity number, or the name of the
    `person` who is listed (empty for none)."""
    faults = [
        (f"/{name}", "personal_data", _PERSONAL)
        for name, text in texts.items()
        if _PHONE.search(text) or _IDENTITY.search(text) or (person and person in text)
    ]
    if faults:
        raise ListingWrong(*faults)


def is_public(listing: Listing, now: datetime, days_after: int) -> bool:
    """Whether anybody may read it: published, no exercise, and not forgotten since it was taken off."""
    if listing.exercise or published(listing, delisting=False) is None:
        return False
    off = listing.delisted_at
    return listing.state in IN_FORCE or (off is not None and now < off + timedelta(days=days_after))


def for_public(listing: Listing, limit_at: datetime | None) -> Published:
    """The listing as the public reads it; what it is not published with stays inside."""
    told, ended = published(listing, delisting=False), published(listing, delisting=True)
    if told is None:
        raise ValueError(f"listing {listing.id} is not published")
    person = listing.unit_kind is ListedUnitKind.PERSON
    return Published(
        listing=listing, unit=_PERSON if person else (listing.unit, listing.unit), words=told.words, where=told.where,
        published_at=told.published_at, over=listing.state not in IN_FORCE, limit_at=limit_at,
        delisting_words="" if ended is None else ended.words, delisting_where="" if ended is None else ended.where,
        delisting_published_at=None if ended is None else ended.published_at,
    )  # fmt: skip


ONCE_PUBLIC = (*IN_FORCE, ListingState.DELISTED, ListingState.PUT_RIGHT, ListingState.RECURRED)
