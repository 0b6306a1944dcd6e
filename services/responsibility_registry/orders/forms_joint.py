"""The shapes of the doors of joint orders."""

from __future__ import annotations

from typing import Annotated
from uuid import UUID

from pydantic import Field

from libs.common.forms import Form, Words
from services.responsibility_registry import examples
from services.responsibility_registry.orders.forms import Evidence
from services.responsibility_registry.orders.rules_joint import MOST_ASSISTANTS


class AssistantIn(Form):
    """A post, and its part."""

    post_id: UUID
    words: Words


class AssistantsIn(Form):
    """Who assists, each with its part."""

    model_config = examples.example(examples.ASSISTANTS)

    assistants: Annotated[tuple[AssistantIn, ...], Field(min_length=1, max_length=MOST_ASSISTANTS)]


class PartIn(Form):
    """What was done of a part."""

    model_config = examples.example(examples.PART)

    words: Words
    evidence: Annotated[Evidence, Field(min_length=1)]
