"""What the gateway tells: who may do what, by name and by post, clients, webhooks, files, a demonstration's clock,
and what is said and ordered about rows of the timeline."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from libs.contracts.event import SHARED, Event
from libs.contracts.values import Value


class SubjectGrant(Value):
    """A role over a range of areas and some sectors (None: every sector), while it is valid; `post_id` gave it."""

    area_from: str
    area_to: str
    sectors: tuple[str, ...] | None
    role: str
    post_id: UUID | None = None
    valid_from: datetime
    valid_to: datetime | None = None


class SubjectPost(Value):
    """A post that the subject holds and may act for, while it is valid."""

    post_id: UUID
    valid_from: datetime
    valid_to: datetime | None = None


class SubjectParty(Value):
    """A firm's or landlord's object, a team, or a post that it stands in for: it sees what that takes part in."""

    party_id: UUID
    valid_from: datetime
    valid_to: datetime | None = None


class SubjectState(Value):
    """Who somebody is to the platform and what they may do: no name, no address, no secret."""

    subject: str
    kind: str
    posts: tuple[SubjectPost, ...]
    parties: tuple[SubjectParty, ...]
    grants: tuple[SubjectGrant, ...]
    ended: bool


class SubjectOpened(Event, type="gateway.subject.opened.v1"):
    """Somebody may act from now on: a program, a person, or who follows a one-time link. It holds nothing yet."""

    state: SubjectState


class SubjectChanged(Event, type="gateway.subject.changed.v1"):
    """What it may do changed, by what; the state says what holds now."""

    state: SubjectState
    by: str


class SubjectEnded(Event, type="gateway.subject.ended.v1"):
    """It acts no more, and its tokens that still run are refused."""

    state: SubjectState
    reason: str


class SubjectStated(Event, type="gateway.subject.stated.v1"):
    """The subject as it is now, so that a copy can be rebuilt."""

    state: SubjectState


class ToldPostRole(Value):
    """A role that a kind of post gives over the post's area: over its own sectors, or over every one."""

    kind: str
    role: str
    every_sector: bool


class PostRolesAdopted(Event, type="gateway.post_role_table.adopted.v1"):
    """From now on posts give the roles that this table names, and no others."""

    label: str
    source: str
    rows: tuple[ToldPostRole, ...]


class EntryLinkIssued(Event, type="gateway.entry_link.issued.v1"):
    """A one-time link for the entity of an order is on its way; its code is nowhere."""

    order_id: UUID
    party_id: UUID
    expires_at: datetime


class EntryLinkUsed(Event, type="gateway.entry_link.used.v1"):
    """Somebody followed it and came in, once."""

    order_id: UUID


class EntryLinkRevoked(Event, type="gateway.entry_link.revoked.v1"):
    """It opens no more, and who came in by it is turned away."""

    order_id: UUID
    reason: str


class EntryLinkClosed(Event, type="gateway.entry_link.closed.v1"):
    """It is over, and who came in by it is gone."""

    order_id: UUID


class AgencyState(Value):
    """A body that acts here through clients; how to reach it stays with the gateway."""

    name_zh: str
    name_en: str
    credit_code: str | None
    ended: bool


class AgencyRegistered(Event, type="gateway.agency.registered.v1"):
    """A body may have clients here from now on."""

    state: AgencyState


class AgencyChanged(Event, type="gateway.agency.changed.v1"):
    """It is called or reached otherwise."""

    state: AgencyState


class AgencyEnded(Event, type="gateway.agency.ended.v1"):
    """It acts here no more; its clients ended with it."""

    state: AgencyState
    reason: str


class ClientState(Value):
    """A program that may ask for tokens, and as whom it acts; what it may do its subject says. No secret."""

    subject: str
    client_id: str
    agency_id: UUID | None = None
    ended: bool


class ClientRegistered(Event, type="gateway.client.registered.v1"):
    """A client may ask for tokens from now on."""

    state: ClientState


class ClientChanged(Event, type="gateway.client.changed.v1"):
    """Its name or its secrets changed."""

    state: ClientState


class ClientEnded(Event, type="gateway.client.ended.v1"):
    """It gets no more tokens; its subject ended with it."""

    state: ClientState
    reason: str


class ClockSet(Event, type="gateway.clock.set.v1"):
    """A demonstration's city time is so many seconds ahead of the real time."""

    offset_seconds: float


class WebhookState(Value):
    """Whom a webhook tells what, and whether it does. Only the host of its address: the rest may hold secrets."""

    owner: str
    client_id: str
    host: str
    types: tuple[str, ...]
    areas: tuple[str, ...]
    sectors: tuple[str, ...]
    state: str
    disabled_because: str | None = None


class WebhookRegistered(Event, type="gateway.webhook.registered.v1"):
    """A subject asked to be told of events at an address of its own."""

    webhook: WebhookState


class WebhookChanged(Event, type="gateway.webhook.changed.v1"):
    """Its address, its filters or its secrets changed."""

    webhook: WebhookState


class WebhookEnabled(Event, type="gateway.webhook.enabled.v1"):
    """Messages go out again, those that waited first."""

    webhook: WebhookState


class WebhookDisabled(Event, type="gateway.webhook.disabled.v1"):
    """No messages go out: its owner wanted it so or has ended, or its receiver was gone or never took one."""

    webhook: WebhookState


class WebhookEnded(Event, type="gateway.webhook.ended.v1"):
    """It is over for good."""

    webhook: WebhookState


class FileFacts(Value):
    """What is kept of a file; neither who sent it, nor its name, nor what its camera wrote."""

    kind: str
    """photo, document, video or audio."""
    media_type: str
    bytes: int
    sha256: str
    """Of what is kept."""
    received_sha256: str
    """Of what was sent: whoever still has the original can show that it is the same."""


class FileKept(Event, type="gateway.file.kept.v1"):
    """A file was received whole, found to be what it claims, made harmless, and is kept."""

    file: FileFacts


class FileEnded(Event, type="gateway.file.ended.v1"):
    """Its bytes are gone: nothing referred to it within its time."""

    file: FileFacts
    reason: str


class FileAwaited(Event, type="gateway.file_reminder.awaited.v1"):
    """Something refers to a file that has not arrived within its time; it may still lie on somebody's phone."""

    file_id: UUID
    noun: str
    """What refers to it, such as responsibility_registry.order."""
    aggregate_id: UUID
    field: str
    referred_at: datetime


class CorrectionRecorded(Event, type="gateway.correction.recorded.v1"):
    """Somebody said what is wrong in a row of a service's timeline. The words are kept beside; this pins them."""

    timeline_id: UUID
    service: str
    digest: str


class ErasureRequested(Event, type="gateway.erasure.requested.v1"):
    """Somebody asked that the details of a row be erased by law."""

    timeline_id: UUID
    service: str
    article: str


class ErasureOrdered(Event, type="gateway.erasure.ordered.v1", sensitivity=SHARED):
    """A second person ordered it: the service whose row it is erases it, and whoever keeps a copy follows."""

    timeline_id: UUID
    service: str
    article: str
    ground: str


class ErasureRefused(Event, type="gateway.erasure.refused.v1"):
    """A second person refused it: the row stays whole."""

    timeline_id: UUID
    service: str
