"""What kinds of emergency there are, by the codes of family 1, and which sectors see one."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date


@dataclass(frozen=True, kw_only=True, slots=True)
class KindClass:
    """One of the four classes of the law: natural, accident, public health, social security."""

    code: str
    zh: str
    en: str


@dataclass(frozen=True, kw_only=True, slots=True)
class Kind:
    """One code with its words; `named` is false where the original table of the subtype was not seen."""

    code: str
    zh: str
    en: str
    named: bool


@dataclass(frozen=True, kw_only=True, slots=True)
class Kinds:
    """One version of the table, shaped like `policies/event-codes-*.json`."""

    policy: str
    version: str
    valid_from: date
    valid_to: date | None
    source: str
    classes: tuple[KindClass, ...]
    codes: tuple[Kind, ...]


@dataclass(frozen=True, kw_only=True, slots=True)
class SectorRule:
    """The sectors that see kinds with these prefixes."""

    prefixes: tuple[str, ...]
    sectors: tuple[str, ...]


@dataclass(frozen=True, kw_only=True, slots=True)
class KindSectors:
    """One version of the table, shaped like `policies/kind-sectors-*.json`."""

    policy: str
    version: str
    valid_from: date
    valid_to: date | None
    rules: tuple[SectorRule, ...]
    source: str


class KindUnknown(Exception):
    """A code that is not in the table; `errors` are (pointer, code, detail)."""

    status = 422
    code = "kind_unknown"
    title = ("没有此事件类别代码", "There is no such kind of event")

    def __init__(self, kind: str) -> None:
        zh, en = f"事件类别表中没有代码 {kind}。", f"{kind} is not a code of the event table"
        super().__init__(zh, en)
        self.errors = (("/kind", self.code, (zh, en)),)


def kind_of(code: str, kinds: Iterable[Kind]) -> Kind:
    """The kind behind a code; raises KindUnknown (422)."""
    for kind in kinds:
        if kind.code == code:
            return kind
    raise KindUnknown(code)


def sectors_of(kind: str, policy: KindSectors) -> tuple[str, ...]:
    """The sectors that see an emergency of this kind: the longest prefix wins."""
    fitting = {prefix: rule for rule in policy.rules for prefix in rule.prefixes if kind.startswith(prefix)}
    return fitting[max(fitting, key=len)].sectors
