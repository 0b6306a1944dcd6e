"""A small house of the right shape, and the violations that are planted in it one at a time."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

_OWNERS = {"services.risk_grading": ("hazards", "objects"), "gateway": ("identity", "webhooks")}
_SLICE = {
    "api": "from {slice} import actions, forms, rules, store\nimport fastapi\nfrom libs.common import doors",
    "forms": "from {slice} import actions, rules\nimport pydantic",
    "listen": "from {slice} import actions\nfrom libs.common.hearing import on\nfrom libs.contracts import event",
    "watch": "from {slice} import actions, store",
    "actions": "from {slice} import bulk, model, policies, rules, store\nfrom libs.common.db import Tx",
    "store": "from {slice} import model, rules\nimport sqlalchemy",
    "model": "from {slice} import rules\nimport sqlalchemy",
    "policies": "from {slice} import rules\nimport orjson",
    "bulk": "from {slice} import rules\nimport polars",
    "rules": "from datetime import datetime\nfrom {slice} import rules_deadlines",
    "rules_deadlines": "import math",
}
_COMMON = {
    "db": "import sqlalchemy",
    "bus": "import nats",
    "relay": "from libs.common import bus",
    "outbox": "",
    "hearing": "from libs.common import bus",
    "doors": "import fastapi",
    "web": "import fastapi",
}


def build(root: Path) -> None:
    """Write the small house: two services and a gateway with all the files a slice may have, no wall broken."""
    for module, source in _modules().items():
        path = root.joinpath(*module.split("."))
        path.mkdir(parents=True, exist_ok=True) if source is None else _write(path.with_suffix(".py"), source)
    for folder in [path for path in root.rglob("*") if path.is_dir()]:
        (folder / "__init__.py").touch()


def plant(root: Path, module: str, source: str) -> None:
    """Add lines to a module of the small house."""
    path = root.joinpath(*module.split(".")).with_suffix(".py")
    before = path.read_text("utf-8") if path.exists() else ""
    _write(path, f"{before}\n{source}")
    for folder in [one for one in path.parents if root in one.parents]:
        (folder / "__init__.py").touch()


def _modules() -> dict[str, str | None]:
    modules: dict[str, str | None] = {"libs.contracts.event": "import pydantic"}
    modules |= {f"libs.common.{name}": source for name, source in _COMMON.items()}
    for owner, slices in _OWNERS.items():
        first = slices[0]
        for one in slices:
            modules |= {f"{owner}.{one}.{file}": text.format(slice=f"{owner}.{one}") for file, text in _SLICE.items()}
        modules[f"{owner}.copies.model"] = "import sqlalchemy"
        modules[f"{owner}.copies.store"] = f"from {owner}.copies import model"
        modules[f"{owner}.migrations.versions.m0001"] = "import alembic\nimport libs.common.db"
        modules[f"{owner}.app"] = f"from {owner}.{first} import api, listen\nfrom libs.common import web"
        modules[f"{owner}.{first}.actions"] = "\n".join(
            [
                _SLICE["actions"].format(slice=f"{owner}.{first}"),
                f"from {owner}.{slices[1]} import actions as others, rules as theirs",
                f"from {owner}.copies import store as copies",
            ]
        )
    modules["services.risk_grading.levels"] = "import json"
    modules["services.emergency_command.alarms.rules"] = ""
    modules["services.public_reporting.newborn.actions"] = ""
    # A file that no slice has: it has to be there for an import of it to be seen.
    modules["services.risk_grading.hazards.tracking"] = ""
    modules["infra.run"] = "import gateway.app\nimport services.risk_grading.app"
    return modules


def _write(path: Path, source: str) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(f'"""Planted."""\n{source}\n', "utf-8")


@dataclass(frozen=True, slots=True)
class Plant:
    """One import where it may not stand, the contract that must break, and others that break with it."""

    contract: str
    module: str
    source: str
    also: tuple[str, ...] = ()


_HAZARDS, _OBJECTS = "services.risk_grading.hazards", "services.risk_grading.objects"
_COMMAND = "services.emergency_command.alarms"
_NEWBORN = "services.public_reporting.newborn"
"""A slice of which no configuration has ever heard."""

PLANTS = (
    Plant("services-independent", f"{_HAZARDS}.actions", f"import {_COMMAND}.rules"),
    Plant("services-independent", "services.risk_grading.app", f"import {_COMMAND}.rules", ("app-own-service",)),
    Plant("house-layers", f"{_HAZARDS}.actions", "import gateway.identity.actions"),
    Plant("house-layers", "gateway.identity.actions", f"import {_COMMAND}.rules"),
    Plant("house-layers", f"{_HAZARDS}.store", "import infra.run"),
    Plant("house-layers", "libs.common.outbox", f"import {_COMMAND}.rules"),
    Plant("house-layers", "libs.contracts.event", "import libs.common.outbox"),
    Plant("contracts-plain", "libs.contracts.event", "import sqlalchemy"),
    Plant("contracts-plain", "libs.contracts.event", "from fastapi import FastAPI"),
    Plant("services-never-ask", f"{_HAZARDS}.actions", "import httpx"),
    Plant("files-in-order", f"{_HAZARDS}.api", f"from {_HAZARDS} import model"),
    Plant("files-in-order", f"{_HAZARDS}.api", f"from {_HAZARDS} import listen"),
    Plant("files-in-order", f"{_HAZARDS}.listen", f"from {_HAZARDS} import watch"),
    Plant("files-in-order", f"{_HAZARDS}.watch", f"from {_HAZARDS} import model"),
    Plant("files-in-order", f"{_HAZARDS}.model", f"from {_HAZARDS} import store", ("slices-acyclic",)),
    Plant("files-in-order", f"{_HAZARDS}.store", f"from {_HAZARDS} import actions", ("slices-acyclic",)),
    Plant("files-in-order", f"{_HAZARDS}.forms", f"from {_HAZARDS} import store"),
    Plant("files-in-order", f"{_HAZARDS}.actions_rounds", f"from {_HAZARDS} import api"),
    Plant("files-in-order", f"{_HAZARDS}.actions", f"from {_HAZARDS} import tracking\n"),
    Plant("files-in-order", f"{_NEWBORN}.store", f"from {_NEWBORN} import actions"),
    Plant("rules-reach-nothing", f"{_NEWBORN}.rules", "import yaml"),
    Plant("files-in-order", "gateway.webhooks.store", "from gateway.webhooks import actions", ("slices-acyclic",)),
    Plant("slices-private", f"{_HAZARDS}.actions", f"from {_OBJECTS} import store as theirs"),
    Plant("slices-private", f"{_HAZARDS}.actions", f"from {_OBJECTS}.model import objects"),
    Plant("slices-private", f"{_HAZARDS}.store", f"from {_OBJECTS} import model as theirs"),
    Plant("slices-private", f"{_HAZARDS}.api", f"from {_OBJECTS} import actions as theirs"),
    Plant("slices-private", f"{_HAZARDS}.store", "from services.risk_grading.copies import store as copies"),
    Plant("slices-private", f"{_HAZARDS}.actions", "from services.risk_grading.copies import model as copied"),
    Plant("slices-private", f"{_HAZARDS}.actions", "import services.risk_grading.app", ("slices-acyclic",)),
    Plant("slices-private", "services.risk_grading.migrations.versions.m0002", f"from {_HAZARDS} import model"),
    Plant("slices-private", f"{_HAZARDS}.model", "import services.risk_grading.migrations.versions.m0001"),
    Plant("slices-private", "services.risk_grading.levels", f"from {_HAZARDS} import rules"),
    Plant("slices-acyclic", f"{_OBJECTS}.actions", f"from {_HAZARDS} import actions as theirs"),
    Plant("slices-acyclic", "libs.common.bus", "from libs.common import relay"),
    Plant("rules-reach-nothing", f"{_HAZARDS}.rules", "import pydantic"),
    Plant("rules-reach-nothing", f"{_HAZARDS}.rules", "from libs.common.db import Tx"),
    Plant("rules-reach-nothing", f"{_HAZARDS}.rules_deadlines", "from libs.contracts.event import Event"),
    Plant("rules-reach-nothing", f"{_HAZARDS}.rules", f"from {_OBJECTS} import rules as theirs", ("slices-private",)),
    Plant("doors-no-sql-no-bus", f"{_HAZARDS}.api", "from sqlalchemy import select"),
    Plant("doors-no-sql-no-bus", f"{_HAZARDS}.listen", "import nats"),
    Plant("doors-no-sql-no-bus", f"{_HAZARDS}.watch", "from libs.common.bus import Bus"),
    Plant("sql-in-the-store", f"{_HAZARDS}.actions", "from sqlalchemy import text"),
    Plant("web-at-the-door", f"{_HAZARDS}.actions", "from fastapi import Request"),
    Plant("web-at-the-door", f"{_HAZARDS}.listen", "from libs.common.doors import Door"),
    Plant("verbs-no-bus", f"{_HAZARDS}.actions", "from nats.aio.client import Client"),
    Plant("verbs-no-bus", f"{_HAZARDS}.store", "from libs.common import bus"),
    Plant("app-own-service", "services.risk_grading.app", "from libs.contracts import event"),
)
