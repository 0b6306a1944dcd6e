"""What is wrong with a city's data, said so that it can be found: file, row, sentence."""

from dataclasses import dataclass


@dataclass(frozen=True, kw_only=True, slots=True)
class Finding:
    """One fault. `row` counts from 1 (a CSV's header is row 1) or names a place such as `gaps.1`."""

    file: str
    row: str
    message: str

    def __str__(self) -> str:
        return f"{self.file} row {self.row}: {self.message}"


class CityDataWrong(Exception):
    """The data cannot be used; `findings` say where and why."""

    def __init__(self, *findings: Finding) -> None:
        super().__init__("\n".join(str(finding) for finding in findings))
        self.findings = findings


def wrong(file: str, row: object, message: str) -> CityDataWrong:
    """An error with a single finding."""
    return CityDataWrong(Finding(file=file, row=str(row), message=message))
