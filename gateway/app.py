"""The gateway app: what Envoy does not do. Built by the same rules as a service; owns no public-safety fact."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, replace

import structlog
from fastapi import FastAPI

from gateway.app_guarded import SEALED, SENSITIVE
from gateway.clock.api import routes as clock_routes
from gateway.copies.store import POST_COPY, TENURE_COPY
from gateway.courier import Courier
from gateway.entry_links import watch as entry_link_watch
from gateway.entry_links.actions import follow_link
from gateway.entry_links.api import routes as entry_link_routes
from gateway.entry_links.rules import GRANT_TYPE as ENTRY_LINK
from gateway.envoy.answers import ANSWERS
from gateway.erasures.api import routes as erasure_routes
from gateway.exports.actions import KIND as EXPORT
from gateway.exports.actions import export
from gateway.exports.api import routes as export_routes
from gateway.feed import watch as feed_watch
from gateway.feed.actions import KEEPS, keep_events
from gateway.feed.actions_tail import CHANNEL, read_tail
from gateway.feed.api import routes as event_routes
from gateway.feed.rules_stream import Told
from gateway.feeding import Feeding
from gateway.files import watch as files_watch
from gateway.files.api import routes as file_routes
from gateway.files.api_uploads import routes as upload_routes
from gateway.files.listen import LISTENS as FILES_LISTENS
from gateway.filestore import FileStore
from gateway.identity import watch as identity_watch
from gateway.identity.actions_settings import ensure_administrators
from gateway.identity.api import routes as client_routes
from gateway.identity.api_agencies import routes as agency_routes
from gateway.identity.api_keys import routes as client_key_routes
from gateway.identity.api_redirects import routes as redirect_routes
from gateway.imports.actions import KIND as IMPORT
from gateway.imports.actions_work import bring_in
from gateway.imports.api import routes as import_routes
from gateway.jobs import watch as jobs_watch
from gateway.jobs.actions_work import Workshop
from gateway.jobs.api import download_routes
from gateway.jobs.api import routes as job_routes
from gateway.openid import Published
from gateway.pages.api import routes as page_routes
from gateway.passwords import Passwords
from gateway.people import watch as people_watch
from gateway.people.api import routes as people_routes
from gateway.portal.actions import Portal
from gateway.portal.api import routes as document_routes
from gateway.providers import watch as provider_watch
from gateway.providers.actions_exchange import exchange_grants
from gateway.providers.api import routes as provider_routes
from gateway.providers.api_links import routes as linked_account_routes
from gateway.routes import FILE_PREFIXES, GATEWAY
from gateway.seal_heads.api import routes as seal_head_routes
from gateway.services import ServiceClient
from gateway.sessions import watch as session_watch
from gateway.sessions.actions_ends import OPAQUE, end_all_of
from gateway.sessions.actions_grants import grants as session_grants
from gateway.sessions.api import routes as sign_in_routes
from gateway.sessions.api_account import routes as account_routes
from gateway.sessions.api_browser import lives_of
from gateway.sessions.api_providers import routes as sign_in_provider_routes
from gateway.sessions.api_sign_in import routes as sign_in_page_routes
from gateway.settings import GatewaySettings
from gateway.signing import watch as signing_watch
from gateway.signing.actions import rotate_keys
from gateway.signing.api import routes as key_routes
from gateway.streams import Streams
from gateway.subjects import watch as subjects_watch
from gateway.subjects.actions import SUBJECTS
from gateway.subjects.api import routes as subject_routes
from gateway.subjects.api_tables import routes as post_role_routes
from gateway.subjects.listen import LISTENS as SUBJECTS_LISTENS
from gateway.tail import Tail
from gateway.timeline.api import routes as timeline_routes
from gateway.tokens.actions import GRANTS, Callers, Grant, Grants
from gateway.tokens.api import routes as token_routes
from gateway.tokens.rules import TokenLife
from gateway.trace_documents.actions import DocumentMaker
from gateway.trace_documents.api import routes as trace_document_routes
from gateway.traces.api import routes as trace_routes
from gateway.webhooks import watch as webhook_watch
from gateway.webhooks.actions_post import messenger
from gateway.webhooks.api import routes as webhook_routes
from libs.common import asyncapi
from libs.common.bus_names import ConsumerKind
from libs.common.clocks import system_now
from libs.common.db_errors import DATABASE_ERRORS
from libs.common.http_runtime import UnitsOfWork
from libs.common.languages import Said
from libs.common.loops import Loop, Loops
from libs.common.problems import Kind, register
from libs.common.resealing import reseal_watch
from libs.common.runtime import Runtime
from libs.common.scope import Scope
from libs.common.serve import build_app
from libs.common.service import Service
from libs.common.settings import ServiceSettings
from libs.common.strict_routes import StrictRoute
from libs.common.watches import Watch
from libs.common.web import ServiceApp

log = structlog.get_logger("gateway")

_PREPARE_SECONDS = 15.0
_STOP_SECONDS = 5.0

SERVICE = Service(
    name=GATEWAY,
    title="Gateway 网关",
    routers=(
        token_routes,
        key_routes,
        client_routes,
        agency_routes,
        entry_link_routes,
        subject_routes,
        post_role_routes,
        redirect_routes,
        people_routes,
        sign_in_routes,
        sign_in_page_routes,
        sign_in_provider_routes,
        account_routes,
        client_key_routes,
        provider_routes,
        linked_account_routes,
        trace_routes,
        trace_document_routes,
        event_routes,
        timeline_routes,
        seal_head_routes,
        erasure_routes,
        clock_routes,
        file_routes,
        upload_routes,
        job_routes,
        download_routes,
        export_routes,
        import_routes,
        document_routes,
        page_routes,
        webhook_routes,
    ),
    listens=(*FILES_LISTENS, *SUBJECTS_LISTENS),
    copies=(POST_COPY, TENURE_COPY),
    announces=(SUBJECTS,),
    watches=(
        *feed_watch.WATCHES,
        *webhook_watch.WATCHES,
        *entry_link_watch.WATCHES,
        *subjects_watch.WATCHES,
        *people_watch.WATCHES,
        *provider_watch.WATCHES,
    ),
    keeps=KEEPS,
    sensitive=SENSITIVE,
    sealed=SEALED,
)

for answer in ANSWERS:
    # Envoy's own errors are problems like all others, and the list of codes names them.
    register(Kind(answer.code, answer.status, Said(*answer.title), Said(*answer.detail)))


def token_grants(published: Published, settings: GatewaySettings) -> Grants:
    """The token endpoint's table: a slice that has another way to a token adds its own here."""
    follow = Grant(verb=follow_link, callers=Callers.ANYBODY)
    return {**GRANTS, ENTRY_LINK: follow, **session_grants(lives_of(settings)), **exchange_grants(published)}


