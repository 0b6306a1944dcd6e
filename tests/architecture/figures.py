"""The house in figures: `python -m tests.architecture.figures` prints them."""

from __future__ import annotations

from dataclasses import dataclass
from statistics import median

from tests.architecture.sources import Source, everything, product


@dataclass(frozen=True, kw_only=True, slots=True)
class Figures:
    """What style.md promises to keep small, as it is now."""

    modules: int
    module_median: float
    module_most: int
    functions: int
    function_median: float
    function_most: int
    lines: int
    test_lines: int

    def __str__(self) -> str:
        tests = self.test_lines / self.lines if self.lines else 0.0
        return (
            f"modules {self.modules}: median {self.module_median:g} lines, most {self.module_most}\n"
            f"functions {self.functions}: median {self.function_median:g} lines, most {self.function_most}\n"
            f"lines {self.lines}, of tests {self.test_lines}: {tests:.2f} to one"
        )


def figures() -> Figures:
    """Count; packages that only say what they are, and migrations, are left out."""
    told = [one for one in product() if not one.path.endswith("__init__.py") and not one.is_migration]
    modules = [len(one.lines) for one in told]
    functions = [(node.end_lineno or 0) - node.lineno + 1 for one in told for node in one.functions()]
    return Figures(
        modules=len(modules),
        module_median=median(modules),
        module_most=max(modules),
        functions=len(functions),
        function_median=median(functions),
        function_most=max(functions),
        lines=sum(modules),
        test_lines=sum(len(one.lines) for one in everything() if _is_test(one)),
    )


def _is_test(source: Source) -> bool:
    return source.path.startswith("tests/")


if __name__ == "__main__":
    print(figures())  # noqa: T201 — a command speaks to a person
