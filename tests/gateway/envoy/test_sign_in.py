"""The door in front of the sign-in pages: open, counted, and truthful about the caller's line."""

from __future__ import annotations

from gateway.envoy.doors import LINE as WRITTEN
from gateway.routes import SIGN_IN_PAGES
from gateway.sessions.api_browser import LINE as READ
from tests.gateway.envoy.conftest import Door


async def test_only_the_door_says_from_which_line_somebody_signs_in(door: Door) -> None:
    assert WRITTEN == READ
    for page in SIGN_IN_PAGES:
        answer = await door.http.get(f"/oauth/{page}", headers={WRITTEN: "203.0.113.9"})
        received = dict(answer.json()["headers"])
        assert received[WRITTEN] == "127.0.0.1"
        assert "sign_in" in answer.headers["ratelimit-policy"]


async def test_other_paths_do_not_learn_the_line(door: Door) -> None:
    answer = await door.http.get("/health/live", headers={WRITTEN: "203.0.113.9"})
    assert WRITTEN not in dict(answer.json()["headers"])
