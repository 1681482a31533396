"""Access points: a request through one is let in by its policy *and* by the bucket's.

S3 user guide, *Configuring IAM policies for using access points* and *Managing public access to
access points*. The bucket's policy usually leaves it to the access points of its own account
(`s3:DataAccessPointAccount`). A request names the access point's ARN; the bucket's policy sees the
bucket's. So that both are asked about one request, the access point's policy is read as one about
the bucket: its resources are cut off behind the ARN, and what is left is put behind the bucket's.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace

from mute_audit.address import arn_account
from mute_audit.errors import PolicyError
from mute_audit.identity.automata import Language
from mute_audit.identity.callers import class_of
from mute_audit.identity.catalogue import Level, find_action
from mute_audit.identity.classes import Layer, Outcome, Question
from mute_audit.identity.control_policies import governed_by_rcps
from mute_audit.identity.documents import parse_policy
from mute_audit.identity.evaluate import evaluate
from mute_audit.identity.facts import look_up
from mute_audit.identity.judge import Answer, Judge
from mute_audit.identity.keys import names_in
from mute_audit.identity.organizations import OPEN, Fence
from mute_audit.identity.public import Classification, classify
from mute_audit.identity.request import replay
from mute_audit.identity.s3_actions import targets_of
from mute_audit.identity.statements import Policy, Statement
from mute_audit.identity.template import Escaped, Pattern, Text, Variable
from mute_audit.inventory import RegionInventory
from mute_audit.inventory.access import AccessPoint, MultiRegionAccessPoint, PublicAccessBlock
from mute_audit.verdict import Gap, Truth

__all__ = ["Point", "ask_point", "points_of", "possible", "seen_from_bucket", "wide_points_of"]

_UNREADABLE = "Resource of an access point"


@dataclass(frozen=True)
class Point:
    """One access point of a bucket.

    vpc        the VPC that it takes requests from; empty for one of the internet
    policy     its own; None where it has none, or where `gap` says why it is not known
    restrict   whether its own RestrictPublicBuckets is on (A1)
    says       how S3 classifies its policy, where that was collected
    signed     one of several Regions, which takes no anonymous requests
    """

    name: str
    arn: str
    account: str
    vpc: str
    policy: Policy | None
    gap: Gap | None
    restrict: Truth
    says: Truth = Truth.UNKNOWN
    signed: bool = False

    @property
    def s3_public(self) -> Classification:
        """A5 for the access point: one of a VPC is never public."""
        if self.vpc:
            return Classification(Truth.NO)
        found = Classification(Truth.UNKNOWN) if self.gap else classify(self.policy)
        return replace(found, truth=self.says) if found.truth is Truth.UNKNOWN else found

    @property
    def context(self) -> dict[str, str | None]:
        """What every request through it carries."""
        given: dict[str, str | None] = {
            "s3:dataaccesspointarn": self.arn,
            "s3:dataaccesspointaccount": self.account,
            "s3:accesspointnetworkorigin": "VPC" if self.vpc else "Internet",
        }
        # What comes out of a VPC has no public address (A12).
        return given | ({"aws:sourcevpc": self.vpc, "aws:sourceip": None} if self.vpc else {})

    def resource(self, text: str, bucket: str) -> str:
        """The ARN by which a request through it names something of the bucket (by ARN)."""
        key = text.removeprefix(bucket)
        return self.arn + (f"/object{key}" if key else "")


def possible(action: str) -> bool:
    """Whether the action can be made through an access point: it changes no bucket.

    S3 user guide, "Access points compatibility with S3 operations".
    """
    if "object" in targets_of(action):
        return True
    known = find_action(action)
    return known is None or known.level in (Level.LIST, Level.READ)


def points_of(
    regions: Iterable[RegionInventory], bucket: str
) -> tuple[tuple[Point, ...], Gap | None]:
    """The access points of a bucket that its account has, or why they are not all known."""
    listed = tuple(regions)
    described = [r for r in listed if "AccessPointList" in r.held]
    found = tuple(
        _point(region, item)
        for region in listed
        for item in region.access_points
        if item.bucket == bucket
    )
    failed = next((gap for r in listed for gap in r.failed if gap.key == "AccessPointList"), None)
    if failed is None and not described:
        _, failed = look_up(listed, "AccessPointList", (bucket,), lambda _: None)
    return found, failed


def wide_points_of(
    regions: Iterable[RegionInventory], bucket: str, partition: str
) -> tuple[tuple[Point, ...], Gap | None]:
    """The same for access points of several Regions; none where nobody saved any.

    S3 user guide, *Multi-Region Access Points*: a request names the alias, and is always signed.
    """
    listed = tuple(regions)
    key = "MultiRegionAccessPoints"
    failed = next((gap for r in listed for gap in r.failed if gap.key == key), None)
    found = tuple(
        _wide_point(region, item, partition)
        for region in listed
        for item in region.multi_region_access_points
        if any(each.bucket == bucket for each in item.regions)
    )
    return found, failed


def _wide_point(region: RegionInventory, item: MultiRegionAccessPoint, partition: str) -> Point:
    entry, gap = look_up(
        (region,),
        "MultiRegionAccessPointPolicies",
        (item.name,),
        lambda r: next(
            (
                p
                for p in r.multi_region_access_point_policies
                if p.multi_region_access_point == item.name
            ),
            None,
        ),
    )
    document = None if entry is None or entry.policy is None else entry.policy.established
    policy = None
    if document is not None and document.policy:
        try:
            policy = parse_policy(document.policy, f"policy of access point {item.name}")
        except PolicyError as error:
            gap = Gap(
                "access point policy", item.name, str(error), "MultiRegionAccessPointPolicies"
            )
    return Point(
        name=item.name,
        arn=f"arn:{partition}:s3::{region.account}:accesspoint/{item.alias}",
        account=region.account,
        vpc="",
        policy=policy,
        gap=gap,
        restrict=Truth.of(_restricts(item.public_access_block)),
        signed=True,
    )


def _point(region: RegionInventory, item: AccessPoint) -> Point:
    arn = item.access_point_arn
    entry, gap = look_up(
        (region,),
        "AccessPointPolicies",
        (arn, item.name),
        lambda r: next((p for p in r.access_point_policies if p.access_point_arn == arn), None),
    )
    policy = None
    if entry is not None and entry.policy is not None:
        try:
            policy = parse_policy(entry.policy, f"policy of access point {item.name}")
        except PolicyError as error:
            gap = Gap("access point policy", arn, str(error), "AccessPointPolicies")
    block = next(
        (b for b in region.access_point_public_access_blocks if b.access_point_arn == arn), None
    )
    switches = None if block is None else block.public_access_block_configuration
    status = next(
        (s for s in region.access_point_policy_statuses if s.access_point_arn == arn), None
    )
    said = None if status is None else status.policy_status
    return Point(
        name=item.name,
        arn=arn,
        account=arn_account(arn) or region.account,
        vpc=item.vpc_configuration.vpc_id if item.vpc_configuration is not None else "",
        policy=policy,
        gap=gap,
        restrict=Truth.UNKNOWN if block is None else Truth.of(_restricts(switches)),
        says=Truth.UNKNOWN if said is None else Truth.of(said.is_public),
    )


def _restricts(switches: PublicAccessBlock | None) -> bool:
    return switches is not None and switches.restrict_public_buckets


def ask_point(
    point: Point, judge: Judge, bucket: str, who: str, action: str, resources: Iterable[Language]
) -> Answer:
    """May this class do it through the access point, its policy and the bucket's both asked?

    RestrictPublicBuckets aside. `bucket` is the ARN.
    """
    if point.signed and who == "anonymous":
        return Answer(Truth.NO, reasons=(f"access point {point.name} takes signed requests alone",))
    if point.gap is not None:
        return Answer(Truth.UNKNOWN, gaps=(point.gap,))
    if point.policy is None:
        return Answer(Truth.NO, reasons=(f"access point {point.name} has no policy",))
    seen = seen_from_bucket(point.policy, point.arn, bucket)
    fence = judge.fence if governed_by_rcps(action) else OPEN
    fenced = tuple(policy for layer in fence.levels for policy in layer.policies)
    names = replace(names_in((judge.policy, seen, *fenced), judge.owner), ours=judge.ours)
    layers = (
        Layer(f"access point {point.name}", (seen,)),
        Layer(judge.name, (judge.policy,)),
    )
    last = Answer(Truth.NO)
    for one in resources:
        outcome = evaluate(
            Question(
                layers=layers,
                callers=class_of(who, names),
                action=action,
                resources=one,
                owner=judge.owner,
                denies=fence.levels,
                fixed={**judge.fixed, **point.context},
                names=names,
            )
        )
        if outcome.truth is Truth.YES and outcome.witness is not None:
            return _replayed(point, judge, bucket, outcome, fence, action)
        if last.truth is not Truth.UNKNOWN:
            last = Answer(outcome.truth, reasons=outcome.reasons)
    return last


def _replayed(
    point: Point, judge: Judge, bucket: str, outcome: Outcome, fence: Fence, action: str
) -> Answer:
    """The request as it is made: the simulator asks each of the two policies by its own names."""
    at_bucket = dict(outcome.witness or {})
    context = {
        **{_SPELLED[key]: value for key, value in point.context.items() if value},
        **at_bucket["context"],
    }
    at_bucket["context"] = {
        key: value
        for key, value in context.items()
        if key in at_bucket["context"] or key.lower() not in _lower(at_bucket["context"])
    }
    replay(at_bucket, resource=judge.policy, rcps=fence.documents)
    named = point.resource(at_bucket["resource"]["resource"], bucket)
    request = {**at_bucket, "resource": {"resource": named, "accountId": point.account}}
    replay(request, resource=point.policy)
    return judge.fenced(Answer(Truth.YES, request, statement=", ".join(outcome.statements)), action)


def _lower(context: Mapping[str, object]) -> set[str]:
    return {key.lower() for key in context}


_SPELLED = {
    "aws:sourcevpc": "aws:SourceVpc",
    "s3:accesspointnetworkorigin": "s3:AccessPointNetworkOrigin",
    "s3:dataaccesspointaccount": "s3:DataAccessPointAccount",
    "s3:dataaccesspointarn": "s3:DataAccessPointArn",
}


def seen_from_bucket(policy: Policy, point: str, bucket: str) -> Policy:
    """The access point's policy with resources of the bucket (both by ARN)."""
    return replace(policy, statements=tuple(_moved(s, point, bucket) for s in policy.statements))


