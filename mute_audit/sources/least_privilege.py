"""The permissions that a scan needs, made from the table of calls that it makes."""

from __future__ import annotations

from typing import Any

from mute_audit.sources.live.calls import ROWS, SIGN_IN

__all__ = ["actions", "iam_policy"]


def actions() -> tuple[str, ...]:
    """Every permission in IAM's notation, sorted, each once."""
    return tuple(sorted({*SIGN_IN, *(row.action for row in ROWS)}))


def iam_policy() -> dict[str, Any]:
    """A policy document that allows the calls of a scan and nothing else.

    One statement per service. The resource is `*` because a scan asks about everything, and
    because most describe and list actions know no narrower one.
    """
    services: dict[str, list[str]] = {}
    for action in actions():
        services.setdefault(action.partition(":")[0], []).append(action)
    return {
        "Version": "2012-10-17",
        "Statement": [
            {
                "Sid": f"MuteAudit{service.capitalize()}",
                "Effect": "Allow",
                "Action": granted,
                "Resource": "*",
            }
            for service, granted in services.items()
        ],
    }
