"""The door of the classification: what may stand in `sectors` and `category`."""

from __future__ import annotations

from starlette.responses import Response

from libs.common.db import Tx
from libs.common.doors import Read
from libs.common.forms import Shown
from libs.common.strict_routes import router
from services.responsibility_registry.classification.actions import CLASSIFICATION
from services.responsibility_registry.classification.rules import Classification

routes = router("classification", prefix="/v1/classification")


class SectorOut(Shown):
    """A sector."""

    code: str
    zh: str
    en: str


class CategoryOut(SectorOut):
    """A category of danger, and its sectors."""

    sectors: tuple[str, ...]


class ClassificationOut(Shown):
    """All sectors and categories, with their version and source."""

    version: str
    source: str
    sectors: tuple[SectorOut, ...]
    categories: tuple[CategoryOut, ...]


@routes.get("", response_model=ClassificationOut, summary="行业领域与类别 Sectors and categories")
async def get_classification(door: Read) -> Response:
    """Every sector and category that posts, duties and orders may name ([S] WSL 2021 Art 3; the division [DEF])."""

    async def find(tx: Tx) -> Classification:
        del tx
        return CLASSIFICATION

    return await door.look(find, lambda found, _: ClassificationOut.model_validate(found))
