"""The shape of what terraform prints, as far as it is read: a check before reading."""

from __future__ import annotations

from typing import Any

import msgspec

from mute_audit.errors import SnapshotError

__all__ = ["check_plan", "check_shown_state", "check_state_file"]

_Map = dict[str, Any]


class _Change(msgspec.Struct):
    actions: list[str] | None = None
    before: _Map | None = None
    after: _Map | None = None
    after_unknown: _Map | bool | None = None


class _ResourceChange(msgspec.Struct):
    address: str
    mode: str = "managed"
    type: str = ""
    change: _Change | None = None


class _Resource(msgspec.Struct):
    address: str
    mode: str = "managed"
    type: str = ""
    provider_name: str = ""
    values: _Map | None = None


class _Values(msgspec.Struct):
    resources: list[_Resource] | None = None
    child_modules: list[_Values] | None = None


class _Root(msgspec.Struct):
    root_module: _Values | None = None


class _Prior(msgspec.Struct):
    values: _Root | None = None


class _Declared(msgspec.Struct):
    mode: str = "managed"
    type: str = ""
    name: str = ""
    provider_config_key: str | None = None
    expressions: _Map | None = None
    for_each_expression: _Map | None = None
    count_expression: _Map | None = None


class _Output(msgspec.Struct):
    expression: _Map | None = None


class _Call(msgspec.Struct):
    source: str | None = None
    expressions: _Map | None = None
    for_each_expression: _Map | None = None
    count_expression: _Map | None = None
    module: _Module | None = None


class _Module(msgspec.Struct):
    resources: list[_Declared] | None = None
    module_calls: dict[str, _Call] | None = None
    outputs: dict[str, _Output] | None = None
    variables: dict[str, _Map] | None = None


class _Provider(msgspec.Struct):
    expressions: _Map | None = None


class _Configuration(msgspec.Struct):
    root_module: _Module | None = None
    provider_config: dict[str, _Provider] | None = None


class _Plan(msgspec.Struct):
    planned_values: _Root
    configuration: _Configuration
    resource_changes: list[_ResourceChange] | None = None
    prior_state: _Prior | None = None
    variables: dict[str, _Map] | None = None


class _Instance(msgspec.Struct):
    index_key: str | int | None = None
    attributes: _Map | None = None


class _StateResource(msgspec.Struct):
    mode: str
    type: str
    name: str
    provider: str = ""
    module: str | None = None
    instances: list[_Instance] | None = None


class _State(msgspec.Struct):
    resources: list[_StateResource] | None = None


def check_plan(document: _Map, origin: str) -> None:
    """Raises SnapshotError where a plan is not shaped like one."""
    _check(document, _Plan, origin)


def check_shown_state(document: _Map, origin: str) -> None:
    _check(document, _Prior, origin)


def check_state_file(document: _Map, origin: str) -> None:
    _check(document, _State, origin)


def _check(document: _Map, kind: Any, origin: str) -> None:
    try:
        msgspec.convert(document, type=kind)
    except msgspec.ValidationError as error:
        message, _, path = str(error).partition(" - at `")
        raise SnapshotError(
            f"this is not what terraform prints: {message[:1].lower()}{message[1:]}",
            where=f"{origin}, {path.rstrip('`') or '$'}",
            hint="`terraform show -json plan.bin > plan.json` prints a plan in the form that is "
            "read, `terraform show -json > state.json` a state",
        ) from error
