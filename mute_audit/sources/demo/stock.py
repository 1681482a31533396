"""What is there in AWS before anybody makes anything: public images, AWS's own policies.

No API makes these, so they are put into moto's state directly. Only what the estate uses:
moto's 1,286 images and 1,600 policies take longer to load and list than all the rest, and
AWS, too, lists among an account's policies only those of its own that are in use.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable
from dataclasses import dataclass

from mute_audit.errors import UsageError

__all__ = ["PublicImage", "image_id", "stock"]


@dataclass(frozen=True, slots=True)
class PublicImage:
    """An image that its publisher shares with everyone."""

    name: str
    owner: str


def image_id(image: PublicImage) -> str:
    """The same id for the same image on every start."""
    return "ami-" + hashlib.sha256(image.name.encode()).hexdigest()[:17]


def stock(
    account: str, region: str, images: Iterable[PublicImage], policies: Iterable[str]
) -> None:
    """Puts `images` into a Region, and AWS's policies of these names into the account."""
    from moto.ec2.models import ec2_backends
    from moto.ec2.models.amis import Ami
    from moto.iam.aws_managed_policies import aws_managed_policies_data
    from moto.iam.models import AWSManagedPolicy, iam_backends

    ec2 = ec2_backends[account][region]
    for image in images:
        name = image_id(image)
        ec2.amis[name] = Ami(
            ec2,
            ami_id=name,
            name=image.name,
            description=image.name,
            owner_id=image.owner,
            public=True,
            architecture="x86_64",
            virtualization_type="hvm",
            root_device_name="/dev/xvda",
            root_device_type="ebs",
        )
    iam = iam_backends[account]["aws"]
    known = json.loads(aws_managed_policies_data)
    for wanted in policies:
        if wanted not in known:
            raise UsageError(f"the embedded AWS has no policy `{wanted}`")
        policy = AWSManagedPolicy.from_data(wanted, account, "aws", known[wanted])
        iam.aws_managed_policies.append(policy)
        iam.managed_policies[policy.arn] = policy
