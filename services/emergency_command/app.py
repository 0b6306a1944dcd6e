"""Emergency command: runs the bad day, from the first alarm to the review."""

from __future__ import annotations

from libs.common.serve import build_app
from libs.common.service import Service
from libs.common.settings import ServiceSettings
from libs.common.web import ServiceApp
from services.emergency_command.after_action import api as after_action_api
from services.emergency_command.after_action import watch as after_action_watch
from services.emergency_command.alarms import api as alarms_api
from services.emergency_command.alarms import listen as alarms_listen
from services.emergency_command.alarms import watch as alarms_watch
from services.emergency_command.copies.store import AREA_COPY, CALENDAR_COPY, POST_COPY
from services.emergency_command.copies.store_duty import CONTACT_COPY, SHIFT_COPY
from services.emergency_command.dispatch import api as dispatch_api
from services.emergency_command.dispatch import watch as dispatch_watch
from services.emergency_command.duty_rooms import api as duty_rooms_api
from services.emergency_command.incidents import api as incidents_api
from services.emergency_command.incidents import api_verbs as incidents_verbs
from services.emergency_command.incidents import watch as incidents_watch
from services.emergency_command.on_scene import api as on_scene_api
from services.emergency_command.resources import api as resources_api

SERVICE = Service(
    name="emergency_command",
    title="Emergency command 应急指挥",
    routers=(
        alarms_api.routes,
        incidents_api.routes,
        incidents_verbs.verb_routes,
        dispatch_api.routes,
        on_scene_api.routes,
        resources_api.routes,
        after_action_api.routes,
        duty_rooms_api.routes,
    ),
    listens=alarms_listen.LISTENS,
    copies=(AREA_COPY, POST_COPY, CALENDAR_COPY, SHIFT_COPY, CONTACT_COPY),
    watches=(
        *alarms_watch.WATCHES,
        *incidents_watch.WATCHES,
        *dispatch_watch.WATCHES,
        *after_action_watch.WATCHES,
    ),
    promises=(
        *alarms_watch.PROMISES,
        *incidents_watch.PROMISES,
        *dispatch_watch.PROMISES,
        *after_action_watch.PROMISES,
    ),
)


def create_app(settings: ServiceSettings) -> ServiceApp:
    """The running service."""
    return build_app(SERVICE, settings)
