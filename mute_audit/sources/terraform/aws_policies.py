"""What AWS's best-known managed policies say: attached everywhere, and shown by no plan.

As AWS publishes them; each has been as it is here for years. Of others the document is unknown.
"""

from __future__ import annotations

from mute_audit.sources.terraform.out import Home, Out

__all__ = ["DOCUMENTS", "add_known"]

# name → version, actions allowed on every resource
DOCUMENTS: dict[str, tuple[str, tuple[str, ...]]] = {
    "AdministratorAccess": ("v1", ("*",)),
    "AmazonEC2ContainerRegistryReadOnly": (
        "v3",
        (
            "ecr:GetAuthorizationToken",
            "ecr:BatchCheckLayerAvailability",
            "ecr:GetDownloadUrlForLayer",
            "ecr:GetRepositoryPolicy",
            "ecr:DescribeRepositories",
            "ecr:ListImages",
            "ecr:DescribeImages",
            "ecr:BatchGetImage",
            "ecr:GetLifecyclePolicy",
            "ecr:GetLifecyclePolicyPreview",
            "ecr:ListTagsForResource",
            "ecr:DescribeImageScanFindings",
        ),
    ),
    "AmazonS3FullAccess": ("v2", ("s3:*", "s3-object-lambda:*")),
    "AmazonS3ReadOnlyAccess": (
        "v3",
        ("s3:Get*", "s3:List*", "s3:Describe*", "s3-object-lambda:Get*", "s3-object-lambda:List*"),
    ),
    "IAMFullAccess": (
        "v2",
        (
            "iam:*",
            "organizations:DescribeAccount",
            "organizations:DescribeOrganization",
            "organizations:DescribeOrganizationalUnit",
            "organizations:DescribePolicy",
            "organizations:ListChildren",
            "organizations:ListParents",
            "organizations:ListPoliciesForTarget",
            "organizations:ListRoots",
            "organizations:ListPolicies",
            "organizations:ListTargetsForPolicy",
        ),
    ),
}


def add_known(out: Out) -> None:
    """Describe those of them that are attached to somebody, or limit somebody."""
    for key in ("UserDetailList", "GroupDetailList", "RoleDetailList"):
        for name, doc in out.each(key):
            arns = [one["PolicyArn"] for one in doc.get("AttachedManagedPolicies") or ()]
            boundary = doc.get("PermissionsBoundary") or {}
            for arn in (*arns, str(boundary.get("PermissionsBoundaryArn", ""))):
                _add(arn, Home(out.home_of(key, name).account), out)


def _add(arn: str, home: Home, out: Out) -> None:
    start, _, name = arn.partition(":policy/")
    if not start.endswith("::aws") or name not in DOCUMENTS or out.get("Policies", arn) is not None:
        return
    version, actions = DOCUMENTS[name]
    statement = {"Effect": "Allow", "Action": list(actions), "Resource": "*"}
    made = {
        "VersionId": version,
        "IsDefaultVersion": True,
        "Document": {"Version": "2012-10-17", "Statement": [statement]},
    }
    doc = {"PolicyName": name, "Arn": arn, "DefaultVersionId": version}
    out.put("Policies", home, arn, {**doc, "PolicyVersionList": [made]})
