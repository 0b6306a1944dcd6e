"""When an earlier report is worth showing to a person as the same danger."""

from datetime import timedelta

from services.public_reporting.reports.rules import IntakePolicy, Report, ReportState


def looks_like(report: Report, earlier: Report, *, metres_apart: float | None, intake: IntakePolicy) -> bool:
    """Whether `earlier` is worth showing to a person as the same danger: same category, near in place
    and time, and not turned away ([DEF] 50 m and 7 days). Without a distance nothing is suggested."""
    turned_away = earlier.state in {ReportState.REJECTED, ReportState.TRANSFERRED}
    if earlier.id == report.id or turned_away or report.category != earlier.category or metres_apart is None:
        return False
    days_apart = abs(report.received_at - earlier.received_at)
    return metres_apart <= intake.duplicate_metres and days_apart <= timedelta(days=intake.duplicate_days)
