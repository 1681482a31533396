"""What holds a grant back: for a refusal, each Allow with the statement or layer in its way."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace

from mute_audit.identity.automata import Language
from mute_audit.identity.callers import Caller
from mute_audit.identity.classes import Layer, Question
from mute_audit.identity.evaluate import evaluate
from mute_audit.identity.keys import names_in
from mute_audit.identity.questions import Blocked, Way
from mute_audit.identity.statements import Effect, Policy, Statement
from mute_audit.verdict import Truth

__all__ = ["blocked_grants"]


def blocked_grants(
    ways: Sequence[Way],
    callers: tuple[Caller, ...],
    action: str,
    languages: Sequence[Language],
    owner: str,
    fixed: Mapping[str, str | None],
) -> tuple[Blocked, ...]:
    """Each Allow statement that would let the callers through if it stood alone."""
    found: dict[Blocked, None] = {}
    for way in ways:
        policies = tuple(p for layer in (*way.layers, *way.denies) for p in layer.policies)
        names = names_in(policies, owner)

        def possible(
            layers: tuple[Layer, ...], denies: tuple[Layer, ...] = (), names: object = names
        ) -> bool:
            return any(
                evaluate(
                    Question(
                        layers,
                        callers,
                        action,
                        one,
                        owner,
                        denies,
                        fixed,
                        names,  # type: ignore[arg-type]
                    )
                ).truth
                is not Truth.NO
                for one in languages
            )

        grants = _pieces(way.layers, Effect.ALLOW)
        denies = _pieces((*way.layers, *way.denies), Effect.DENY)
        for index, label, grant in grants:
            if not possible((grant,)):
                continue
            others = [layer for i, layer in enumerate(way.layers) if i != index]
            blocking = [
                Blocked(label, layer.name, "it does not allow this")
                for layer in others
                if not possible((grant, _only_allows(layer)))
            ]
            blocking += [
                Blocked(label, deny_label, "it denies this")
                for _, deny_label, deny in denies
                if not possible((grant,), (deny,))
            ]
            if not blocking:
                blocking = [Blocked(label, "several statements together", "none blocks it alone")]
            found.update(dict.fromkeys(blocking))
    return tuple(found)


def _pieces(layers: Sequence[Layer], effect: Effect) -> list[tuple[int, str, Layer]]:
    """Every statement of one effect as a layer of its own."""
    found = []
    for index, layer in enumerate(layers):
        for policy, label in layer.labelled:
            if layer.limits and effect is Effect.ALLOW:
                continue
            for statement in policy.statements:
                if statement.effect is effect:
                    piece = Layer(layer.name, (_alone(policy, statement),), (label,))
                    found.append((index, f"{label} {statement.label}", piece))
    return found


def _alone(policy: Policy, statement: Statement) -> Policy:
    return replace(policy, statements=(statement,))


def _only_allows(layer: Layer) -> Layer:
    policies = tuple(
        replace(p, statements=tuple(s for s in p.statements if s.effect is Effect.ALLOW))
        for p in layer.policies
    )
    return replace(layer, policies=policies)
