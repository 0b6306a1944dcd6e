"""The end of the tour: the trace of each loop as one readable timeline, and where to look further."""

from collections.abc import Mapping

from infra.tour.stage import Stage, civil

_MOST = 60


async def tell_trace(stage: Stage, title: str, correlation_id: str) -> None:
    """Print the timeline of one trace over all four services."""
    trace = await stage.get(stage.people.auditor, f"/v1/traces/{correlation_id}")
    services = {row["service"] for row in trace["items"]}
    stage.console.print(
        f"\n[bold]{title}: one trace over {len(services)} services[/bold]  /v1/traces/{correlation_id}"
    )
    for row in trace["items"][:_MOST]:
        noun, fact = row["event_type"].split(".")[1:3]
        what = f"{noun.replace('_', ' ')} {fact.replace('_', ' ')}"
        line = f"  {civil(row['occurred_at']):<15} {row['service']:<24} {what:<30} {_actor(row['actor_subject'])}"
        stage.console.print(line, markup=False, emoji=False, soft_wrap=True)
    left = len(trace["items"]) - _MOST
    if left > 0:
        stage.console.print(f"  … and {left} more rows", markup=False)
    if trace["missing"]:
        stage.console.print(f"[red]missing: {trace['missing']}[/red]")


def _actor(subject: str) -> str:
    """Who did it; what a listener or a sweep did is the platform's own doing."""
    kind, _, what = subject.removeprefix("system:").partition(":")
    return f"({kind} {what})" if subject.startswith("system:") else subject


NOT_PLAYED = (
    ("A8", "the penalty of the police station as a fact, and the landlord's credit"),
    ("A10", "rates of rectification and of closing on time by area"),
    ("A11", "the reward, paid once against the claim code: it comes with the identity vault"),
    ("B1", "the sirens themselves: the buildings of the linked group are told with the confirmed alarm"),
    ("B9", "education in every place of the tier that a fire concerns"),
    ("B10", "the signature under the trace: it is kept with its digest"),
    ("B13", "one case, one warning: the public page"),
    ("B14", "the order and the campaign that a lesson leads to: the lesson only names them"),
)
"""Steps of the script, or parts of them, that the platform cannot do yet."""


def tell_not_played(stage: Stage) -> None:
    """Print what of the script was not played."""
    stage.console.print("\n[bold]Not played yet[/bold]")
    for step, what in NOT_PLAYED:
        stage.console.print(f"  {step:<5} {what}", markup=False, soft_wrap=True)


def where_to_look(stage: Stage, gateway_url: str, traces: Mapping[str, str]) -> None:
    """Print the addresses of what the tour left behind."""
    stage.console.print("\n[bold]Where to look[/bold] (a token: see the README)")
    for name, trace in traces.items():
        stage.console.print(f"  {name:<16} {gateway_url}/v1/traces/{trace}", soft_wrap=True)
    follow = f'curl -N -H "Accept: text/event-stream" -H "Authorization: Bearer …" {gateway_url}/v1/events'
    stage.console.print(f"  {'As it happens':<16} {follow}", markup=False, soft_wrap=True)
