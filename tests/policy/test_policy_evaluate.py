"""`evaluate`: every policy gets a verdict, whatever happens to the others; and the codes."""

from __future__ import annotations

import string
from typing import Any

import pytest
from policy_estate import Document, analysis, group, join_group, rule

from mute_audit.address import Address
from mute_audit.drift.diff import DriftResult
from mute_audit.errors import DisagreementError, PlaceError
from mute_audit.finding import DriftItem, DriftKind, FieldChange, Location
from mute_audit.network.reach import Reach
from mute_audit.policy.checks.drift import drift
from mute_audit.policy.codes import CODES
from mute_audit.policy.context import Context
from mute_audit.policy.evaluate import evaluate
from mute_audit.policy.loader import LoadedPolicy, PolicySet
from mute_audit.policy.outcome import finding
from mute_audit.render import catalogue_en, catalogue_ko
from mute_audit.verdict import Gap, Verdict


def together(*policies: Any) -> PolicySet:
    places = [Location("policies.yaml", line) for line in range(1, len(policies) + 1)]
    return PolicySet(
        tuple(LoadedPolicy(policy, place) for policy, place in zip(policies, places, strict=True))
    )


def test_results_come_in_order_with_place_and_words(make: Any, estate: Document) -> None:
    policies = together(
        make("reach.never", to="orders", id="first"),
        make("reach.required", from_="web", to="orders", ports="tcp/5432", id="second"),
    )
    first, second = evaluate(policies, Context(analysis(estate)))
    assert (first.id, first.verdict) == ("first", Verdict.PASS)
    assert (second.id, second.verdict) == ("second", Verdict.FAIL)
    assert second.location == Location("policies.yaml", 2)
    assert (second.title.en, second.title.ko) == ("A title", "제목")
    assert {f.policy for f in second.findings} == {"second"}


def test_a_policy_that_cannot_be_evaluated_is_an_error_and_hides_no_other(
    make: Any, estate: Document, monkeypatch: pytest.MonkeyPatch
) -> None:
    def broken_check(*_: object) -> None:
        raise PlaceError("`app` names 2 places: i-app, i-twin", hint="give the id")

    monkeypatch.setattr(Reach, "prove", broken_check)
    join_group(estate, "other", "app")
    policies = together(
        make("reach.only", to="orders", ports="tcp/5432", from_="app", id="ambiguous"),
        make("reach.never", to="orders", id="fine"),
    )
    broken, fine = evaluate(policies, Context(analysis(estate)))
    assert broken.verdict is Verdict.ERROR
    assert broken.error == "`app` names 2 places: i-app, i-twin (give the id)"
    assert broken.location == Location("policies.yaml", 1)
    assert fine.verdict is Verdict.PASS


def test_a_bug_in_one_check_is_an_error_of_its_policy_alone(
    make: Any, estate: Document, monkeypatch: pytest.MonkeyPatch
) -> None:
    def broken(*_: object) -> None:
        raise KeyError("bug")

    monkeypatch.setattr(Reach, "prove", broken)
    join_group(estate, "other", "app")
    policies = together(
        make("reach.only", to="orders", ports="tcp/5432", from_="app", id="hit"),
        make("reach.never", to="orders", id="fine"),
    )
    hit, fine = evaluate(policies, Context(analysis(estate)))
    assert (hit.verdict, hit.error) == (Verdict.ERROR, "KeyError: 'bug'")
    assert fine.verdict is Verdict.PASS


def test_engines_that_disagree_end_the_scan(
    make: Any, estate: Document, monkeypatch: pytest.MonkeyPatch
) -> None:
    def disagree(*_: object) -> None:
        raise DisagreementError("the engines differ")

    monkeypatch.setattr(Reach, "prove", disagree)
    join_group(estate, "other", "app")
    policies = together(make("reach.only", to="orders", ports="tcp/5432", from_="app"))
    with pytest.raises(DisagreementError):
        evaluate(policies, Context(analysis(estate)))


