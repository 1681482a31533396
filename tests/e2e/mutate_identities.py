"""Changes to the user and the image repositories."""

from __future__ import annotations

import json

from estates import Estate
from mutating import Culprits, Mutation, about, no_such
from stack_names import STRANGER, USER

IAM_POLICY = "mute-iam-s3-ai-exact"
ECR_POLICY = "mute-ecr-private"
OWN_POLICY = "arn:aws:iam::123456789012:policy/"
FULL_ACCESS = "arn:aws:iam::aws:policy/AmazonS3FullAccess"


def own_policy(estate: Estate, name: str) -> str:
    """A policy of the account itself; returns its ARN."""
    document = {
        "Version": "2012-10-17",
        "Statement": [{"Effect": "Allow", "Action": "iam:Get*", "Resource": "*"}],
    }
    made = estate.iam.create_policy(PolicyName=name, PolicyDocument=json.dumps(document))
    return str(made["Policy"]["Arn"])


def policy_attached(estate: Estate) -> Culprits:
    arn = own_policy(estate, "more")
    estate.iam.attach_user_policy(UserName=estate.text(USER), PolicyArn=arn)
    return (arn,)


def policy_replaced_by_a_namesake(estate: Estate) -> Culprits:
    """The account's own AmazonS3FullAccess instead of AWS's."""
    arn = own_policy(estate, "AmazonS3FullAccess")
    user = estate.text(USER)
    there = "arn:aws:iam::aws:policy/AmazonS3FullAccess"
    estate.iam.detach_user_policy(UserName=user, PolicyArn=there)
    estate.iam.attach_user_policy(UserName=user, PolicyArn=arn)
    return (arn, there)


def policy_detached(estate: Estate) -> Culprits:
    arn = "arn:aws:iam::aws:policy/AmazonS3FullAccess"
    estate.iam.detach_user_policy(UserName=estate.text(USER), PolicyArn=arn)
    return (arn,)


def inline_policy(estate: Estate) -> Culprits:
    document = {
        "Version": "2012-10-17",
        "Statement": [{"Effect": "Allow", "Action": "iam:*", "Resource": "*"}],
    }
    estate.iam.put_user_policy(
        UserName=estate.text(USER), PolicyName="inside", PolicyDocument=json.dumps(document)
    )
    return ("inside",)


def group_joined(estate: Estate) -> Culprits:
    estate.iam.create_group(GroupName="administrators")
    estate.iam.add_user_to_group(GroupName="administrators", UserName=estate.text(USER))
    return ("administrators",)


def user_deleted(estate: Estate) -> Culprits:
    user = estate.text(USER)
    policy_detached(estate)
    estate.iam.delete_user(UserName=user)
    return (user,)


def share(estate: Estate, repository: str, principal: object) -> Culprits:
    statement = {
        "Sid": "Sharing",
        "Effect": "Allow",
        "Principal": principal,
        "Action": ["ecr:BatchGetImage", "ecr:GetDownloadUrlForLayer"],
    }
    estate.ecr.set_repository_policy(
        repositoryName=estate.text(repository),
        policyText=json.dumps({"Version": "2012-10-17", "Statement": [statement]}),
    )
    return ("Sharing",)


def shared_with_everybody(estate: Estate) -> Culprits:
    return share(estate, "mute-ai", "*")


def shared_with_a_stranger(estate: Estate) -> Culprits:
    return share(estate, "mute-backend", {"AWS": f"arn:aws:iam::{STRANGER}:root"})


def repository_deleted(estate: Estate) -> Culprits:
    name = estate.text("mute-frontend")
    estate.ecr.delete_repository(repositoryName=name, force=True)
    return (name,)


def nobody_scans(estate: Estate) -> Culprits:
    estate.ecr.put_image_scanning_configuration(
        repositoryName=estate.text("mute-ai"), imageScanningConfiguration={"scanOnPush": False}
    )
    return ()


def sharing(repository: str, principal: str) -> tuple[str, ...]:
    """The line of the drift."""
    return (
        (
            f"changed ecr.repository {repository} policy: null → "
            '{"Statement": [{"Action": ["ecr:BatchGetImage", "ecr:GetDownloadUrlForLayer"], '
            f'"Effect": "Allow", "Principal": {principal}}}], "Version": "2012-10-17"}}'
        ),
    )


IDENTITIES: tuple[Mutation, ...] = (
    Mutation(
        "the user has one more policy",
        policy_attached,
        (f"changed iam.user hackathon_s3_ai policies: null → {OWN_POLICY}more",),
        about(IAM_POLICY, "iam.unexpected_policy", USER, f"iam.unexpected_policy:{OWN_POLICY}more"),
        sample=True,
    ),
    Mutation(
        "the user has a policy of the account with the name of AWS's",
        policy_replaced_by_a_namesake,
        (
            "changed iam.user hackathon_s3_ai policies: AmazonS3FullAccess → null",
            f"changed iam.user hackathon_s3_ai policies: null → {OWN_POLICY}AmazonS3FullAccess",
        ),
        (
            *about(IAM_POLICY, "iam.missing_policy", USER, f"iam.missing_policy:{FULL_ACCESS}"),
            *about(
                IAM_POLICY,
                "iam.unexpected_policy",
                USER,
                f"iam.unexpected_policy:{OWN_POLICY}AmazonS3FullAccess",
            ),
        ),
    ),
    Mutation(
        "the user's policy is detached",
        policy_detached,
        ("changed iam.user hackathon_s3_ai policies: AmazonS3FullAccess → null",),
        about(IAM_POLICY, "iam.missing_policy", USER, f"iam.missing_policy:{FULL_ACCESS}"),
    ),
    Mutation(
        "the user has an inline policy",
        inline_policy,
        ("changed iam.user hackathon_s3_ai inline_policies: null → inside",),
        about(IAM_POLICY, "iam.inline_policy", USER, "iam.inline_policy:inside"),
    ),
    Mutation(
        "the user is in a group",
        group_joined,
        ("changed iam.user hackathon_s3_ai groups: null → administrators",),
        about(IAM_POLICY, "iam.group_membership", USER, "iam.group_membership:administrators"),
    ),
    Mutation(
        "the user is deleted",
        user_deleted,
        ("missing iam.user hackathon_s3_ai",),
        (f"{IAM_POLICY}: iam.no_such_user hackathon_s3_ai",),
    ),
    Mutation(
        "any AWS account may pull images",
        shared_with_everybody,
        sharing("mute-ai", '"*"'),
        about(ECR_POLICY, "ecr.public", "mute-ai", "anyone"),
    ),
    Mutation(
        "another account may pull images",
        shared_with_a_stranger,
        sharing("mute-backend", f'{{"AWS": "{STRANGER}"}}'),
        about(ECR_POLICY, "ecr.outside_access", "mute-backend", STRANGER),
    ),
    Mutation(
        "a repository is deleted",
        repository_deleted,
        ("missing ecr.repository mute-frontend",),
        no_such("mute-frontend", ECR_POLICY),
    ),
    Mutation(
        "new images are not scanned",
        nobody_scans,
        ("changed ecr.repository mute-ai scan_on_push: true → false",),
    ),
)
