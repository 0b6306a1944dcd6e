"""When an earlier report is worth showing to a person as the same danger."""

from datetime import timedelta

from services.public_reporting.reports.rules import IntakePolicy, Report, ReportState
from services.public_reporting.reports.rules_findings import UNKNOWN_CATEGORY


def looks_like(report: Report, earlier: Report, *, metres_apart: float | None, intake: IntakePolicy) -> bool:
    """Whether `earlier` is worth showing to a person as the same danger: of one category as far as
    it is known, near in place and time, and not turned away ([DEF] 50 m and 7 days). Without a distance nothing is
    suggested."""
    turned_away = earlier.state in {ReportState.REJECTED, ReportState.TRANSFERRED}
    known = {report.category, earlier.category} - {UNKNOWN_CATEGORY}
    if earlier.id == report.id or turned_away or len(known) > 1 or metres_apart is None:
        return False
    days_apart = abs(report.received_at - earlier.received_at)
    return metres_apart <= intake.duplicate_metres and days_apart <= timedelta(days=intake.duplicate_days)