def test_one_failed_finding_fails_a_policy_that_is_also_open(make: Any, estate: Document) -> None:
    policy = make("reach.never", to=["web", "subnet:gone"], ports="tcp/443")
    (result,) = evaluate(together(policy), Context(analysis(estate)))
    assert result.verdict is Verdict.FAIL
    assert [f.code for f in result.findings] == ["reach.forbidden", "subject.missing"]


def test_the_same_estate_gives_the_same_fingerprints(make: Any, estate: Document) -> None:
    group(estate, "db")["IpPermissions"].append(rule(5432, group="sg-other"))
    policies = together(make("reach.only", to="orders", ports="tcp/5432", from_="app"))
    runs = [evaluate(policies, Context(analysis(estate)))[0].findings for _ in range(2)]
    assert runs[0] == runs[1]
    assert runs[0][0].evidence_hash


class TestDrift:
    @staticmethod
    def context(estate: Document, *items: DriftItem) -> Context:
        return Context(analysis(estate), DriftResult(items, ()))

    @staticmethod
    def item(kind: DriftKind, name: str = "web", type_: str = "ec2.instance") -> DriftItem:
        gaps = (Gap("ec2:DescribeX"),) if kind is DriftKind.UNKNOWN else ()
        fields = (FieldChange("instance_type", "a", "b"),) if kind is DriftKind.CHANGED else ()
        return DriftItem(kind, Address(type_, f"i-{name}", name), fields, gaps)

    def test_no_difference_passes(self, make: Any, estate: Document) -> None:
        assert drift(make("drift"), self.context(estate)).verdict is Verdict.PASS

    def test_each_difference_is_a_finding(self, make: Any, estate: Document) -> None:
        items = (self.item(DriftKind.CHANGED), self.item(DriftKind.MISSING, "app"))
        result = drift(make("drift"), self.context(estate, *items))
        assert result.verdict is Verdict.FAIL
        assert [(f.params["name"], f.params["actual"]) for f in result.findings] == [
            ("app", "missing"),
            ("web", "changed"),
        ]
        assert result.findings[1].evidence.fields == items[0].fields

    def test_kinds_and_types_select(self, make: Any, estate: Document) -> None:
        changed = self.context(estate, self.item(DriftKind.CHANGED))
        assert drift(make("drift", changes=["missing"]), changed).verdict is Verdict.PASS
        assert drift(make("drift", types="ec2.instance"), changed).verdict is Verdict.FAIL
        assert drift(make("drift", types="ec2.vpc"), changed).verdict is Verdict.PASS

    def test_what_could_not_be_compared_is_unknown(self, make: Any, estate: Document) -> None:
        open_ = self.context(estate, self.item(DriftKind.UNKNOWN))
        assert drift(make("drift", changes=["missing"]), open_).verdict is Verdict.UNKNOWN

    def test_without_a_baseline_it_is_unknown(self, make: Any, estate: Document) -> None:
        result = drift(make("drift"), Context(analysis(estate)))
        assert result.verdict is Verdict.UNKNOWN
        assert result.gaps[0].what == "baseline"


class TestCodes:
    @pytest.mark.parametrize("catalogue", [catalogue_en, catalogue_ko])
    @pytest.mark.parametrize("code", sorted(CODES))
    def test_every_code_has_a_sentence_that_its_parameters_fill(
        self, code: str, catalogue: Any
    ) -> None:
        given = CODES[code] | {"resource"}
        templates = catalogue.MESSAGES[code]
        fields = [{f for _, f, _, _ in string.Formatter().parse(t) if f} for t in templates]
        assert any(each <= given for each in fields)

    def test_a_finding_that_lacks_a_parameter_cannot_be_made(self, make: Any) -> None:
        policy = make("reach.never")
        with pytest.raises(ValueError, match="lacks port"):
            finding(
                policy,
                Verdict.FAIL,
                "reach.forbidden",
                Address("x", "x"),
                {"source": "a", "target": "b"},
            )
