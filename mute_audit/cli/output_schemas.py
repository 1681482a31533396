"""JSON Schemas of what the commands print with `--format json` (reports have their own)."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

__all__ = ["DRIFT", "GRAPH", "REACH", "TRACE"]

Schema = Mapping[str, Any]

_TEXT: Schema = {"type": "string"}
_TEXTS: Schema = {"type": "array", "items": _TEXT}
_COMPONENTS = (
    "security-group",
    "network-acl",
    "route-table",
    "internet-gateway",
    "nat-gateway",
    "transit-gateway",
    "peering",
    "vpc-endpoint",
    "load-balancer",
    "block-public-access",
    "no-such-destination",
    "host",
)


def _record(required: Mapping[str, Any], optional: Mapping[str, Any] | None = None) -> Schema:
    return {
        "type": "object",
        "properties": {**required, **(optional or {})},
        "required": list(required),
        "additionalProperties": False,
    }


def _list(item: Schema) -> Schema:
    return {"type": "array", "items": item}


def _document(title: str, name: str, body: Mapping[str, Any]) -> Schema:
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "title": title,
        **_record({"schema": {"const": f"mute-audit/{name}/v1"}, **body}),
    }


_GAP = _record({"what": _TEXT, "where": _TEXT, "why": _TEXT})
_HOP = _record({"kind": _TEXT, "id": _TEXT}, {"name": _TEXT, "decided_by": _TEXTS})
_PORT: Schema = {"type": ["integer", "null"], "minimum": 0, "maximum": 65535}
_BYTE: Schema = {"type": ["integer", "null"], "minimum": 0, "maximum": 255}
_PACKET = _record(
    {"protocol": _TEXT, "source": _TEXT, "destination": _TEXT},
    {"source_port": _PORT, "destination_port": _PORT, "icmp_type": _BYTE, "icmp_code": _BYTE},
)
_BLOCKER = _record(
    {"component": {"enum": list(_COMPONENTS)}, "id": _TEXT, "code": _TEXT, "detail": _TEXT}
)

TRACE = _document(
    "mute-audit trace",
    "trace",
    {
        "verdict": {"enum": ["reachable", "unreachable", "unknown"]},
        "path": _list(_HOP),
        "return_path": _list(_HOP),
        "blocked_by": _list(_BLOCKER),
        "witness": {"oneOf": [_PACKET, {"type": "null"}]},
        "notes": _TEXTS,
        "gaps": _list(_GAP),
    },
)

_END = _record({"type": _TEXT, "id": _TEXT}, {"name": _TEXT})

REACH = _document(
    "mute-audit reach",
    "reach",
    {
        "port": _TEXT,
        "flows": _list(
            _record(
                {
                    "from": _END,
                    "to": _END,
                    "verdict": {"enum": ["reachable", "unknown"]},
                    "traffic": _TEXT,
                    "sources": _TEXTS,
                    "destinations": _TEXTS,
                    "via": _TEXTS,
                    "gaps": _list(_GAP),
                }
            )
        ),
    },
)

_ADDRESS = _record({"type": _TEXT, "id": _TEXT}, {"name": _TEXT, "account": _TEXT, "region": _TEXT})

DRIFT = _document(
    "mute-audit drift",
    "drift",
    {
        "items": _list(
            _record(
                {
                    "kind": {"enum": ["missing", "unexpected", "changed", "unknown"]},
                    "resource": _ADDRESS,
                },
                {
                    "fields": _list(_record({"path": _TEXT}, {"expected": {}, "actual": {}})),
                    "gaps": _list(
                        _record({"what": _TEXT}, {"where": _TEXT, "why": _TEXT, "key": _TEXT})
                    ),
                    "location": _record(
                        {"file": _TEXT},
                        {"line": {"type": "integer"}, "column": {"type": "integer"}},
                    ),
                },
            )
        ),
        "outside": _list(_record({"type": _TEXT, "count": {"type": "integer", "minimum": 0}})),
    },
)

GRAPH = _document(
    "mute-audit graph --format json",
    "graph",
    {
        "directed": {"const": True},
        "multigraph": {"const": True},
        "graph": {"type": "object"},
        "nodes": _list(
            _record({"id": _TEXT, "type": _TEXT, "name": _TEXT, "account": _TEXT, "region": _TEXT})
        ),
        "edges": _list(
            _record(
                {
                    "source": _TEXT,
                    "target": _TEXT,
                    "key": {"type": "integer"},
                    "verdict": {"enum": ["yes", "unknown"]},
                    "traffic": _TEXT,
                    "via": _TEXT,
                    "sources": _TEXT,
                }
            )
        ),
    },
)
