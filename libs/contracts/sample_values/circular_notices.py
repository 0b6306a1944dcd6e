"""Samples of circular notices about the late notice of the stairwell: one goes out, one does not."""

from __future__ import annotations

from uuid import UUID

from libs.contracts import circular_notices as told
from libs.contracts.sample_values.cast import HOUSING, NOTICE, VILLAGE, post
from libs.contracts.sampling import Story, at

_DEPUTY, _SECRETARY, _HEAD = post("county executive deputy"), post("township secretary"), post("township head")


def _story(word: str, born: str) -> Story:
    return Story(word=word, born=born, area_code=VILLAGE, sectors=HOUSING, correlation=NOTICE.correlation_id)


_CIRCULAR = _story("circular notice", "2026-10-30 00:00")
_REFUSED = _story("circular notice that was refused", "2026-10-31 00:00")
_SIGN_BY = at("2026-11-05 00:00")


def _facts(state: str, *missing: UUID) -> told.CircularFacts:
    return told.CircularFacts(
        order_id=NOTICE.id, step="circular_notice", state=state, sign_by=_SIGN_BY if state == "issued" else None,
        addressed=(_SECRETARY, _HEAD), missing=missing,
    )  # fmt: skip


SAMPLES = (
    _CIRCULAR.tell(
        "2026-10-30 00:00",
        told.CircularNoticeProposed(notice=_facts("proposed"), deciding_posts=(_DEPUTY,)),
        policy="circular_notices-1",
    ),
    _CIRCULAR.tell(
        "2026-10-30 10:00",
        told.CircularNoticeIssued(notice=_facts("issued", _SECRETARY, _HEAD), decided_by=_DEPUTY, words="予以通报"),
        post=_DEPUTY,
    ),
    _CIRCULAR.tell(
        "2026-11-03 09:00",
        told.CircularNoticeSigned(
            notice=_facts("issued", _HEAD), signed_by=_SECRETARY, words="已收悉,本周整改到位", late=False
        ),
        post=_SECRETARY,
    ),
    _CIRCULAR.tell(
        "2026-11-05 00:00",
        told.CircularNoticeLate(notice=_facts("issued", _HEAD), undecided=False, missing=(_HEAD,)),
    ),
    _REFUSED.tell(
        "2026-10-31 00:00", told.CircularNoticeProposed(notice=_facts("proposed"), deciding_posts=(_DEPUTY,))
    ),
    _REFUSED.tell(
        "2026-10-31 09:00",
        told.CircularNoticeRefused(notice=_facts("refused"), reason="当日已整改完毕"),
        post=_DEPUTY,
    ),
)
