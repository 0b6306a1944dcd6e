"""Rule packs: how a grade follows from its inputs, as dated and sourced data.

A pack says its kind. This file knows one, `factor_product` (LEC): exact decimals from fixed tables are
multiplied and the product falls into one band. A grade carries all that is needed to compute it again.
"""

from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass
from datetime import date
from decimal import Context, Decimal, Inexact, InvalidOperation
from enum import StrEnum
from functools import reduce
from hashlib import sha256
from json import dumps
from operator import ge, gt
from re import compile as pattern

SOURCED = pattern(r"\[(S|P|C|SEED|DEF|M-[HML])\] \S")
EXACT = Context(prec=200, traps=[Inexact, InvalidOperation])  # the thread's own context may round


class PackKind(StrEnum):
    """How a pack computes. Another kind is another reader and another way to a product, beside this one."""

    FACTOR_PRODUCT = "factor_product"


class Boundary(StrEnum):
    """Whether a product on an edge belongs to the class below it (`gt`) or above it (`ge`)."""

    GT = "gt"
    GE = "ge"


class Colour(StrEnum):
    """The four colours, worst first."""

    RED = "red"
    ORANGE = "orange"
    YELLOW = "yellow"
    BLUE = "blue"


ORDINALS = {Colour.RED: 1, Colour.ORANGE: 2, Colour.YELLOW: 3, Colour.BLUE: 4}


@dataclass(frozen=True, kw_only=True, slots=True)
class FactorValue:
    """One figure that may be entered for a factor; any other is refused."""

    value: Decimal
    label: Mapping[str, str]


@dataclass(frozen=True, kw_only=True, slots=True)
class Factor:
    """One input of a product."""

    code: str
    name: Mapping[str, str]
    source: str
    values: tuple[FactorValue, ...]


@dataclass(frozen=True, kw_only=True, slots=True)
class Band:
    """One class: the products between `lower` and `upper`; None is without end."""

    code: str
    lower: Decimal | None
    upper: Decimal | None
    ordinal: int
    colour: Colour
    label: Mapping[str, str]


@dataclass(frozen=True, kw_only=True, slots=True)
class Pack:
    """One version of one model, shaped like `packs/*.json`; building it checks it (ValueError)."""

    pack: str
    version: str
    kind: PackKind
    valid_from: date
    valid_to: date | None
    title: Mapping[str, str]
    scale: str
    boundary: Boundary
    factors: tuple[Factor, ...]
    bands: tuple[Band, ...]
    sources: Mapping[str, str]

    def __post_init__(self) -> None:
        faults = pack_faults(self)
        if faults:
            raise ValueError(f"pack {self.pack} {self.version}: {'; '.join(faults)}")


@dataclass(frozen=True, kw_only=True, slots=True)
class Grade:
    """A class with all that it came from: `fingerprint` is over pack, version, `pack_digest` and inputs.
    `band` is the class's code; ordinal and colour belong to `scale`."""

    pack: str
    pack_version: str
    pack_digest: str
    inputs: Mapping[str, str]
    product: Decimal
    band: str
    ordinal: int
    colour: Colour
    scale: str
    fingerprint: str


class PackRefuses(Exception):
    """What was asked of a rule pack does not fit it; `errors` are (pointer, code, detail)."""

    status = 422
    code = "pack_refuses"
    title = ("不符合评价模型", "The rule pack does not take this")

    def __init__(self, *errors: tuple[str, str, tuple[str, str]]) -> None:
        super().__init__(*errors)
        self.errors = errors


class InputsDoNotFitPack(PackRefuses):
    """A factor is missing, unknown, or not one of the figures of its table."""

    code = "inputs_do_not_fit_pack"


class NoPackInForce(PackRefuses):
    """No version of that pack is in force on that day."""

    code = "no_pack_in_force"


class GradeDoesNotReproduce(Exception):
    """The same pack and inputs give another grade: the pack or the record was changed."""

    status = 409
    code = "grade_does_not_reproduce"
    title = ("评级结果无法复现", "The grade does not reproduce")


def grade(pack: Pack, inputs: Mapping[str, Decimal]) -> Grade:
    """The grade of these inputs, exactly. Raises InputsDoNotFitPack with one entry a fault."""
    faults = list(_input_faults(pack, inputs))
    if faults:
        raise InputsDoNotFitPack(*faults)
    figures = {factor.code: inputs[factor.code] for factor in pack.factors}
    product = reduce(EXACT.multiply, figures.values(), Decimal(1))
    band = band_of(pack, product)
    texts = {code: plain(figure) for code, figure in figures.items()}
    digest = pack_digest(pack)
    return Grade(
        pack=pack.pack, pack_version=pack.version, pack_digest=digest, inputs=texts,
        product=Decimal(plain(product)), band=band.code, ordinal=band.ordinal, colour=band.colour,
        scale=pack.scale, fingerprint=_fingerprint(pack.pack, pack.version, digest, texts),
    )  # fmt: skip


def recompute(pack: Pack, recorded: Grade) -> Grade:
    """The recorded grade computed again. Raises GradeDoesNotReproduce where anything differs."""
    again = grade(pack, {code: Decimal(figure) for code, figure in recorded.inputs.items()})
    differing = [name for name, value in asdict(again).items() if value != getattr(recorded, name)]
    if differing:
        raise GradeDoesNotReproduce(
            f"以下内容不一致：{', '.join(differing)}；请将规则包与存档比对。",
            f"differs in {', '.join(differing)}: compare the pack with its archive",
        )
    return again


