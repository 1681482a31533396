"""Reading policy documents: JSON to typed statements, each mistake with its place.

The grammar: IAM user guide, *Grammar of the IAM JSON policy language* and the pages on the
single elements. What it forbids outright is a `PolicyError` that names the place inside the
document (`Statement[2].Condition.StringEquals`).
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from typing import Any

from mute_audit.errors import PolicyError
from mute_audit.identity.statements import (
    VARIABLES_VERSION,
    Condition,
    Effect,
    Operator,
    Policy,
    Principal,
    PrincipalKind,
    SetOperator,
    Statement,
)
from mute_audit.identity.template import Pattern, pattern_of

__all__ = ["MAX_BYTES", "decode", "parse_policy"]

# The largest document that AWS takes is a KMS key policy of 32 KB; four times that is room
# enough for white space, and bounds what a hostile file can cost.
MAX_BYTES = 131_072
MAX_STATEMENTS = 2_000
_VERSIONS = frozenset({"2008-10-17", VARIABLES_VERSION})
_OPERATORS = {operator.value.lower(): operator for operator in Operator}
_SET_OPERATORS = {operator.value.lower(): operator for operator in SetOperator}
_KINDS = {kind.value: kind for kind in PrincipalKind if kind is not PrincipalKind.UNMODELLED}


def parse_policy(document: str | Mapping[str, Any], where: str = "") -> Policy:
    """The statements of a policy document, given as JSON text or as the decoded object.

    `where` names the policy in messages (a file, a bucket).

    Raises PolicyError where the document is no JSON, or no policy, or larger than `MAX_BYTES`.
    """
    if isinstance(document, str):
        document = decode(document, where)
    elif not isinstance(document, Mapping):
        raise _error(where, "", f"a policy must be an object, not {_kind(document)}")
    return _Reader(where).policy(document)


def _error(where: str, path: str, message: str, hint: str | None = None) -> PolicyError:
    place = ": ".join(part for part in (where, path) if part)
    return PolicyError(message, where=place or None, hint=hint)


def _kind(value: object) -> str:
    names = {str: "text", bool: "a boolean", int: "a number", float: "a number", list: "a list"}
    if value is None:
        return "null"
    return names.get(type(value), "an object" if isinstance(value, Mapping) else "something else")


def _quoted(text: str) -> str:
    return f"`{text[:60]}…`" if len(text) > 61 else f"`{text}`"


def decode(
    text: str, where: str, limit: int = MAX_BYTES, what: str = "a policy"
) -> Mapping[str, Any]:
    """The object that a JSON text holds; no name may stand twice in one object.

    `what` is what a message calls the object. Raises PolicyError where the text is no JSON, no
    object, or larger than `limit` bytes.
    """
    if len(text) > limit or len(text.encode("utf-8", "replace")) > limit:
        raise _error(where, "", f"the document is larger than {limit} bytes")

    def unique(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
        found: dict[str, Any] = {}
        for key, value in pairs:
            if key in found:
                # The last one would win silently, and AWS refuses such a document.
                raise _error(where, "", f"{_quoted(key)} stands twice in one object")
            found[key] = value
        return found

    def refused(constant: str) -> None:
        raise _error(where, "", f"the document is no JSON: {constant} is no number")

    try:
        value = json.loads(text, object_pairs_hook=unique, parse_constant=refused)
    except json.JSONDecodeError as error:
        place = f"line {error.lineno}, column {error.colno}"
        raise _error(where, place, f"the document is no JSON: {error.msg.lower()}") from error
    except RecursionError as error:
        raise _error(where, "", "the document is nested too deeply") from error
    except ValueError as error:  # a number of thousands of digits
        raise _error(where, "", "the document holds a number that is too long") from error
    if _half_a_character(text, value):
        raise _error(where, "", "the document holds half a character (a lone surrogate)")
    if not isinstance(value, Mapping):
        raise _error(where, "", f"{what} must be an object, not {_kind(value)}")
    return value


def _half_a_character(text: str, value: object) -> bool:
    """Whether an escape (`\\ud800`) stands for no character: no text of UTF-8 can hold it."""
    if "\\ud" not in text and "\\uD" not in text:
        return False
    try:
        json.dumps(value, ensure_ascii=False).encode()
    except UnicodeEncodeError:
        return True
    return False


class _Reader:
    """Reads one document; carries its name and version into the messages and patterns."""

    def __init__(self, where: str) -> None:
        self.where = where
        self.variables = False

    def fail(self, path: str, message: str, hint: str | None = None) -> PolicyError:
        return _error(self.where, path, message, hint)

    def policy(self, document: Mapping[str, Any]) -> Policy:
        for key in document:
            if not isinstance(key, str):
                raise self.fail("", "the names of elements must be text")
        version = self.text(document, "Version", "")
        if version and version not in _VERSIONS:
            raise self.fail(
                "Version",
                f"{_quoted(version)} is no version of the policy language",
                "2012-10-17 is the current one",
            )
        self.variables = version == VARIABLES_VERSION
        raw = document.get("Statement")
        if raw is None:
            raise self.fail("", "the policy has no `Statement`")
        if isinstance(raw, Mapping):
            statements: tuple[Statement, ...] = (self.statement(raw, 0, "Statement"),)
        elif isinstance(raw, list):
            if len(raw) > MAX_STATEMENTS:
                raise self.fail("Statement", f"more than {MAX_STATEMENTS} statements")
            statements = tuple(
                self.statement(item, index, f"Statement[{index}]") for index, item in enumerate(raw)
            )
        else:
            raise self.fail("Statement", f"must be an object or a list, not {_kind(raw)}")
        return Policy(
            statements=statements,
            version=version,
            id=self.text(document, "Id", ""),
            unmodelled=tuple(k for k in document if k not in ("Version", "Id", "Statement")),
        )

    def statement(self, raw: object, index: int, path: str) -> Statement:
        if not isinstance(raw, Mapping):
            raise self.fail(path, f"a statement must be an object, not {_kind(raw)}")
        effect = raw.get("Effect")
        if effect not in ("Allow", "Deny"):
            shown = "missing" if effect is None else _quoted(str(effect))
            raise self.fail(f"{path}.Effect", f"must be `Allow` or `Deny`, is {shown}")
        for one, other in (
            ("Action", "NotAction"),
            ("Resource", "NotResource"),
            ("Principal", "NotPrincipal"),
        ):
            if one in raw and other in raw:
                raise self.fail(path, f"has both `{one}` and `{other}`")
        if "Action" not in raw and "NotAction" not in raw:
            raise self.fail(path, "has neither `Action` nor `NotAction`")
        unmodelled = [str(key) for key in raw if key not in _ELEMENTS]
        principals = self.principals(raw, "Principal", path, unmodelled)
        not_principals = self.principals(raw, "NotPrincipal", path, unmodelled)
        return Statement(
            index=index,
            effect=Effect(effect),
            sid=self.text(raw, "Sid", path),
            principals=principals,
            not_principals=not_principals,
            actions=self.texts(raw, "Action", path),
            not_actions=self.texts(raw, "NotAction", path),
            resources=self.patterns(raw, "Resource", path),
            not_resources=self.patterns(raw, "NotResource", path),
            conditions=tuple(self.conditions(raw, path)),
            unmodelled=tuple(unmodelled),
        )

    def text(self, raw: Mapping[str, Any], key: str, path: str) -> str:
        value = raw.get(key)
        if value is None:
            return ""
        if not isinstance(value, str):
            place = f"{path}.{key}" if path else key
            raise self.fail(place, f"must be text, not {_kind(value)}")
        return value

    def texts(self, raw: Mapping[str, Any], key: str, path: str) -> tuple[str, ...] | None:
        """A text or a list of texts; None where the element is absent."""
        if key not in raw:
            return None
        value = raw[key]
        place = f"{path}.{key}"
        if isinstance(value, str):
            return (value,)
        if not isinstance(value, list):
            raise self.fail(place, f"must be text or a list of texts, not {_kind(value)}")
        for position, item in enumerate(value):
            if not isinstance(item, str):
                raise self.fail(f"{place}[{position}]", f"must be text, not {_kind(item)}")
        if not value:
            raise self.fail(place, "must not be empty")
        return tuple(value)

    def patterns(self, raw: Mapping[str, Any], key: str, path: str) -> tuple[Pattern, ...] | None:
        texts = self.texts(raw, key, path)
        if texts is None:
            return None
        return tuple(pattern_of(text, self.variables) for text in texts)

    def principals(
        self, raw: Mapping[str, Any], key: str, path: str, unmodelled: list[str]
    ) -> tuple[Principal, ...] | None:
        if key not in raw:
            return None
        value = raw[key]
        place = f"{path}.{key}"
        if isinstance(value, str):
            # Only `*` is legal here, but the meaning of a bare ARN is plain.
            return (_principal("AWS", value),)
        if not isinstance(value, Mapping):
            raise self.fail(place, f"must be `*` or an object, not {_kind(value)}")
        found: list[Principal] = []
        for kind in value:
            texts = self.texts(value, kind, place) or ()
            if kind not in _KINDS:
                unmodelled.append(f"{key}.{kind}")
            found.extend(_principal(str(kind), text) for text in texts)
        if not found:
            raise self.fail(place, "must not be empty")
        return tuple(found)

    def conditions(self, raw: Mapping[str, Any], path: str) -> Iterator[Condition]:
        block = raw.get("Condition")
        if block is None:
            return
        if not isinstance(block, Mapping):
            raise self.fail(f"{path}.Condition", f"must be an object, not {_kind(block)}")
        for written, keys in block.items():
            place = f"{path}.Condition.{written}"
            if not isinstance(keys, Mapping):
                raise self.fail(place, f"must be an object of keys, not {_kind(keys)}")
            for key, values in keys.items():
                yield self.condition(str(written), str(key), values, f"{place}.{key}")

    def condition(self, written: str, key: str, raw: object, place: str) -> Condition:
        items = raw if isinstance(raw, list) else [raw]
        texts: list[str] = []
        for position, item in enumerate(items):
            at = f"{place}[{position}]" if isinstance(raw, list) else place
            if isinstance(item, bool):
                texts.append("true" if item else "false")
            elif isinstance(item, (int, float)):
                texts.append(repr(item) if isinstance(item, float) else str(item))
            elif isinstance(item, str):
                texts.append(item)
            else:
                raise self.fail(at, f"must be text, a number or a boolean, not {_kind(item)}")
        name = written
        set_operator = None
        prefix, colon, rest = name.partition(":")
        if colon and prefix.lower() in _SET_OPERATORS:
            set_operator, name = _SET_OPERATORS[prefix.lower()], rest
        if_exists = name.lower().endswith("ifexists")
        if if_exists:
            name = name[: -len("IfExists")]
        operator = _OPERATORS.get(name.lower())
        if operator is Operator.NULL and (if_exists or set_operator is not None):
            operator = None  # Null asks for presence itself: neither combination has a meaning
        return Condition(
            written=written,
            operator=operator,
            key=key,
            values=tuple(pattern_of(text, self.variables) for text in texts),
            set_operator=set_operator,
            if_exists=if_exists,
        )


_ELEMENTS = frozenset(
    {
        "Sid",
        "Effect",
        "Principal",
        "NotPrincipal",
        "Action",
        "NotAction",
        "Resource",
        "NotResource",
        "Condition",
    }
)


def _principal(kind: str, value: str) -> Principal:
    if value == "*" and kind in ("AWS", "*"):
        return Principal(PrincipalKind.ANY, value)
    if kind == "*":
        return Principal(PrincipalKind.UNMODELLED, value, kind)
    return Principal(_KINDS.get(kind, PrincipalKind.UNMODELLED), value, kind)
