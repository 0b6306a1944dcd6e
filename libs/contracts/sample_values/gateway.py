"""Samples of what the gateway tells: a client with its grants, and a demonstration's clock."""

from __future__ import annotations

from libs.contracts import gateway as told
from libs.contracts.sample_values.cast import CALL_TAKER, CITY, TOWNSHIP
from libs.contracts.sampling import Story, at

_CLIENT = Story(word="township app", born="2026-01-02 09:00", area_code=CITY)
_ENDED = Story(word="an agency that left", born="2026-01-02 09:00", area_code=CITY)
_HOOK = Story(word="a county's webhook", born="2026-03-02 09:00", area_code=CITY)
_CLOCK = Story(word="the city's clock", born="2026-10-12 19:00", area_code=CITY)


def _state(*roles: str, subject: str = "township-331002004000", ended: bool = False) -> told.ClientState:
    grants = tuple(
        told.ClientGrant(
            area_from=TOWNSHIP,
            area_to="331002004999",
            sectors=None,
            role=role,
            post_id=CALL_TAKER,
            valid_from=at("2026-01-01 00:00"),
        )
        for role in roles
    )
    return told.ClientState(
        subject=subject, client_id=f"{subject}-app", posts=(CALL_TAKER,), grants=grants, ended=ended
    )


def _webhook(state: str, because: str | None = None) -> told.WebhookState:
    return told.WebhookState(
        owner="agency-331002000000",
        client_id="county-command-platform",
        host="hooks.example.gov.cn",
        types=("risk_grading.hazard.*", "responsibility_registry.order.issued.v1"),
        areas=("331002000000",),
        sectors=("fire",),
        state=state,
        disabled_because=because,
    )


SAMPLES = (
    _CLIENT.tell("2026-01-02 09:00", told.ClientRegistered(state=_state("call_taker"))),
    _CLIENT.tell("2026-03-01 09:00", told.ClientChanged(state=_state("call_taker", "duty_officer"))),
    _CLIENT.tell("2026-11-01 03:00", told.ClientStated(state=_state("call_taker", "duty_officer"))),
    _ENDED.tell("2026-01-02 09:00", told.ClientRegistered(state=_state(subject="agency-weather"))),
    _ENDED.tell(
        "2026-06-30 18:00",
        told.ClientEnded(state=_state(subject="agency-weather", ended=True), reason="协议到期"),
    ),
    _HOOK.tell("2026-03-02 09:00", told.WebhookRegistered(webhook=_webhook("active"))),
    _HOOK.tell("2026-03-09 09:00", told.WebhookChanged(webhook=_webhook("active"))),
    _HOOK.tell("2026-05-04 03:10", told.WebhookDisabled(webhook=_webhook("disabled", "exhausted"))),
    _HOOK.tell("2026-05-04 09:00", told.WebhookEnabled(webhook=_webhook("active"))),
    _HOOK.tell("2026-12-31 18:00", told.WebhookEnded(webhook=_webhook("ended"))),
    _CLOCK.tell("2026-10-12 19:00", told.ClockSet(offset_seconds=86_400.0)),
)