def _moved(statement: Statement, point: str, bucket: str) -> Statement:
    listed = statement.resources if statement.resources is not None else statement.not_resources
    if listed is None:
        return statement
    moved: list[Pattern] = []
    for pattern in listed:
        cut = _behind(pattern, point, bucket)
        if cut is None:
            return replace(statement, unmodelled=(*statement.unmodelled, _UNREADABLE))
        moved += cut
    # An empty list takes in nothing: no ARN is the empty text.
    patterns = tuple(moved) or (Pattern("", (Text(""),)),)
    if statement.resources is not None:
        return replace(statement, resources=patterns)
    return replace(statement, not_resources=patterns)


_Item = tuple[str, bool] | Variable


def _behind(pattern: Pattern, point: str, bucket: str) -> list[Pattern] | None:
    """What the pattern takes in of the access point, as patterns of the bucket.

    None where a variable stands in front of the ARN's end, so that it cannot be told.
    """
    items = _items(pattern)
    found: list[Pattern] = []
    whole = _after(items, point)
    objects = _after(items, f"{point}/object/")
    if whole is None or objects is None:
        return None
    if any(_empty(items[at:]) for at in whole):
        found.append(Pattern(bucket, (Text(bucket),)))
    found += [_pattern(f"{bucket}/", items[at:]) for at in objects]
    return found


