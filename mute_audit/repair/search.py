"""The smallest repair of a policy: tried on copies of the estate, and judged by all policies.

A change counts where the policy itself no longer finds what it found, no other policy that held
fails, and nobody else who stands where it bears on a whole subnet loses a connection. Of several
the one is taken that closes most findings of the scan, then the one that cuts fewest other
connections, then the one that a person would make first.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from functools import cached_property

import msgspec

from mute_audit.address import Address
from mute_audit.analysis import Analysis
from mute_audit.errors import DisagreementError
from mute_audit.finding import Finding, PolicyResult, Repair
from mute_audit.network import intervals
from mute_audit.network.places import INTERNET, Place, PlaceKind
from mute_audit.network.traffic import Traffic
from mute_audit.policy.context import Context
from mute_audit.policy.evaluate import evaluate
from mute_audit.policy.loader import LoadedPolicy, PolicySet
from mute_audit.policy.model import BasePolicy, ReachExposure, ReachOnly
from mute_audit.repair.bystanders import bystanders, loses, strands_nat
from mute_audit.repair.candidates import Candidates
from mute_audit.repair.change import Candidate, together
from mute_audit.verdict import Truth, Verdict

__all__ = ["WORK", "with_repairs"]

# How many interfaces all trials together may look at: a large estate is not tried out for minutes.
# A trial counts as `_LEAST` of them at least.
WORK = 40_000
_LEAST = 200
# Repairs of one policy, and changes of one repair.
_MOST_REPAIRS = 20
_MOST_STEPS = 4
# Places at the other end of what a change may cut.
_MOST_ASKED = 60
_NETWORK, _ACCESS = "reach.", ("s3.", "iam.", "ecr.")
_NOTHING = Traffic()
# What connections are made of; a NAT gateway carries no other protocols, and nobody misses them.
_COUNTED = Traffic.parse("tcp,udp")
# Lower is better: whom it hurts, the order of magnitude of what it cuts, how much it closes, what
# it cuts, how many changes, which came first.
_Rank = tuple[bool, int, int, int, int, int]


def with_repairs(
    results: Sequence[PolicyResult],
    policies: PolicySet,
    context: Context,
    work: int = WORK,
) -> tuple[PolicyResult, ...]:
    """The results with a repair for each failed policy for which one was found."""
    search = _Search(results, policies, context, work)
    return tuple(
        msgspec.structs.replace(result, repairs=search.repairs(result))
        if result.verdict is Verdict.FAIL
        else result
        for result in results
    )


class _Search:
    def __init__(
        self,
        results: Sequence[PolicyResult],
        policies: PolicySet,
        context: Context,
        work: int,
    ) -> None:
        self._policies = {loaded.id: loaded for loaded in policies}
        self._context = context
        self._failed = {r.id: _failed(r) for r in results}
        self._verdicts = {r.id: r.verdict for r in results}
        self._unwanted = {result.id: _unwanted(result) for result in results}
        self._talks: dict[tuple[Place, ...], dict[tuple[Place, Place], Traffic]] = {}
        self._inventory = context.analysis.inventory
        self._cost = max(_LEAST, len(self._inventory.network_interfaces))
        self._left = work
        self._trials: dict[object, PolicyResult | None] = {}
        self._then: dict[object, Analysis] = {}

    @cached_property
    def _candidates(self) -> Candidates:
        return Candidates(self._inventory)

    def repairs(self, result: PolicyResult) -> tuple[Repair, ...]:
        """Repairs, one after the other, until nothing is left that one closes."""
        loaded = self._policies.get(result.id)
        if loaded is None or not _judged(result.kind):
            return ()
        open_ = [f for f in result.findings if f.verdict is Verdict.FAIL and not f.waived_by]
        found: list[Repair] = []
        while open_ and len(found) < _MOST_REPAIRS:
            wanted = frozenset(finding.identity for finding in open_)
            best = self._best(loaded, open_[0], wanted)
            closed = best[1] if best is not None else frozenset({open_[0].identity})
            if best is not None:
                found.append(Repair(best[0].changes, tuple(sorted(closed))))
            open_ = [finding for finding in open_ if finding.identity not in closed]
        return tuple(found)

    def _best(
        self, loaded: LoadedPolicy, finding: Finding, wanted: frozenset[str]
    ) -> tuple[Candidate, frozenset[str]] | None:
        """The best candidate for a finding, and which of the `wanted` ones it closes as well."""
        best: tuple[_Rank, Candidate, frozenset[str]] | None = None
        for number, candidate in enumerate(self._by_cost(loaded, finding)):
            if best is not None and not best[0][0] and candidate.cost > best[1].cost:
                break
            if self._left < self._cost:
                # What is left untried may be better.
                return None
            whole = self._enough(loaded, finding, candidate)
            closed = wanted - self._open_after(loaded, whole) if whole else frozenset()
            if whole is None or finding.identity not in closed:
                continue
            others = self._others(loaded, whole)
            if others is None or self._harms_bystanders(finding, whole):
                continue
            hurts, cuts = self._cuts(loaded, finding, whole)
            gone = len(closed) + others
            rank = (hurts, cuts.bit_length() // 8, -gone, cuts, len(whole.changes), number)
            if best is None or rank < best[0]:
                best = rank, whole, closed
        return best[1:] if best is not None else None

    def _by_cost(self, loaded: LoadedPolicy, finding: Finding) -> list[Candidate]:
        """The candidates for a finding, each once; cheap ones first, then as they come."""
        found = {each.key: each for each in self._candidates.of(loaded.policy, finding)}
        return sorted(found.values(), key=lambda candidate: candidate.cost)

    def _enough(
        self, loaded: LoadedPolicy, finding: Finding, candidate: Candidate
    ) -> Candidate | None:
        """The candidate, with more of its kind where other rules let the same through."""
        for _ in range(_MOST_STEPS):
            result = self._after(loaded, candidate)
            if result is None:
                return None
            left = _same(result, finding)
            if left is None:
                return candidate
            if left.evidence.rules == finding.evidence.rules:
                return None
            after = Candidates(candidate.apply(self._inventory))
            code, finding = candidate.changes[0].code, left
            more = (c for c in after.of(loaded.policy, left) if c.changes[0].code == code)
            another = next(more, None)
            if another is None:
                return None
            candidate = together(candidate, another)
        return None

    # --- trials -------------------------------------------------------------------------------

    def _after(self, loaded: LoadedPolicy, candidate: Candidate) -> PolicyResult | None:
        """What a policy says once a candidate is made; None where there was work enough."""
        key = (candidate.key, loaded.id)
        if key not in self._trials:
            if self._left < self._cost:
                return None
            self._left -= self._cost
            context = replace(self._context, analysis=self._analysis(candidate))
            try:
                (self._trials[key],) = evaluate(PolicySet((loaded,)), context)
            except DisagreementError:
                # Of an estate that nobody has: no reason to withhold what is known of the real one.
                self._trials[key] = None
        return self._trials[key]

    def _analysis(self, candidate: Candidate) -> Analysis:
        """The estate as it would be; only the last one is kept."""
        found = self._then.get(candidate.key)
        if found is None:
            found = Analysis(candidate.apply(self._inventory), self._context.analysis.now)
            self._then = {candidate.key: found}
        return found

    def _open_after(self, loaded: LoadedPolicy, candidate: Candidate) -> frozenset[str]:
        result = self._after(loaded, candidate)
        return _open(result) if result is not None else self._failed[loaded.id]

    def _others(self, loaded: LoadedPolicy, candidate: Candidate) -> int | None:
        """How many findings of other policies are gone; None where something new is wrong."""
        kind = _ACCESS if candidate.changes[0].resource.type.startswith(_ACCESS) else _NETWORK
        gone = 0
        for other in self._policies.values():
            if not other.kind.startswith(kind):
                continue
            result = self._after(other, candidate)
            if result is None or _failed(result) - self._failed[other.id]:
                return None
            worse = result.verdict in (Verdict.UNKNOWN, Verdict.ERROR)
            if worse and self._verdicts[other.id] is Verdict.PASS:
                return None
            if other is not loaded:
                gone += len(self._failed[other.id] - _open(result))
        return gone

    def _cuts(
        self, loaded: LoadedPolicy, finding: Finding, candidate: Candidate
    ) -> tuple[bool, int]:
        """How much else the finding's resource could send and be sent, and then no more.

        Counted in ports and places at the other end: less for one port than for a way out. And
        whether the policy's own sources are among those that lose something.
        """
        if not finding.code.startswith(_NETWORK):
            return False, 0
        mine = self._place(finding.resource)
        before = self._talk(self._context.analysis, mine)
        after = self._talk(self._analysis(candidate), mine)
        unwanted = self._unwanted[finding.policy]
        hurts, lost = False, 0
        for (source, target), traffic in before.items():
            left = traffic - after.get((source, target), _NOTHING)
            left = (left - unwanted.get((source.label, target.label), _NOTHING)) & _COUNTED
            lost += sum(high - low + 1 for low, high in intervals.pairs(left.bits))
            hurts |= bool(left & _welcome(loaded.policy, source, target))
        return hurts, lost

    def _harms_bystanders(self, finding: Finding, candidate: Candidate) -> bool:
        """Whether others in the subnets that it bears on would lose what nobody complains of."""
        directory = self._context.analysis.directory
        others = bystanders(self._inventory, directory, candidate, finding.resource)
        if strands_nat(self._inventory, candidate):
            return True
        if not others:
            return False
        self._left -= self._cost
        before = self._talk(self._context.analysis, others)
        return loses(before, self._talk(self._analysis(candidate), others), self._wrong, _COUNTED)

    def _wrong(self, source: Place, target: Place) -> Traffic:
        """What any policy complains of."""
        pair = source.label, target.label
        found = _NOTHING
        for unwanted in self._unwanted.values():
            found = found | unwanted.get(pair, _NOTHING)
        return found

    def _place(self, resource: Address) -> tuple[Place, ...]:
        site = self._context.analysis.directory.by_id(resource.type, resource.id)
        return (site.place,) if site is not None else ()

    def _talk(
        self, analysis: Analysis, mine: tuple[Place, ...]
    ) -> dict[tuple[Place, Place], Traffic]:
        """What places send and are sent for certain, by pair of places."""
        if analysis is self._context.analysis and mine in self._talks:
            return self._talks[mine]
        found: dict[tuple[Place, Place], Traffic] = {}
        if mine:
            reach = analysis.reach
            every = _some(reach.everything())
            for origins, goals in ((every, mine), (mine, every)):
                for flow in reach.each_flow(origins, goals, Traffic.everything()):
                    if flow.truth is not Truth.YES:
                        continue
                    pair = flow.source, flow.target
                    found[pair] = found.get(pair, _NOTHING) | flow.traffic
        if analysis is self._context.analysis:
            self._talks[mine] = found
        return found


def _welcome(policy: BasePolicy, source: Place, target: Place) -> Traffic:
    """What a policy lets in by name."""
    if isinstance(policy, ReachOnly) and _is_named(source, policy.from_):
        return Traffic.parse(",".join(policy.ports))
    if isinstance(policy, ReachExposure) and source.kind is PlaceKind.INTERNET:
        ports = [port for e in policy.allow if _is_named(target, e.to) for port in e.ports]
        return Traffic.parse(",".join(ports)) if ports else _NOTHING
    return _NOTHING


def _is_named(place: Place, names: Sequence[str]) -> bool:
    return place.label in names or place.address.id in names


def _some(places: Sequence[Place]) -> list[Place]:
    """The internet, and not too many others from all over the estate."""
    step = 1 + len(places) // _MOST_ASKED
    return list(dict.fromkeys((INTERNET, *places[::step])))


def _judged(kind: str) -> bool:
    return kind.startswith((_NETWORK, *_ACCESS))


def _failed(result: PolicyResult) -> frozenset[str]:
    return frozenset(f.identity for f in result.findings if f.verdict is Verdict.FAIL)


def _open(result: PolicyResult) -> frozenset[str]:
    """Failed, or no longer to be told: neither is closed."""
    wrong = (Verdict.FAIL, Verdict.UNKNOWN)
    return frozenset(f.identity for f in result.findings if f.verdict in wrong)


def _same(result: PolicyResult | None, finding: Finding) -> Finding | None:
    found = result.findings if result is not None else ()
    return next((item for item in found if item.identity == finding.identity), None)


def _unwanted(result: PolicyResult) -> dict[tuple[str, str], Traffic]:
    """What the policy complains of, by the labels of its ends."""
    found: dict[tuple[str, str], Traffic] = {}
    for finding in result.findings:
        if finding.code in ("reach.forbidden", "reach.wrong_way"):
            pair = finding.params["source"].partition(":")[0], finding.params["target"]
            traffic = Traffic.parse(finding.params["port"])
            found[pair] = found.get(pair, _NOTHING) | traffic
    return found
