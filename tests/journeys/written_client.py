"""A client that a program wrote from the API document, and a caller that acts through it: no URL is made by hand."""

from __future__ import annotations

import inspect
import json
import re
import subprocess
import sys
from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import Enum
from importlib import import_module
from pathlib import Path
from types import ModuleType
from typing import Any, get_args, get_type_hints
from uuid import UUID

import httpx

from gateway.portal.rules import operations
from infra.api_document import document
from tests.journeys.caller import Caller

NAME = "shoutu_client"
CONFIGURATION = Path(__file__).parents[2] / "infra/client.json"


@dataclass(frozen=True, slots=True)
class WrittenClient:
    """The package, what its generator said, and the document that it was written from."""

    folder: Path
    said: str
    document: dict[str, Any] = field(repr=False)

    def operation(self, method: str, path: str) -> tuple[ModuleType, dict[str, str]]:
        """The module of an operation, and the values of its path."""
        for template, verb, one in operations(self.document):
            found = re.fullmatch(re.sub(r"\{(\w+)\}", r"(?P<\1>[^/]+)", template), path)
            if (
                found is not None
                and verb == method.lower()
                and not (found.groups() and path in self.document["paths"])
            ):
                tag = one["tags"][0].replace("-", "_")
                return import_module(f"{NAME}.api.{tag}.{one['operationId']}"), found.groupdict()
        raise LookupError(f"{method} {path} is not in the document")


def written(folder: Path) -> WrittenClient:
    """Write the client into a folder, as `make client` does, and put it where it can be imported."""
    whole = document()
    source, package = folder / "openapi.json", folder / NAME
    source.write_text(json.dumps(whole, ensure_ascii=False), "utf-8")
    # Beside the interpreter lie the generator, and ruff, by which it formats.
    tools = Path(sys.executable).parent
    asked = ["generate", "--path", source, "--output-path", package, "--meta", "none", "--config", CONFIGURATION]
    told = subprocess.run(
        [tools / "openapi-python-client", *asked],
        capture_output=True, text=True, check=True, env={"PATH": f"{tools}:/usr/bin:/bin", "HOME": str(folder)},
    )  # fmt: skip
    sys.path.insert(0, str(folder))
    return WrittenClient(package, told.stdout + told.stderr, whole)


@dataclass(slots=True)
class WrittenCaller(Caller):
    """Asks as every caller does, through the written client; what it answers went through the client's models."""

    client_of: WrittenClient | None = None

    @classmethod
    def like(cls, caller: Caller, client: WrittenClient) -> WrittenCaller:
        """The same subject with the same token."""
        return cls(caller.http, caller.subject, caller.token, caller.post, caller.client, client)

    async def ask(
        self, method: str, path: str, body: Any = None, *, key: str | None = None, tag: str | None = None,
        params: Mapping[str, Any] | None = None, headers: Mapping[str, str] | None = None,
    ) -> httpx.Response:  # fmt: skip
        """One request by the function that the document's operation became."""
        del headers
        assert self.client_of is not None
        module, values = self.client_of.operation(method, path)
        told = {
            **values,
            **(params or {}),
            "idempotency_key": key,
            "if_match": tag,
            "acting_post": self.post,
            "body": body,
        }
        kinds = get_type_hints(module.asyncio_detailed)
        asked = {
            name: _typed(value, kinds[name]) for name, value in told.items() if name in kinds and value is not None
        }
        package = import_module(NAME)
        url = str(self.http.base_url)
        async with package.AuthenticatedClient(base_url=url, token=self.token or "") as client:
            answer = await module.asyncio_detailed(client=client, **asked)
        shown = None if answer.parsed is None else answer.parsed.to_dict()
        request = httpx.Request(method, f"{url}{path}")
        kept = {"etag": answer.headers["etag"]} if "etag" in answer.headers else {}
        return httpx.Response(answer.status_code, headers=kept, json=shown, request=request)


def _typed(value: Any, kind: Any) -> Any:
    """A value as the client wants it: a model of its own, a member of its enumeration, a UUID."""
    for one in (*get_args(kind), kind):
        if not inspect.isclass(one):
            continue
        if isinstance(value, dict) and hasattr(one, "from_dict"):
            return one.from_dict(value)
        if isinstance(value, str) and (issubclass(one, Enum) or one is UUID):
            return one(value)
    return value
