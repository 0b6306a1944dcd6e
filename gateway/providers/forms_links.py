"""The shapes of requests and answers about linked accounts."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Self
from uuid import UUID

from pydantic import ConfigDict, Field, StringConstraints

from gateway.providers.forms import Word, shown
from gateway.providers.rules import ExternalIdentity
from libs.common.forms import Form, Shown
from libs.common.scope import Scope

Subject = Annotated[str, StringConstraints(max_length=128, pattern=r"^[A-Za-z0-9][A-Za-z0-9._@-]*$")]


class LinkIn(Form):
    """Which account at which provider is whom here."""

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [
                {
                    "provider_id": "019a0d2c-5b00-7000-8000-000000000001",
                    "external_subject": "f4b1c6de-7a51-4d8e-9f43-2f1f5a0c9b11",
                    "subject": "police-331002004000",
                }
            ]
        }
    )

    id: UUID | None = Field(default=None, description="chosen by you, so that a retry is harmless")
    provider_id: UUID
    external_subject: Word = Field(description="what the provider's subject claim says of the account")
    subject: Subject = Field(description="who the account is here; what it may do is looked up by this")


class LinkOut(Shown):
    """A linked account."""

    id: UUID
    version: int
    provider: UUID
    external_subject: str
    subject: str
    state: str = Field(description="active or ended")
    ended_at: datetime | None
    ended_reason: str | None
    actions: list[str] = Field(description="what may be done with it now")

    @classmethod
    def of(cls, found: ExternalIdentity, _: Scope) -> Self:
        """How a link is shown."""
        return cls.model_validate(shown(cls, found, ["end"]))


class LinkPage(Shown):
    """A page of linked accounts."""

    items: list[LinkOut]
    next: str | None
    count: int | None = None
