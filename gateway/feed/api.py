"""The door to the feed: pages, a stream, and tickets for browsers."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Annotated, Any, Final

import orjson
from fastapi import Depends, Header, Query, Response
from starlette.requests import Request

from gateway.feed import actions, actions_tickets
from gateway.feed.actions import FeedPage
from gateway.feed.actions_tickets import TicketSpent, WithSecret
from gateway.feed.api_stream import MEDIA_TYPE, EventStream, Listener, LiveFeed
from gateway.feed.forms import EXAMPLE, Asked, AskedEvents, BeginningSaidTwice, EventPage, TicketOut
from gateway.feed.rules import Cursor, CursorUnreadable
from gateway.feed.rules_stream import gap_event
from gateway.feed.rules_tickets import Holder
from gateway.settings import Settings
from gateway.streams import NoStreamFree, TooManyStreams
from libs.common.clocks import system_now
from libs.common.db import Tx
from libs.common.doors import PRINCIPAL, Door, Entrance, Write, oauth_scopes
from libs.common.openapi import refuses
from libs.common.pagination import BadCursor
from libs.common.scope import Scope
from libs.common.strict_routes import router
from libs.common.tokens import OauthScopeMissing, Principal

routes = router("events")

BATCH: Final = "application/cloudevents-batch+json"


class TokenOrTicket(Entrance):
    """An entrance with a token, or with a ticket in the query for who cannot send headers."""

    async def admit(self, request: Request) -> None:
        """As with a token; a ticket is used up by being shown."""
        ticket = request.query_params.get("ticket")
        if ticket is None or "authorization" in request.headers:
            await super().admit(request)
            return
        async with request.app.runtime.database.unit_of_work(Scope.of_system("show ticket")) as tx:
            holder = await actions_tickets.use_ticket(tx, ticket)
        accepted = frozenset(oauth_scopes(request.app.runtime.settings.service, self.kind))
        ends = holder.token_expires_at.timestamp()
        request.scope[PRINCIPAL] = Principal(holder.subject, holder.client_id, holder.jti, accepted, ends)


def _request(request: Request) -> Request:
    """The request: a route that took it for itself would be one that reads its own body."""
    return request


Listen = Annotated[Door, Depends(TokenOrTicket("read"))]
_Header = Annotated[str | None, Header(max_length=1000)]

_CONTENT: Final[dict[int | str, dict[str, Any]]] = {
    200: {
        "description": "A page, or a stream that goes on; by the Accept header",
        "content": {
            "application/json": {},
            BATCH: {"schema": {"type": "array", "items": {"$ref": "#/components/schemas/CloudEvent"}}},
            MEDIA_TYPE: {
                "schema": {"type": "string"},
                "example": f"id: MS4xLjI\nevent: {EXAMPLE['type']}\ndata: {orjson.dumps(EXAMPLE).decode()}\n\n",
            },
        },
    }
}


@routes.get(
    "/v1/events",
    response_model=EventPage,
    summary="事件流 What happened, as it happens: page by page or as a stream",
    responses={**_CONTENT, **refuses(BadCursor, BeginningSaidTwice, TicketSpent, TooManyStreams, NoStreamFree)},
)
async def show_events(
    door: Listen,
    asked: AskedEvents,
    live: LiveFeed,
    request: Annotated[Request, Depends(_request)],
    accept: _Header = None,
    last_event_id: _Header = None,
    ticket: Annotated[str | None, Query(max_length=200, description="in place of a token, once")] = None,
) -> Response:
    """Every public-safety fact that you may see by area, sector or taking part, as CloudEvents 1.0, each once and in
    the order of its subject's versions; kept for 100 days [DEF].

    **Pages:** ask with `after` = `next` of the page before; without it, from the oldest. **As a stream:** send
    `Accept: text/event-stream`; it begins now, or strictly after `Last-Event-ID` or `after`. What cannot be shown
    any more is said in an event `gateway.feed.gap.v1` (in a stream its name is `gap`), never left out in silence. A
    stream ends with an event `bye` that says why: connect again."""
    del ticket
    if request.method == "GET" and MEDIA_TYPE in (accept or ""):
        return await _stream(door, asked, live, last_event_id)
    async with door.read() as tx:
        page = await actions.read_feed(tx, after=await _start(tx, asked), wanted=asked.wanted, limit=asked.limit)
    if BATCH in (accept or ""):
        link = {"Link": f'<{_next_page(request, page)}>; rel="next"', "Cache-Control": "no-store"}
        return Response(orjson.dumps(_items(page)), media_type=BATCH, headers=link)
    return door.answer({"items": _items(page), "next": str(page.next), "more": page.more})


async def _start(tx: Tx, asked: Asked) -> Cursor | None:
    return asked.after if asked.since is None else await actions.cursor_since(tx, asked.since)


async def _stream(door: Door, asked: Asked, live: LiveFeed, last_event_id: str | None) -> Response:
    """A stream from where the client was, from a time, or from now on."""
    principal = door.principal
    assert principal is not None  # noqa: S101 - the entrance lets nobody else in
    live.streams.require_room(principal.client_id)
    unknown = False
    async with door.read() as tx:
        state = await actions.log_state(tx)
        start = await _start(tx, asked) or state.at(state.head)
    # Again, now that nothing is waited for any more: of many who came at once, only so many find room.
    live.streams.require_room(principal.client_id)
    if last_event_id:
        try:
            start = Cursor.of(last_event_id)
        except CursorUnreadable:
            # A refusal would end the client for good: it is told, and gets everything.
            start, unknown = state.at(state.kept_from - 1), True
    listener = Listener(door=door, principal=principal, wanted=asked.wanted, start=start, unknown=unknown)
    return EventStream(listener, live)


def _items(page: FeedPage) -> list[orjson.Fragment]:
    events = [item.event for item in page.items]
    if page.gap is not None:
        events.insert(0, gap_event(page.gap, page.next, system_now()))
    return [orjson.Fragment(event) for event in events]


def _next_page(request: Request, page: FeedPage) -> str:
    url = request.url.remove_query_params(["since", "ticket"]).include_query_params(after=str(page.next))
    return f"{url.path}?{url.query}"


@routes.post(
    "/v1/events/tickets",
    status_code=201,
    response_model=TicketOut,
    summary="事件流凭证 A ticket with which a browser opens one event stream",
)
async def make_ticket(door: Write, settings: Settings) -> Response:
    """A browser's EventSource cannot send a token. The ticket goes into the query (`/v1/events?ticket=…`), works once
    and within 60 seconds [DEF], shows what its maker may see, and its stream ends when the maker's token does. The
    token has to be one that may read as well."""
    principal = door.principal
    assert principal is not None  # noqa: S101 - the entrance lets nobody else in
    if principal.oauth_scopes.isdisjoint(reading := oauth_scopes(settings.service, "read")):
        raise OauthScopeMissing(reading)
    holder = Holder(
        subject=principal.subject,
        client_id=principal.client_id,
        jti=principal.jti,
        token_expires_at=datetime.fromtimestamp(principal.expires_at, UTC),
    )

    def show(made: WithSecret, _: Scope) -> TicketOut:
        return TicketOut(id=made.id, ticket=made.secret, expires_at=made.ticket.expires_at)

    return await door.perform(
        lambda tx: actions_tickets.make_ticket(tx, holder),
        show,
        location=lambda _: "/v1/events",
        show_again=actions_tickets.show_without_secret,
    )