def band_of(pack: Pack, product: Decimal) -> Band:
    """The one band of a product: `(lower, upper]` where the boundary is gt, `[lower, upper)` where ge."""
    above = gt if pack.boundary is Boundary.GT else ge
    return next(band for band in reversed(pack.bands) if band.lower is None or above(product, band.lower))


def in_force(pack: Pack, on: date) -> bool:
    """Whether this version holds on that day; `valid_to` is the first day on which it no longer does."""
    return pack.valid_from <= on and (pack.valid_to is None or on < pack.valid_to)


def pack_in_force(packs: Iterable[Pack], name: str, on: date) -> Pack:
    """The version of a pack that holds on that day, the latest begun of several. Raises NoPackInForce."""
    holding = [pack for pack in packs if pack.pack == name and in_force(pack, on)]
    if not holding:
        raise NoPackInForce(
            (
                "/pack",
                "no_pack_in_force",
                (f"{on} 没有生效的 {name} 版本。", f"no version of {name} is in force on {on}"),
            )
        )
    return max(holding, key=lambda pack: (pack.valid_from, pack.version))


def pack_digest(pack: Pack) -> str:
    """A hash over all of a pack that decides a grade. Its end date, titles, labels and sources are left
    out: a version that ends or a translation that is corrected must not unmake the grades of its time."""
    decides = {
        "kind": pack.kind,
        "boundary": pack.boundary,
        "scale": pack.scale,
        "factors": [[factor.code, [v.value for v in factor.values]] for factor in pack.factors],
        "bands": [[band.code, band.lower, band.upper, band.ordinal, band.colour] for band in pack.bands],
    }
    return sha256(_canonical(decides).encode()).hexdigest()


def pack_faults(pack: Pack) -> tuple[str, ...]:
    """What is wrong with a pack: empty when its tables can be read, its bands leave no hole and no
    overlap, and every table and cut point says where it comes from."""
    edges = [(upper.lower, lower.upper) for lower, upper in zip(pack.bands, pack.bands[1:], strict=False)]
    firm = [edge for edge, _ in edges if edge is not None]
    ends = bool(pack.bands) and pack.bands[0].lower is None and pack.bands[-1].upper is None
    said = [*pack.sources.values(), *(factor.source for factor in pack.factors)]
    ordinals = [band.ordinal for band in pack.bands]
    checks = (
        (ends and all(low == up for low, up in edges), "bands leave a hole or overlap"),
        (len(firm) == len(edges) and firm == sorted(set(firm)), "bands do not rise"),
        (all(ORDINALS[band.colour] == band.ordinal for band in pack.bands), "colour and ordinal disagree"),
        (ordinals == sorted(ordinals, reverse=True), "a greater product is a lesser class"),
        (len({band.code for band in pack.bands}) == len(pack.bands), "two bands have one code"),
        (bool(pack.factors) and all(_well_formed(factor) for factor in pack.factors), "a factor's table"),
        (len({factor.code for factor in pack.factors}) == len(pack.factors), "two factors have one code"),
        (bool(pack.sources) and all(SOURCED.match(source) for source in said), "a source is missing"),
        (pack.valid_to is None or pack.valid_from < pack.valid_to, "it ends before it begins"),
    )
    return tuple(fault for good, fault in checks if not good)


def plain(figure: Decimal) -> str:
    """One text for one figure: 0.50 and 0.5 are the same, and 100 is never written 1E+2."""
    return format(figure.normalize(EXACT), "f")


def open_moves(graded: Grade) -> tuple[str, ...]:
    """None: a grade is a fact; a new one is made beside it."""
    del graded
    return ()


def _input_faults(pack: Pack, inputs: Mapping[str, Decimal]) -> Iterable[tuple[str, str, tuple[str, str]]]:
    known = {factor.code: [v.value for v in factor.values] for factor in pack.factors}
    for code in sorted(set(inputs) - set(known)):
        yield (
            f"/inputs/{code}",
            "unknown_factor",
            (f"{pack.pack} 没有因素 {code}。", f"{pack.pack} has no factor {code}"),
        )
    for code, allowed in known.items():
        if code not in inputs:
            yield f"/inputs/{code}", "required", (f"缺少 {code}。", f"{code} is missing")
        elif not inputs[code].is_finite() or inputs[code] not in allowed:
            choices = ", ".join(plain(figure) for figure in allowed)
            yield (
                f"/inputs/{code}",
                "not_in_table",
                (f"{code} 须为以下之一：{choices}。", f"{code} is one of {choices}"),
            )


def _well_formed(factor: Factor) -> bool:
    figures = [v.value for v in factor.values]
    return bool(figures) and all(f.is_finite() and f > 0 for f in figures) and len(set(figures)) == len(figures)


def _fingerprint(pack: str, version: str, digest: str, inputs: Mapping[str, str]) -> str:
    whole = {"pack": pack, "version": version, "pack_digest": digest, "inputs": inputs}
    return sha256(_canonical(whole).encode()).hexdigest()


def _canonical(value: object) -> str:
    return dumps(value, ensure_ascii=False, sort_keys=True, separators=(",", ":"), default=_as_text)


def _as_text(value: object) -> str:
    return plain(value) if isinstance(value, Decimal) else str(value)
