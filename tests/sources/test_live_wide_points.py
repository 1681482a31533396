"""Access points of several Regions are asked for where a bucket's policy leaves it to such."""

from __future__ import annotations

from typing import Any

from botocore.config import Config
from moto_estate import ELSEWHERE, REGION, add_wide_access_point

from mute_audit.inventory import Inventory
from mute_audit.sources.aws_json import load
from mute_audit.sources.demo.isolation import session as isolated
from mute_audit.sources.demo.server import serving
from mute_audit.sources.live.collect import collect
from mute_audit.sources.live.options import LiveOptions

POLICY = '{"Version": "2012-10-17", "Statement": []}'


def collected(*, leaves_it: bool) -> tuple[Inventory, list[str]]:
    """The description, and where the calls about such access points went."""
    calls: list[str] = []

    def session() -> Any:
        made = isolated(REGION)
        made.events.register(
            "before-send.s3-control", lambda request, **_: calls.append(request.url)
        )
        return made

    with serving() as server:
        made = isolated(REGION)

        def client(service: str, region: str) -> Any:
            return made.client(
                service,
                region_name=region,
                endpoint_url=server.url,
                config=Config(inject_host_prefix=False) if service == "s3control" else None,
            )

        s3 = client("s3", ELSEWHERE)
        place = {"LocationConstraint": ELSEWHERE}
        s3.create_bucket(Bucket="songs-abroad", CreateBucketConfiguration=place)
        add_wide_access_point(s3, client("s3control", "us-west-2"))
        if not leaves_it:
            s3.put_bucket_policy(Bucket="songs-abroad", Policy=POLICY)
        options = LiveOptions(regions=(REGION,), endpoint_url=server.url, session=session)
        found = load(collect(options, collected_at=""))
    return found, [call for call in calls if "/mrap/" in call]


def test_they_are_asked_for_where_a_policy_leaves_it_to_access_points() -> None:
    inventory, calls = collected(leaves_it=True)
    (region,) = [r for r in inventory.regions if r.multi_region_access_points]
    (point,) = region.multi_region_access_points
    assert (point.name, [b.bucket for b in point.regions]) == ("everywhere", ["songs-abroad"])
    assert point.alias.endswith(".mrap")
    (policy,) = region.multi_region_access_point_policies
    assert policy.multi_region_access_point == "everywhere"
    assert calls


def test_and_nobody_is_asked_where_none_does() -> None:
    inventory, calls = collected(leaves_it=False)
    assert not any(r.multi_region_access_points for r in inventory.regions)
    assert calls == []
