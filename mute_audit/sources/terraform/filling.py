"""Planned values with their unknown parts told by what the configuration says."""

from __future__ import annotations

from typing import Any

from mute_audit.sources.terraform.syntax import Call, Expr, Literal, Object, Tuple, Unary
from mute_audit.sources.terraform.values import Open, Ref, is_known

__all__ = ["any_true", "completed", "filled", "overlaid"]


def any_true(unknown: Any) -> bool:
    if isinstance(unknown, dict):
        return any(map(any_true, unknown.values()))
    if isinstance(unknown, list):
        return any(map(any_true, unknown))
    return unknown is True


def overlaid(shown: Any, unknown: Any, at: Ref) -> Any:
    """The planned value with a `Ref` at each unknown leaf."""
    if unknown is True:
        return at
    if isinstance(unknown, dict):
        values = shown if isinstance(shown, dict) else {}
        return {
            key: overlaid(
                values.get(key), unknown.get(key, False), Ref(at.address, (*at.path, key))
            )
            for key in dict.fromkeys((*values, *unknown))
        }
    if isinstance(unknown, list):
        items = shown if isinstance(shown, list) else []
        size = max(len(items), len(unknown))
        return [
            overlaid(
                items[n] if n < len(items) else None,
                unknown[n] if n < len(unknown) else False,
                Ref(at.address, (*at.path, n)),
            )
            for n in range(size)
        ]
    return shown


def filled(found: Any, said: Any) -> Any:
    """A planned value whose unknown parts are told by what the configuration says."""
    if isinstance(found, Ref):
        if said in (None, "", []):
            # Nothing is written there after all: the provider fills it in.
            return found
        # The plan knows better than us that it is unknown.
        return Open(why="the plan says that it is unknown") if is_known(said) else said
    if isinstance(found, dict) and isinstance(said, dict):
        return {k: filled(v, said[k]) if k in said else v for k, v in found.items()}
    if isinstance(found, dict) and isinstance(said, list) and len(said) == 1:
        return filled(found, said[0])
    if isinstance(found, list) and isinstance(said, list):
        return _filled_list(found, said)
    if isinstance(found, list) and isinstance(said, (Ref, Open)):
        return [filled(item, said) for item in found]
    if isinstance(found, dict) and isinstance(said, Open):
        return {key: filled(item, said) for key, item in found.items()}
    return found


def _filled_list(found: list[Any], said: list[Any]) -> list[Any]:
    """Elements of sets come in any order: each takes what fits its known parts."""
    left = list(said)
    out: list[Any] = []
    for item in found:
        if is_known(item):
            if item in left:
                left.remove(item)
            out.append(item)
            continue
        fitting = [other for other in left if _fits(item, other)]
        if not fitting:
            out.append(item)
            continue
        left.remove(fitting[0])
        out.append(filled(item, fitting[0]))
    return out


def _fits(planned: Any, said: Any) -> bool:
    if isinstance(planned, Ref):
        # Null is what the provider fills in.
        return not is_known(said) or said in (None, "", [])
    if isinstance(planned, dict) and isinstance(said, dict):
        return all(_fits(v, said[k]) for k, v in planned.items() if k in said)
    if isinstance(planned, list) and isinstance(said, list):
        return len(planned) == len(said) and all(map(_fits, planned, said))
    if not is_known(said):
        return not isinstance(planned, (str, int, float)) or isinstance(said, Open)
    if planned in (None, "", [], False, 0) and said in (None, "", [], False, 0):
        return True
    return str(planned) == str(said)


def completed(value: Any, kind: Expr | None) -> Any:
    """A module's argument with the defaults of its type's `optional(…)` attributes."""
    if not isinstance(kind, Call) or not kind.args:
        return value
    inner = kind.args[0]
    if kind.name in ("list", "set") and isinstance(value, list):
        return [completed(item, inner) for item in value]
    if kind.name == "map" and isinstance(value, dict):
        return {key: completed(item, inner) for key, item in value.items()}
    if kind.name == "object" and isinstance(value, dict) and isinstance(inner, Object):
        found = dict(value)
        for key, form in inner.items:
            if not isinstance(key, Literal):
                continue
            name = str(key.value)
            optional = isinstance(form, Call) and form.name == "optional"
            if optional and found.get(name) is None:
                default = form.args[1] if isinstance(form, Call) and len(form.args) > 1 else None
                found[name] = _constant(default)
            plain = form.args[0] if optional and isinstance(form, Call) and form.args else form
            if name in found:
                found[name] = completed(found[name], plain)
        return found
    return value


def _constant(expr: Expr | None) -> Any:
    if expr is None:
        return None
    if isinstance(expr, Literal):
        return expr.value
    if isinstance(expr, Tuple):
        return [_constant(item) for item in expr.items]
    if isinstance(expr, Object):
        return {str(_constant(key)): _constant(item) for key, item in expr.items}
    if isinstance(expr, Unary) and isinstance(expr.operand, Literal):
        return -expr.operand.value if expr.operator == "-" else not expr.operand.value
    return Open(why="a default")
