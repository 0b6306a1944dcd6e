"""Putting the daily heads of all chains together."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from gateway.services import ServiceClient
from libs.common.daily_heads import DailyHead
from libs.common.problems import Unavailable


async def compose_heads(services: ServiceClient, own: Sequence[DailyHead], days: int) -> dict[str, Any]:
    """The newest daily heads of every chain, newest day first; a chain that is away is named.

    Raises Unavailable (503) where no service answered.
    """
    answers = await services.ask_all(f"/internal/seal-heads?limit={days}")
    heads, lost = [day.line() for day in own], list[dict[str, str]]()
    for name, answer in answers.items():
        if answer.status == 200 and isinstance(answer.body, dict):
            heads += answer.body["items"]
        else:
            lost.append({"service": name, "reason": answer.missing or f"status_{answer.status}"})
    if lost and len(lost) == len(answers):
        raise Unavailable(part="every service")
    heads.sort(key=lambda head: head["service"])
    heads.sort(key=lambda head: head["day"], reverse=True)
    return {"items": heads, "missing": lost, "complete": not lost}
