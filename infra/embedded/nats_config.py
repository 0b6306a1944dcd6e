"""The configuration of the bus server: who may publish, fetch and acknowledge what."""

import json
from collections.abc import Callable, Sequence
from pathlib import Path

from infra.agencies import Agency
from libs.common.bus import stream_of
from libs.common.bus_names import ConsumerKind, consumer_name

ADMIN = "infra"
"""Declares streams and consumers; no app uses it."""
_SYSTEM = "system"
_HOUSE = "SHOUTU"


def render(
    *,
    apps: Sequence[str],
    password_of: Callable[[str], str],
    listen: str,
    monitor: str | None,
    store: Path,
    leaf: str,
    agencies: Sequence[Agency] = (),
) -> str:
    """The server's configuration file. `password_of` is asked for each app, for ADMIN and for each agency.

    `leaf` is where agencies' own servers connect. Who is an agency can change while the server runs, the rest cannot.
    """
    users = [_user(app, password_of(app), _permissions(app, apps)) for app in apps]
    users.append(_user(ADMIN, password_of(ADMIN), None))
    lines = [
        "server_name: shoutu",
        f"listen: {json.dumps(listen)}",
        *([f"http: {json.dumps(monitor)}"] if monitor else []),
        "max_payload: 1MB",
        # An acknowledged message is on disk, not in a cache that a power cut empties.
        f"jetstream {{ store_dir: {json.dumps(str(store))}, sync_interval: always }}",
        f"leafnodes {{ listen: {json.dumps(leaf)} }}",
        "accounts {",
        f"  {_SYSTEM.upper()} {{ users: [] }}",
        f"  {_HOUSE} {{",
        "    jetstream: enabled",
        "    users: [",
        *(f"      {user}" for user in users),
        "    ]",
        f"    exports: {json.dumps(_exports(agencies))}",
        "  }",
        *(f"  {agency.account} {_account(agency, password_of(agency.user))}" for agency in agencies),
        "}",
        f"system_account: {_SYSTEM.upper()}",
    ]
    return "\n".join(lines) + "\n"


def _exports(agencies: Sequence[Agency]) -> list[dict[str, object]]:
    """Each subject to the accounts that may import it and to no other."""
    allowed: dict[str, list[str]] = {}
    for agency in agencies:
        for subject in agency.subjects():
            allowed.setdefault(subject, []).append(agency.account)
    return [{"stream": subject, "accounts": accounts} for subject, accounts in sorted(allowed.items())]


def _account(agency: Agency, password: str) -> str:
    """An account of its own: it sees what it imports, has no streams here, and can publish nothing."""
    subjects = sorted(agency.subjects())
    permissions: dict[str, object] = {"publish": {"deny": [">"]}, "subscribe": {"allow": subjects}}
    user: dict[str, object] = {"user": agency.user, "password": password, "permissions": permissions}
    imports = [{"stream": {"account": _HOUSE, "subject": subject}} for subject in subjects]
    return json.dumps({"users": [user], "imports": imports})


def _user(name: str, password: str, permissions: dict[str, object] | None) -> str:
    entry: dict[str, object] = {"user": name, "password": password}
    if permissions is not None:
        entry["permissions"] = permissions
    return json.dumps(entry)


def _permissions(app: str, producers: Sequence[str]) -> dict[str, object]:
    return {
        "publish": {"allow": [*own_subjects(app), *hearing_subjects(app, producers)]},
        "subscribe": {"allow": [f"_INBOX_{app}.>"]},
    }


def own_subjects(app: str) -> list[str]:
    """What an app tells, and how it looks at the stream that keeps it."""
    stream = stream_of(app)
    return [
        f"{app}.>",
        f"$JS.API.STREAM.INFO.{stream}",
        f"$JS.API.DIRECT.GET.{stream}",
        f"$JS.API.DIRECT.GET.{stream}.>",
    ]


def hearing_subjects(app: str, producers: Sequence[str]) -> list[str]:
    """Fetching from and acknowledging to the app's own consumers.

    Consumers are named after their hearer and only infra can declare one, so the list needs no update
    when an app begins to listen to another producer.
    """
    allowed: list[str] = []
    for producer in producers:
        stream = stream_of(producer)
        for kind in ConsumerKind:
            consumer = consumer_name(app, kind, producer)
            allowed += [
                f"$JS.API.CONSUMER.MSG.NEXT.{stream}.{consumer}",
                f"$JS.API.CONSUMER.INFO.{stream}.{consumer}",
                f"$JS.ACK.{stream}.{consumer}.>",
            ]
    return allowed
