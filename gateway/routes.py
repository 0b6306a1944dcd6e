"""Which service answers for which noun, and which doors stand open: the one table of the front door.

The path names the noun and the gateway knows the service. A path that is not in this table does not exist
outside: ``/internal`` and ``/metrics`` are absent on purpose. Envoy's routes, the merged OpenAPI document and
the tests are all derived from here.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from enum import StrEnum

GATEWAY = "gateway"
SERVICES = ("responsibility_registry", "risk_grading", "emergency_command", "public_reporting")
UPSTREAMS = (*SERVICES, GATEWAY)

NOUNS: dict[str, tuple[str, ...]] = {
    "responsibility_registry": (
        "areas",
        "grids",
        "organizations",
        "posts",
        "tenures",
        "bodies",
        "meetings",
        "duties",
        "chain-assignments",
        "chain-checks",
        "chain-templates",
        "duty-items",
        "duty-ledger",
        "duty-records",
        "missed-periods",
        "pairings",
        "work-lists",
        "orders",
        "responsible",
        "responsibility-gaps",
        "accountability-cases",
        "liability-traces",
        "enforcement-facts",
        "measures-in-force",
        "liability-links",
        "leads",
        "commendations",
        "firm-records",
        "post-records",
        "classification",
        "calendar-years",
        "letters",
        "order-stages",
        "order-batches",
        "circular-notices",
        "stop-measures",
        "listings",
        "published-listings",
        "evaluations",
        "evaluation-packs",
        "evaluation-publications",
        "evaluation-appeals",
        "days-since-major",
        "inspection-tours",
        "tour-visits",
        "contacts",
        "rosters",
        "shifts",
        "shift-swaps",
        "shift-gaps",
        "on-duty",
        "credit-firms",
        "credit-facts",
        "credit-packs",
        "credit-consequences",
        "credit-feedback",
        "blacklist-entries",
        "public-credit",
    ),
    "risk_grading": ("risk-objects", "rule-packs", "assessments", "hazards", "warnings"),
    "emergency_command": ("alarms", "incidents", "dispatches", "teams", "leader-calls", "reviews", "duty-rooms"),
    "public_reporting": ("reports", "tracking"),
    GATEWAY: (
        "traces",
        "trace-documents",
        "timeline",
        "seal-heads",
        "erasures",
        "clients",
        "agencies",
        "people",
        "identity-providers",
        "external-identities",
        "entry-links",
        "subjects",
        "me",
        "post-roles",
        "clock",
        "events",
        "webhooks",
        "files",
        "uploads",
        "jobs",
        "exports",
        "imports",
    ),
}
"""``/v1/<noun>`` by service."""


class Limit(StrEnum):
    """The name of a request quota; its size is in the Envoy plan."""

    CLIENT = "client"
    """Every request with a token, counted by client."""
    PUBLIC = "public"
    """Documents and health, counted by address."""
    TRACKING = "tracking"
    """A citizen asking about a report, or disputing its end, by its code; counted by address and in all."""
    TOKEN = "token"  # noqa: S105 - the name of a quota
    """The OAuth doors, counted by address and by network: secrets are guessed there. There is no bucket that all
    share: a secret is 256 random bits, so guesses are hopeless, and such a bucket would let whoever guesses lock all
    honest clients out."""
    SIGN_IN = "sign_in"
    """The pages on which people sign in, counted by address: passwords are guessed there."""
    UPLOAD = "upload"
    """Files that come in, counted by client: each is looked at in a process of its own."""
    CONTENT = "content"
    """Files that go out by a sealed link, counted by address: a screen of photos asks for many at once."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Route:
    """One door: requests to ``prefix`` (and below it, unless ``exact``) go to ``service``.

    ``methods`` empty means every method. ``open`` doors let a request without credentials through; one that
    carries an ``Authorization`` header is verified all the same, unless ``own_credentials`` says that the
    receiver reads that header by itself. ``query`` names a parameter without which the door is not there.
    ``streams``: an answer may go on as long as something is told.
    """

    prefix: str
    service: str
    limit: Limit = Limit.CLIENT
    methods: tuple[str, ...] = ()
    exact: bool = False
    open: bool = False
    own_credentials: bool = False
    query: str | None = None
    streams: bool = False
    upload: bool = False
    """Its bodies are files: they stream through, are larger than any other, and may take long to arrive."""
    download: bool = False
    """Its answers are files, which may take long to reach a slow line."""

    @property
    def name(self) -> str:
        """A name for logs and metrics that carries no identifier of any row."""
        methods = "" if not self.methods else f"{'|'.join(self.methods)} "
        return f"{methods}{self.prefix}{'' if self.query is None else f'?{self.query}'}"


