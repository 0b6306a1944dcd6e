"""The shapes of the doors of rule packs."""

from __future__ import annotations

from datetime import date

from libs.common.forms import Shown
from services.risk_grading.levels import LevelOut, level_of
from services.risk_grading.models import rules
from services.risk_grading.models.policies import pack_id
from services.risk_grading.models.rules import Band, Boundary, Factor, Pack, PackKind


class FactorValueOut(Shown):
    """One figure that may be entered."""

    value: str
    label: dict[str, str]


class FactorOut(Shown):
    """One input of a model."""

    code: str
    name: dict[str, str]
    source: str
    values: tuple[FactorValueOut, ...]


class BandOut(Shown):
    """One class of a model: the products between `lower` and `upper`; null is without end."""

    code: str
    lower: str | None
    upper: str | None
    label: dict[str, str]
    level: LevelOut


class PackOut(Shown):
    """One version of one model, with the evidence tag of everything in it."""

    id: str
    pack: str
    version: str
    kind: PackKind
    valid_from: date
    valid_to: date | None
    title: dict[str, str]
    scale: str
    boundary: Boundary
    factors: tuple[FactorOut, ...]
    bands: tuple[BandOut, ...]
    sources: dict[str, str]
    digest: str


class PacksOut(Shown):
    """Every version that is kept."""

    items: tuple[PackOut, ...]
    next: None = None


def pack_out(pack: Pack) -> PackOut:
    """A pack as its readers see it."""
    return PackOut(
        id=pack_id(pack), pack=pack.pack, version=pack.version, kind=pack.kind, valid_from=pack.valid_from,
        valid_to=pack.valid_to, title=dict(pack.title), scale=pack.scale, boundary=pack.boundary,
        factors=tuple(_factor(one) for one in pack.factors), bands=tuple(_band(pack, one) for one in pack.bands),
        sources=dict(pack.sources), digest=rules.pack_digest(pack),
    )  # fmt: skip


def _factor(factor: Factor) -> FactorOut:
    values = tuple(FactorValueOut(value=rules.plain(one.value), label=dict(one.label)) for one in factor.values)
    return FactorOut(code=factor.code, name=dict(factor.name), source=factor.source, values=values)


def _band(pack: Pack, band: Band) -> BandOut:
    lower, upper = (None if edge is None else rules.plain(edge) for edge in (band.lower, band.upper))
    return BandOut(
        code=band.code, lower=lower, upper=upper, label=dict(band.label), level=level_of(pack.scale, band.ordinal)
    )
