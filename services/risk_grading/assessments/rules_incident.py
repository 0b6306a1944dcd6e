"""What an accident says of the place where it happened: likelier than was thought, and as grave as it was."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal


@dataclass(frozen=True, kw_only=True, slots=True)
class Likelihood:
    """How the likelihood's figure rises: so many figures up its table, and never below `at_least`."""

    factor: str
    steps_up: int
    at_least: Decimal


@dataclass(frozen=True, kw_only=True, slots=True)
class Harm:
    """Who was harmed; as a row of the policy: from so many on, of each kind that it names."""

    dead: int = 0
    serious: int = 0
    minor: int = 0


@dataclass(frozen=True, kw_only=True, slots=True)
class HarmRow(Harm):
    """The figure that this much harm stands for."""

    figure: Decimal

    def holds(self, harm: Harm) -> bool:
        """Whether as much was done."""
        return harm.dead >= self.dead and harm.serious >= self.serious and harm.minor >= self.minor


@dataclass(frozen=True, kw_only=True, slots=True)
class Consequence:
    """The consequence's figure by the harm that was done, the gravest row first."""

    factor: str
    harm: tuple[HarmRow, ...]


@dataclass(frozen=True, kw_only=True, slots=True)
class AfterIncident:
    """How an accident changes the inputs of a pack, shaped like `policies/after-incident-*.json`. `unassessed` are
    the inputs before it where the object had no assessment by that pack."""

    policy: str
    version: str
    valid_from: date
    valid_to: date | None
    pack: str
    likelihood: Likelihood
    consequence: Consequence
    unassessed: Mapping[str, Decimal]
    sources: Mapping[str, str]

    @property
    def name(self) -> str:
        """What the timeline and the events call it."""
        return f"{self.policy}-{self.version}"


def inputs_after(
    policy: AfterIncident, before: Mapping[str, Decimal] | None, figures: Mapping[str, Sequence[Decimal]], harm: Harm
) -> dict[str, Decimal]:
    """The inputs after an accident ([DEF]): the likelihood goes up its table, the consequence is at least what
    happened, everything else stays. `figures` are the pack's tables; nothing ever gets better by an accident."""
    inputs = dict(policy.unassessed if before is None else before)
    likely, grave = policy.likelihood, policy.consequence
    inputs[likely.factor] = _raised(likely, inputs[likely.factor], sorted(figures[likely.factor]))
    done = next((row.figure for row in grave.harm if row.holds(harm)), None)
    if done is not None:
        inputs[grave.factor] = max(inputs[grave.factor], done)
    return inputs


def _raised(likely: Likelihood, before: Decimal, rising: Sequence[Decimal]) -> Decimal:
    above = [figure for figure in rising if figure > before]
    stepped = above[min(likely.steps_up, len(above)) - 1] if above and likely.steps_up else before
    return next((figure for figure in rising if figure >= max(stepped, likely.at_least)), rising[-1])