READING = ("GET", "HEAD")
EVENTS = "/v1/events"

SIGN_IN_PAGES = (
    "authorize",
    "confirm",
    "sign-in",
    "second-factor",
    "set-up",
    "enrol",
    "account",
    "logout",
    "provider",
    "callback",
)
"""What a browser opens below `/oauth`: whoever signs in has no token yet."""

OPEN_ROUTES = (
    Route(prefix="/", service=GATEWAY, limit=Limit.PUBLIC, exact=True, open=True),
    Route(prefix="/health", service=GATEWAY, limit=Limit.PUBLIC, open=True),
    Route(prefix="/docs", service=GATEWAY, limit=Limit.PUBLIC, open=True),
    Route(prefix="/openapi.json", service=GATEWAY, limit=Limit.PUBLIC, exact=True, open=True),
    Route(prefix="/asyncapi.json", service=GATEWAY, limit=Limit.PUBLIC, exact=True, open=True),
    Route(prefix="/.well-known", service=GATEWAY, limit=Limit.PUBLIC, open=True),
    *(
        Route(
            prefix=f"/oauth/{door}",
            service=GATEWAY,
            limit=Limit.TOKEN,
            exact=True,
            open=True,
            own_credentials=True,
        )
        for door in ("token", "introspect", "revoke")
    ),
    *(
        Route(prefix=f"/oauth/{page}", service=GATEWAY, limit=Limit.SIGN_IN, exact=True, open=True)
        for page in SIGN_IN_PAGES
    ),
    Route(
        prefix="/v1/tracking",
        service="public_reporting",
        limit=Limit.TRACKING,
        methods=(*READING, "POST"),
        open=True,
    ),
    # What is published is for everybody to read ([P] listed supervision is made public).
    *(
        Route(prefix=prefix, service="responsibility_registry", limit=Limit.PUBLIC, methods=READING, open=True)
        for prefix in ("/v1/public-credit", "/v1/published-listings")
    ),
    # A browser's EventSource can send no token; the app looks at the ticket.
    Route(
        prefix=EVENTS,
        service=GATEWAY,
        limit=Limit.PUBLIC,
        methods=READING,
        exact=True,
        open=True,
        query="ticket",
        streams=True,
    ),
    Route(
        prefix="/v1/file-contents",
        service=GATEWAY,
        limit=Limit.CONTENT,
        methods=READING,
        open=True,
        download=True,
    ),
    Route(
        prefix="/v1/downloads",
        service=GATEWAY,
        limit=Limit.CONTENT,
        methods=READING,
        open=True,
        download=True,
    ),
)
"""The doors that need no token. A door is added here by decision, never by accident: a test lists them."""

FILE_PREFIXES = ("/v1/files", "/v1/uploads", "/v1/file-contents", "/v1/downloads")
CITIZEN_PREFIXES = ("/v1/reports", "/v1/tracking", *FILE_PREFIXES)
"""Paths whose access log names neither address, device nor path: a reporter must not be found by a log, also not by
the photo that came a moment before the report."""


UPLOAD_ROUTES = (
    Route(prefix="/v1/files", service=GATEWAY, limit=Limit.UPLOAD, methods=("POST",), exact=True, upload=True),
    Route(prefix="/v1/uploads", service=GATEWAY, limit=Limit.UPLOAD, methods=("PATCH",), upload=True),
    Route(prefix="/v1/imports", service=GATEWAY, limit=Limit.UPLOAD, methods=("POST",), exact=True, upload=True),
)
"""The doors through which files come in."""


def token_routes() -> Iterator[Route]:
    """Every other door, in the order of the nouns; each needs a verified token."""
    yield from UPLOAD_ROUTES
    for service, nouns in NOUNS.items():
        for noun in nouns:
            yield Route(prefix=f"/v1/{noun}", service=service, streams=f"/v1/{noun}" == EVENTS)
    yield Route(prefix="/oauth", service=GATEWAY)


def routes() -> tuple[Route, ...]:
    """All doors, the first match wins: open ones stand before the noun that they are an exception of."""
    return (*OPEN_ROUTES, *token_routes())


def service_of(path: str) -> str | None:
    """The service that answers for ``path`` (without query), or None where no door is."""
    for route in routes():
        if path == route.prefix or (not route.exact and path.startswith(f"{route.prefix}/")):
            return route.service
    return None