def _items(pattern: Pattern) -> list[_Item]:
    """Its characters, each with whether it is a wildcard, and its variables."""
    items: list[_Item] = []
    for part in pattern.parts:
        if isinstance(part, Variable):
            items.append(part)
        else:
            wild = isinstance(part, Text)
            items += [(char, wild and char in "*?") for char in part.text]
    return items


def _after(items: list[_Item], text: str) -> list[int] | None:
    """The places in the pattern that it can be at once it has taken the text."""
    at = _skipped(items, {0})
    for char in text:
        after: set[int] = set()
        for place in at:
            if place == len(items):
                continue
            item = items[place]
            if isinstance(item, Variable):
                return None
            own, wild = item
            if wild and own == "*":
                after.add(place)
            elif wild or own == char:
                after.add(place + 1)
        at = _skipped(items, after)
    return sorted(at)


def _skipped(items: list[_Item], places: set[int]) -> set[int]:
    found = set(places)
    for place in places:
        step = place
        while step < len(items) and items[step] == ("*", True):
            step += 1
            found.add(step)
    return found


def _empty(items: list[_Item]) -> bool:
    return all(item == ("*", True) for item in items)


def _pattern(head: str, items: list[_Item]) -> Pattern:
    parts: list[Text | Escaped | Variable] = [Escaped(head)]
    written = head
    for item in items:
        if isinstance(item, Variable):
            parts.append(item)
            written += f"${{{item.key}}}"
        else:
            char, wild = item
            parts.append(Text(char) if wild else Escaped(char))
            written += char
    return Pattern(written, tuple(parts))