def create_app(settings: ServiceSettings) -> ServiceApp:
    """The gateway app; what only the gateway is told comes from the environment where `settings` lacks it."""
    own = settings if isinstance(settings, GatewaySettings) else GatewaySettings(**settings.model_dump())
    files = FileStore(own)
    watches = (*SERVICE.watches, *_watches(own), *files_watch.watches(files))
    app = build_app(replace(SERVICE, watches=watches), own, citizens=FILE_PREFIXES)
    _make_room_for_the_merged_document(app)
    services = ServiceClient(own.service_urls, timeout_seconds=own.service_timeout_seconds, own=app)
    app.state.services, app.state.files, app.state.documents = services, files, DocumentMaker()
    app.state.passwords = Passwords(own)
    app.state.egress = own.egress
    app.state.published = Published(own.egress)
    app.state.grants, app.state.opaque = token_grants(app.state.published, own), OPAQUE
    app.state.end_sign_ins = end_all_of
    app.state.portal = Portal(
        services=services, own=app.openapi, events=lambda: asyncapi.document((SERVICE,)), server=own.issuer
    )
    app.state.live = live = LiveFeed(_tail(app.state.runtime), Streams(), app.ending)
    loops = {**_loops(app, own), "feed_tail": live.tail.run}
    running = app.router.lifespan_context

    @asynccontextmanager
    async def living(started: FastAPI) -> AsyncIterator[None]:
        async with running(started), _kept_running(loops):
            preparing = asyncio.create_task(until_prepared(app.runtime.database, own))
            # To be ready means that tokens can be had. Without a database the doors open all the same, and say so.
            await asyncio.wait({preparing}, timeout=_PREPARE_SECONDS)
            if preparing.done():
                preparing.result()
            yield
            preparing.cancel()
        await services.close()

    app.router.lifespan_context = living
    return app


