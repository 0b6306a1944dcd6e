"""The processes that hold the apps, in either shape."""

import json

from infra.environment import app_environment
from infra.processes import AppProcess
from infra.secrets import Secrets
from infra.settings import APPS, PlatformSettings, Shape, app_module, port_field, variable

ONE_PROCESS = "apps"


def app_processes(settings: PlatformSettings, secrets: Secrets) -> list[AppProcess]:
    """A process for each app, or one for all of them."""
    told = {app: app_environment(app, settings, secrets) for app in APPS}
    ports = {app: {variable(port_field(app)): settings.port_of(app)} for app in APPS}
    if settings.shape is Shape.ONE:
        every_port = {name: port for each in ports.values() for name, port in each.items()}
        told_all = {"SHOUTU_APPS": json.dumps(told)}
        return [AppProcess(ONE_PROCESS, settings.home, ["-m", "infra.one"], told_all, every_port)]
    return [
        AppProcess(app, settings.home, ["-m", "libs.common.serve", app_module(app)], told[app], ports[app])
        for app in APPS
    ]
