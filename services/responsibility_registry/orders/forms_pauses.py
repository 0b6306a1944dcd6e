"""The shapes of the doors of pauses."""

from __future__ import annotations

from typing import Annotated

from pydantic import AwareDatetime, Field

from libs.common.forms import Code, Form, Words
from services.responsibility_registry import examples
from services.responsibility_registry.orders.forms import Evidence


class AskPauseIn(Form):
    """Why the clock should stand, from when until when, and what shows it."""

    model_config = examples.example(examples.ASK_PAUSE)

    ground: Code
    words: Words
    evidence: Annotated[Evidence, Field(min_length=1)]
    from_at: AwareDatetime | None = Field(default=None, description="now, where it is left out")
    until: AwareDatetime


class DecidePauseIn(Form):
    """Granted or not, and why."""

    model_config = examples.example(examples.DECIDE_PAUSE)

    approved: bool
    words: Words


class ResumeIn(Form):
    """Why the clock runs again before its time."""

    model_config = examples.example(examples.RESUME)

    words: Words
