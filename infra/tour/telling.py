"""The end of the tour: the trace of each loop as one readable timeline, and where to look further."""

from collections.abc import Mapping

from rich.table import Table

from infra.tour.stage import Stage, civil

_AUDITOR = "auditor"
_MOST = 60


async def tell_trace(stage: Stage, title: str, correlation_id: str) -> None:
    """Print the timeline of one trace over all four services."""
    trace = await stage.get(_AUDITOR, f"/v1/traces/{correlation_id}")
    table = Table(
        title=f"{title}: one trace over {len({row['service'] for row in trace['items']})} services", box=None
    )
    for name in ("when", "service", "what happened", "by"):
        table.add_column(name, no_wrap=name != "what happened")
    for row in trace["items"][:_MOST]:
        noun, fact = row["event_type"].split(".")[1:3]
        table.add_row(civil(row["occurred_at"]), row["service"], f"{noun} {fact}", row["actor_subject"])
    stage.console.print()
    stage.console.print(table)
    if trace["missing"]:
        stage.console.print(f"[red]missing: {trace['missing']}[/red]")


def where_to_look(stage: Stage, gateway_url: str, traces: Mapping[str, str]) -> None:
    """Print the addresses of what the tour left behind."""
    stage.console.print("\n[bold]Where to look[/bold] (a token: see the README)")
    for name, trace in traces.items():
        stage.console.print(f"  {name:<16} {gateway_url}/v1/traces/{trace}")
    for what, path in (("the API", "/docs"), ("its document", "/openapi.json"), ("health", "/health/ready")):
        stage.console.print(f"  {what:<16} {gateway_url}{path}")
