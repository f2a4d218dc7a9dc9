"""What the programs share: requests from stdin, and outcomes to stdout."""

import json
import sys
from collections.abc import Callable, Iterable


def print_outcomes(outcome_of: Callable[[dict], str]) -> None:
    """Reads the requests of ../requests.ts, and prints their outcomes."""
    print(json.dumps([outcome_of(request) for request in json.load(sys.stdin)]))


def found_outcome(app, consistent) -> str:
    event_types = ",".join(name for webhook in app.webhooks for name in webhook.event_types)
    return with_consistent(f"200 {app.id} {app.key} {app.max_connections} {event_types}", consistent)


def with_consistent(outcome: str, consistent) -> str:
    return f"{outcome} consistent" if consistent else outcome


def list_outcome(outcomes: Iterable[str]) -> str:
    return f"200 [{'; '.join(outcomes)}]"
