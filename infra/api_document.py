"""The OpenAPI document of the whole API without a running platform: `python -m infra.api_document [file]`.

It is what `/openapi.json` answers: the same apps describe themselves, and the gateway's own verb makes them one.
"""

from __future__ import annotations

import json
import sys
from importlib import import_module
from pathlib import Path
from typing import Any

from pydantic import SecretStr

from gateway.portal.actions import merged
from gateway.portal.rules import Source
from gateway.routes import GATEWAY
from gateway.settings import GatewaySettings
from infra.settings import APPS, PlatformSettings, app_module
from libs.common.settings import ServiceSettings

_NOWHERE = SecretStr("postgresql://nobody@127.0.0.1/nothing")
"""An app connects when it starts, and none is started here."""


def document() -> dict[str, Any]:
    """The document of the whole API at the default address."""
    return merged([Source(service=app, document=_described(app)) for app in APPS], server=PlatformSettings().issuer)


def _described(app: str) -> dict[str, Any]:
    settings: ServiceSettings = ServiceSettings(service=app, database_url=_NOWHERE)
    if app == GATEWAY:
        settings = GatewaySettings(service=app, database_url=_NOWHERE, key_seal=SecretStr("of nothing" * 4))
    described: dict[str, Any] = import_module(app_module(app)).create_app(settings).openapi()
    return described


def main(arguments: list[str]) -> int:
    """The command; returns the exit status."""
    written = json.dumps(document(), ensure_ascii=False, indent=1)
    if arguments:
        Path(arguments[0]).write_text(written, "utf-8")
    else:
        print(written)
    return 0


if __name__ == "__main__":
    raise SystemExit(main(sys.argv[1:]))
