"""The door of exports."""

from __future__ import annotations

from typing import Annotated, Any, Literal

from fastapi import Response
from pydantic import ConfigDict, Field, JsonValue, WithJsonSchema

from gateway.exports import actions
from gateway.exports.rules import MOST_FILTERS
from gateway.started import StartedOut, show_started, where
from gateway.whole_document import WholeDocument
from libs.common.db import Tx
from libs.common.doors import Write
from libs.common.forms import Form
from libs.common.languages import spoken
from libs.common.openapi import refuses
from libs.common.problems import Unprocessable
from libs.common.strict_routes import router

routes = router("exports", prefix="/v1/exports")


OneValue = Annotated[
    JsonValue, WithJsonSchema({"anyOf": [{"type": "string"}, {"type": "number"}, {"type": "boolean"}]})
]
"""What a parameter of a query can be; `ExportIn.asked` says in one sentence what is none."""


class ExportIn(Form):
    """Which list, with which of its filters, as what."""

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [{"list": "/v1/hazards", "query": {"area_code": "331002000000"}, "format": "xlsx"}]
        }
    )

    list: Annotated[str, Field(min_length=4, max_length=200, pattern=r"^/v1/[A-Za-z0-9_/-]+$")]
    query: dict[Annotated[str, Field(max_length=60)], OneValue] = Field(
        default_factory=dict, max_length=MOST_FILTERS, description="filters of the list, as its query parameters"
    )
    format: Literal["xlsx", "csv", "ndjson"] = "xlsx"
    language: Literal["zh", "en"] | None = Field(default=None, description="of headings and words; yours if left out")

    def asked(self) -> dict[str, Any]:
        """The export as the job keeps it. Raises Unprocessable (422) for a filter that is no single value."""
        for name, value in self.query.items():
            if not isinstance(value, str | int | float | bool):
                raise Unprocessable(errors=[(f"#/query/{name}", "wrong_type", actions.ONE_VALUE)])
        return {
            "list": self.list, "query": dict(self.query), "format": self.format,
            "language": self.language or spoken().value,
        }  # fmt: skip


@routes.post(
    "", status_code=202, response_model=StartedOut, summary="导出列表 Take a list out as a file",
    responses=refuses(actions.NoSuchList, actions.TooManyJobs),
)  # fmt: skip
async def start(body: ExportIn, door: Write, document: WholeDocument) -> Response:
    """Any list of the API as a sheet, comma-separated text or JSON lines, with every row that you may see and the
    filter lets through. Follow the job at `/v1/jobs/{id}`; its file is at `/v1/jobs/{id}/result` for seven days
    ([DEF]). A sheet holds 1,048,575 rows beside its headings; more go on further sheets. The timeline notes who took
    which list, with which filter, and how many rows."""
    said, whole = body.asked(), await document()
    principal = door.principal
    wanted = actions.Wanted(
        kind=actions.KIND, asked=said, oauth_scopes=principal.oauth_scopes if principal else frozenset(),
        acting_post=door.acting_post, language=spoken().value,
    )  # fmt: skip

    async def verb(tx: Tx) -> actions.Job:
        return await actions.start_export(tx, whole, wanted, body.list, body.query)

    return await door.perform(verb, show_started, location=where, show_again=actions.show_again)
