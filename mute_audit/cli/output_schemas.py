"""JSON Schemas of what the commands print with `--format json` (reports have their own)."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

__all__ = ["ACCESS", "ACCESS_POLICY", "DRIFT", "GRAPH", "POLICIES", "REACH", "SIMULATE", "TRACE"]

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


def _document(
    title: str, name: str, body: Mapping[str, Any], more: Mapping[str, Any] | None = None
) -> Schema:
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "title": title,
        **_record({"schema": {"const": f"mute-audit/{name}/v1"}, **body}, more),
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

_FLOW = {
    "from": _END,
    "to": _END,
    "verdict": {"enum": ["reachable", "unknown"]},
    "traffic": _TEXT,
    "sources": _TEXTS,
    "destinations": _TEXTS,
    "via": _TEXTS,
    "gaps": _list(_GAP),
    "witness": {"oneOf": [_PACKET, {"type": "null"}]},
    "replayed": {"type": "boolean"},
}
_SWITCH = _record(
    {"kind": {"enum": ["stopped", "block-public-access", "blackhole"]}, "ids": _TEXTS}
)
_WAY = {"from": _END, "to": _END, "verdict": _FLOW["verdict"], "steps": _list(_record(_FLOW))}

REACH = _document(
    "mute-audit reach",
    "reach",
    {
        "port": _TEXT,
        "asked": {"enum": ["direct", "transitive", "latent"]},
        "flows": _list({"oneOf": [_record(_FLOW, {"opened_by": _SWITCH}), _record(_WAY)]}),
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
    {
        "against": _TEXT,
        "effects": _list(
            _record(
                {
                    "kind": {"enum": ["opened", "closed"]},
                    "source": _ADDRESS,
                    "target": _ADDRESS,
                    "traffic": _TEXT,
                    "certain": {"type": "boolean"},
                    "via": _TEXTS,
                    "evidence": {"type": "object"},
                }
            )
        ),
        "notes": _TEXTS,
    },
)

_EDGE = {"source": _TEXT, "target": _TEXT, "key": {"type": "integer"}}

GRAPH = _document(
    "mute-audit graph --format json",
    "graph",
    {
        "directed": {"const": True},
        "multigraph": {"const": True},
        "graph": {"type": "object"},
        "nodes": _list(
            _record(
                {
                    "id": _TEXT,
                    "role": {"enum": ["host", "outside", "gateway"]},
                    "type": _TEXT,
                    "name": _TEXT,
                    "account": _TEXT,
                    "region": _TEXT,
                }
            )
        ),
        "edges": _list(
            {
                "oneOf": [
                    _record(
                        {
                            **_EDGE,
                            "relation": {"const": "reaches"},
                            "verdict": {"enum": ["yes", "unknown"]},
                            "traffic": _TEXT,
                            "via": _TEXT,
                            "origin": _TEXT,
                            "sources": _TEXT,
                            "destinations": _TEXT,
                            "witness": _TEXT,
                            "path": _TEXT,
                            "rules": _TEXT,
                        }
                    ),
                    _record({**_EDGE, "relation": {"const": "passes"}}),
                ]
            }
        ),
    },
)

POLICIES = _document(
    "mute-audit policy list",
    "policies",
    {
        "policies": _list(
            _record(
                {
                    "id": _TEXT,
                    "kind": _TEXT,
                    "severity": {"enum": ["info", "low", "medium", "high", "critical"]},
                    "title": _TEXT,
                    # The fields of the policy's own kind, as the schema `policy` has them.
                    "asks": {"type": "object"},
                    "description": _TEXT,
                    "remediation": _TEXT,
                    "references": _TEXTS,
                    "location": _TEXT,
                }
            )
        )
    },
)

_REQUEST = _record(
    {
        # A name that does not show its kind comes with it.
        "principal": {"oneOf": [_TEXT, _record({"type": _TEXT, "id": _TEXT})]},
        "action": _TEXT,
        "resource": _record({"resource": _TEXT, "accountId": _TEXT}),
        "context": {
            "type": "object",
            "additionalProperties": {"oneOf": [_TEXT, _TEXTS]},
        },
    }
)
_WITNESS: Schema = {"oneOf": [_REQUEST, {"type": "null"}]}
_TRUTH: Schema = {"enum": ["yes", "no", "unknown"]}
_PUBLIC: Schema = {"enum": [True, False, "unknown"]}
_RESOURCE = _record({"type": _TEXT, "id": _TEXT, "name": _TEXT})
_ACCESS_ITEM = _record(
    {
        "principal": _record({"kind": _TEXT, "id": _TEXT, "name": _TEXT}),
        "resource": _RESOURCE,
        "verdict": _TRUTH,
        "actions": _TEXTS,
        "witness": _WITNESS,
        "path": _TEXTS,
        "blocked": _list(_record({"grant": _TEXT, "by": _TEXT, "why": _TEXT})),
        "reasons": _TEXTS,
        "gaps": _list(_GAP),
    }
)

ACCESS = _document(
    "mute-audit access",
    "access",
    {
        "resource": {"oneOf": [_RESOURCE, {"type": "null"}]},
        "action": _TEXT,
        "principal": _TEXT,
        "answers": {
            "oneOf": [
                _record(
                    {
                        "anonymous": _TRUTH,
                        "any_account": _TRUTH,
                        "s3_public": _PUBLIC,
                        "outside_accounts": _TEXTS,
                    }
                ),
                {"type": "null"},
            ]
        },
        "grants": _list(_ACCESS_ITEM),
        "refused": _list(_ACCESS_ITEM),
        "latent": _list(
            _record(
                {
                    "setting": _TEXT,
                    "action": _TEXT,
                    "verdict": _TRUTH,
                    "witness": _WITNESS,
                    "reasons": _TEXTS,
                }
            )
        ),
        "notes": _TEXTS,
    },
)

# These two are formats that others have, too: no `schema` key.
ACCESS_POLICY: Schema = {
    "$schema": "https://json-schema.org/draft/2020-12/schema",
    "title": "mute-audit access --policy",
    **_record(
        {
            "anonymous": _TRUTH,
            "any_account": _TRUTH,
            "s3_public": _PUBLIC,
            "outside_accounts": _TEXTS,
            "witness": _WITNESS,
            "reasons": _TEXTS,
        },
        {
            "organizations": _TEXTS,
            "canonical_users": _TEXTS,
            "undecided": _TEXTS,
            "error": _TEXT,
        },
    ),
}

SIMULATE: Schema = {
    "$schema": "https://json-schema.org/draft/2020-12/schema",
    "title": "mute-audit simulate",
    **_record(
        {
            "result": {"enum": ["Allowed", "ImplicitlyDenied", "ExplicitlyDenied", "Unknown"]},
            "decidedBy": _TEXT,
            "reason": _TEXT,
        },
        {"ignored": _TEXTS, "error": _TEXT},
    ),
}
