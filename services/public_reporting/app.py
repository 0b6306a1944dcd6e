"""Public reporting: hears citizens and answers them."""

from __future__ import annotations

from libs.common.serve import build_app
from libs.common.service import Service
from libs.common.settings import ServiceSettings
from libs.common.web import ServiceApp
from services.public_reporting.copies.store import AREA_COPY
from services.public_reporting.reports import api, listen, watch

SERVICE = Service(
    name="public_reporting",
    title="Public reporting 群众举报",
    routers=(api.routes, api.tracking_routes),
    listens=listen.LISTENS,
    copies=(AREA_COPY,),
    watches=watch.WATCHES,
)


def create_app(settings: ServiceSettings) -> ServiceApp:
    """The running service."""
    return build_app(SERVICE, settings, citizens=("/v1/reports", "/v1/tracking"))
