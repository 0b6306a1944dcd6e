"""Risk grading: every risk object and hazard, and how bad it is."""

from __future__ import annotations

from libs.common.serve import build_app
from libs.common.service import Service
from libs.common.settings import ServiceSettings
from libs.common.web import ServiceApp
from services.risk_grading.assessments import api as assessments
from services.risk_grading.assessments import listen as assessments_hear
from services.risk_grading.copies.store import AREA_COPY, POST_COPY
from services.risk_grading.hazards import api as hazards
from services.risk_grading.hazards import api_verbs as hazard_verbs
from services.risk_grading.hazards import listen as hazards_hear
from services.risk_grading.hazards import watch as hazards_watch
from services.risk_grading.models import api as models
from services.risk_grading.monitoring import api as monitoring
from services.risk_grading.objects import api as objects
from services.risk_grading.objects.actions import ANNOUNCED

SERVICE = Service(
    name="risk_grading",
    title="Risk grading 风险分级",
    routers=(
        objects.routes,
        models.routes,
        assessments.routes,
        hazards.routes,
        hazard_verbs.verbs,
        monitoring.routes,
    ),
    listens=(*hazards_hear.LISTENS, *assessments_hear.LISTENS),
    copies=(AREA_COPY, POST_COPY),
    announces=(ANNOUNCED,),
    watches=hazards_watch.WATCHES,
    promises=hazards_watch.PROMISES,
)


def create_app(settings: ServiceSettings) -> ServiceApp:
    """The running service."""
    return build_app(SERVICE, settings)
