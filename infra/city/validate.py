"""Check a city before it is loaded: `python -m infra.city.validate <name or folder>`.

Each fault names the file and the row. The exit code is 1 when anything is wrong.
"""

import argparse
import sys
from pathlib import Path

from infra.city.area_checks import check_areas
from infra.city.city_checks import check_city
from infra.city.coverage_checks import check_coverage
from infra.city.data_files import read_city
from infra.city.findings import CityDataWrong, Finding
from infra.city.generate import generate
from infra.city.reference_checks import check_references
from infra.city.tour_checks import check_tour


def validate(city: str | Path) -> tuple[Finding, ...]:
    """Every fault of a city's data; nothing is drawn while areas or references are broken."""
    try:
        data = read_city(city)
        faults = (*check_areas(data),) or (*check_references(data), *check_tour(data))
        if faults:
            return faults
        drawn = generate(data)
    except CityDataWrong as wrong_data:
        return wrong_data.findings
    return (*check_city(data, drawn), *check_coverage(data, drawn))


def main(arguments: list[str] | None = None) -> int:
    """The command line."""
    parser = argparse.ArgumentParser(prog="python -m infra.city.validate", description="Check a city's data.")
    parser.add_argument("city", help="name of a city that ships with the platform, or a folder")
    findings = validate(parser.parse_args(arguments).city)
    for finding in findings:
        print(finding, file=sys.stderr)
    print(f"{len(findings)} faults" if findings else "no faults")
    return 1 if findings else 0


if __name__ == "__main__":
    raise SystemExit(main())