async def until_prepared(database: UnitsOfWork, settings: GatewaySettings, *, pause_seconds: float = 1.0) -> None:
    """Prepare again and again until it is done. Raises SealBroken: another secret sealed the keys."""
    while True:
        if await prepare(database, settings):
            return
        await asyncio.sleep(pause_seconds)


async def prepare(database: UnitsOfWork, settings: GatewaySettings) -> bool:
    """Make the first signing key and the first administrators; False where the database is away or overloaded."""
    try:
        async with database.unit_of_work(Scope.of_system("gateway start")) as tx:
            await rotate_keys(tx, settings.seals, system_now())
            await ensure_administrators(tx, settings.administrators)
    except DATABASE_ERRORS as error:
        log.warning("not_prepared_yet", error=type(error).__name__)
        return False
    return True


@dataclass(frozen=True, slots=True)
class LiveFeed:
    """What the streams of this process share."""

    tail: Tail[Told]
    streams: Streams
    ending: asyncio.Event


def _tail(runtime: Runtime) -> Tail[Told]:
    return Tail(runtime.background, CHANNEL, read_tail)


def _worker(app: ServiceApp, settings: GatewaySettings) -> jobs_watch.Worker:
    """Who does the long work, each kind by its slice's verb."""
    shop = Workshop(
        database=app.state.runtime.background,
        services=app.state.services,
        seals=settings.seals,
        life=TokenLife(issuer=settings.issuer, audience=settings.audience, seconds=settings.token_seconds),
        home=settings.home,
        document=app.state.portal.document,
    )
    return jobs_watch.Worker(shop, {EXPORT: export, IMPORT: bring_in})


def _loops(app: ServiceApp, settings: GatewaySettings) -> dict[str, Loop]:
    """What the gateway runs besides a service's own loops; the watchdog shouts where one stands still."""
    runtime: Runtime = app.state.runtime
    specs = [spec for spec in SERVICE.consumers() if spec.kind is ConsumerKind.KEEPS]
    feeding = Feeding(runtime.background, runtime.bus, specs, keep_events)
    courier = Courier(runtime.background, messenger(app.runtime.scope_of, settings.seals, settings.egress))
    runtime.watchdog.runners.update(feed=feeding, courier=courier)
    return {"feed": feeding.run, "courier": courier.run, "jobs": _worker(app, settings).run}


@asynccontextmanager
async def _kept_running(loops: Mapping[str, Loop]) -> AsyncIterator[None]:
    running = Loops()
    for name, loop in loops.items():
        running.start(name, loop)
    try:
        yield
    finally:
        await running.stop(_STOP_SECONDS)


def _watches(settings: GatewaySettings) -> tuple[Watch, ...]:
    return (
        *signing_watch.watches(settings.seals),
        *jobs_watch.watches(settings.home),
        *session_watch.watches(lives_of(settings)),
        *identity_watch.watches(settings.administrators),
        identity_watch.FORGET_ASSERTIONS,
        reseal_watch(settings.seals, SERVICE.sealed),
    )


def _make_room_for_the_merged_document(app: ServiceApp) -> None:
    """FastAPI's own route tells of this app only, under the path where the whole API is told of."""
    ours = [route for route in app.router.routes if getattr(route, "endpoint", None) is not None]
    app.router.routes[:] = [
        route for route in ours if getattr(route, "path", "") != app.openapi_url or isinstance(route, StrictRoute)
    ]
