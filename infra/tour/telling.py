"""The end of the tour: the trace of each loop as one readable timeline, and where to look further."""

from collections.abc import Mapping

from infra.tour.stage import Stage, civil

_AUDITOR = "auditor"
_MOST = 60


async def tell_trace(stage: Stage, title: str, correlation_id: str) -> None:
    """Print the timeline of one trace over all four services."""
    trace = await stage.get(_AUDITOR, f"/v1/traces/{correlation_id}")
    services = {row["service"] for row in trace["items"]}
    stage.console.print(
        f"\n[bold]{title}: one trace over {len(services)} services[/bold]  /v1/traces/{correlation_id}"
    )
    for row in trace["items"][:_MOST]:
        noun, fact = row["event_type"].split(".")[1:3]
        what = f"{noun.replace('_', ' ')} {fact.replace('_', ' ')}"
        line = f"  {civil(row['occurred_at']):<15} {row['service']:<24} {what:<30} {_actor(row['actor_subject'])}"
        stage.console.print(line, markup=False, emoji=False, soft_wrap=True)
    if trace["missing"]:
        stage.console.print(f"[red]missing: {trace['missing']}[/red]")


def _actor(subject: str) -> str:
    """Who did it; what a listener or a sweep did is the platform's own doing."""
    kind, _, what = subject.removeprefix("system:").partition(":")
    return f"({kind} {what})" if subject.startswith("system:") else subject


def where_to_look(stage: Stage, gateway_url: str, traces: Mapping[str, str]) -> None:
    """Print the addresses of what the tour left behind."""
    stage.console.print("\n[bold]Where to look[/bold] (a token: see the README)")
    for name, trace in traces.items():
        stage.console.print(f"  {name:<16} {gateway_url}/v1/traces/{trace}", soft_wrap=True)
    for what, path in (("the API", "/docs"), ("its document", "/openapi.json"), ("health", "/health/ready")):
        stage.console.print(f"  {what:<16} {gateway_url}{path}")
