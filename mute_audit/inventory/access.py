"""S3, ECR, IAM and organisation policies as AWS prints them.

Policy documents stay text (or the object that IAM's `aws` output already decoded):
reading them is the identity engine's work.
"""

from __future__ import annotations

from typing import Any

import msgspec

from mute_audit.inventory.base import Aws, AwsCamel, Tag

__all__ = [
    "AccessKey",
    "AccessKeys",
    "AccessPoint",
    "AccessPointPolicy",
    "AccessPointPolicyStatus",
    "AccessPointPublicAccessBlock",
    "AccountControlPolicies",
    "AccountOrganization",
    "AccountPublicAccessBlock",
    "AttachedPolicy",
    "Bucket",
    "BucketAcl",
    "BucketLocation",
    "BucketOwnership",
    "BucketPolicy",
    "BucketPublicAccessBlock",
    "ControlPolicy",
    "CredentialReport",
    "Grant",
    "Grantee",
    "GroupDetail",
    "InlinePolicy",
    "LoginProfile",
    "ManagedPolicy",
    "MfaDevice",
    "MultiRegionAccessPoint",
    "MultiRegionAccessPointPolicy",
    "OrganizationLevel",
    "PolicyVersion",
    "PublicAccessBlock",
    "Repository",
    "RepositoryPolicy",
    "RoleDetail",
    "UserDetail",
    "UserLoginProfile",
    "UserMfaDevices",
]

# IAM prints documents decoded, S3 and ECR as JSON text.
PolicyDocument = str | dict[str, Any]


class Bucket(Aws, frozen=True):
    name: str
    bucket_region: str = ""


class BucketLocation(Aws, frozen=True):
    bucket: str
    location_constraint: str | None = None


class BucketPolicy(Aws, frozen=True):
    """GetBucketPolicy with the bucket beside it; `policy` is None where it has none."""

    bucket: str
    policy: str | None = None


class Owner(Aws, frozen=True):
    id: str = msgspec.field(default="", name="ID")
    display_name: str = ""


class Grantee(Aws, frozen=True):
    type: str = ""
    id: str = msgspec.field(default="", name="ID")
    uri: str = msgspec.field(default="", name="URI")
    display_name: str = ""
    email_address: str = ""


class Grant(Aws, frozen=True):
    grantee: Grantee = Grantee()
    permission: str = ""


class BucketAcl(Aws, frozen=True):
    """GetBucketAcl: the *effective* grants, which IgnorePublicAcls has thinned out."""

    bucket: str
    owner: Owner = Owner()
    grants: tuple[Grant, ...] = ()


class OwnershipRule(Aws, frozen=True):
    object_ownership: str = ""


class OwnershipControls(Aws, frozen=True):
    rules: tuple[OwnershipRule, ...] = ()


class BucketOwnership(Aws, frozen=True):
    """GetBucketOwnershipControls; None where the bucket has none (ACLs are on)."""

    bucket: str
    ownership_controls: OwnershipControls | None = None


class PublicAccessBlock(Aws, frozen=True):
    block_public_acls: bool = False
    ignore_public_acls: bool = False
    block_public_policy: bool = False
    restrict_public_buckets: bool = False


class BucketPublicAccessBlock(Aws, frozen=True):
    """GetPublicAccessBlock; None where the bucket has no configuration (all four off)."""

    bucket: str
    public_access_block_configuration: PublicAccessBlock | None = None


class AccountPublicAccessBlock(Aws, frozen=True):
    """S3 Control's GetPublicAccessBlock; None where the account has none (all four off)."""

    account_id: str
    public_access_block_configuration: PublicAccessBlock | None = None


class AccessPointVpc(Aws, frozen=True):
    vpc_id: str = ""


class AccessPoint(Aws, frozen=True):
    """ListAccessPoints: a second way into a bucket, with a policy of its own.

    `network_origin` is `Internet` or `VPC`; one of a VPC takes requests from that VPC alone.
    """

    name: str
    bucket: str = ""
    access_point_arn: str = ""
    network_origin: str = ""
    vpc_configuration: AccessPointVpc | None = None
    bucket_account_id: str = ""


class AccessPointPolicy(Aws, frozen=True):
    """GetAccessPointPolicy with the ARN beside it; `policy` is None where it has none."""

    access_point_arn: str
    policy: str | None = None


class PolicyStatus(Aws, frozen=True):
    is_public: bool = False


class AccessPointPolicyStatus(Aws, frozen=True):
    """GetAccessPointPolicyStatus: how S3 itself classifies the policy (A5)."""

    access_point_arn: str
    policy_status: PolicyStatus | None = None


class AccessPointPublicAccessBlock(Aws, frozen=True):
    """The switches of one access point, out of GetAccessPoint."""

    access_point_arn: str
    public_access_block_configuration: PublicAccessBlock | None = None


class MultiRegionBucket(Aws, frozen=True):
    bucket: str = ""
    region: str = ""


class MultiRegionAccessPoint(Aws, frozen=True):
    """ListMultiRegionAccessPoints: one way into buckets of several Regions, for signed requests.

    Requests name it by `alias`; its switches cannot be changed once it is there.
    """

    name: str
    alias: str = ""
    public_access_block: PublicAccessBlock | None = None
    regions: tuple[MultiRegionBucket, ...] = ()


class EstablishedPolicy(Aws, frozen=True):
    policy: str | None = None


class MultiRegionPolicy(Aws, frozen=True):
    established: EstablishedPolicy | None = None


class MultiRegionAccessPointPolicy(Aws, frozen=True):
    """GetMultiRegionAccessPointPolicy, with the name beside it."""

    multi_region_access_point: str
    policy: MultiRegionPolicy | None = None


class ScanningConfiguration(AwsCamel, frozen=True):
    scan_on_push: bool = False


class Repository(AwsCamel, frozen=True):
    repository_arn: str
    repository_name: str = ""
    registry_id: str = ""
    repository_uri: str = ""
    image_tag_mutability: str = ""
    image_scanning_configuration: ScanningConfiguration | None = None


class RepositoryPolicy(AwsCamel, frozen=True):
    """GetRepositoryPolicy; `policy_text` is None where the repository has no policy."""

    repository_name: str
    registry_id: str = ""
    policy_text: str | None = None


class AttachedPolicy(Aws, frozen=True):
    policy_name: str = ""
    policy_arn: str = ""


class InlinePolicy(Aws, frozen=True):
    policy_name: str
    policy_document: PolicyDocument = ""


class Boundary(Aws, frozen=True):
    permissions_boundary_arn: str = ""
    permissions_boundary_type: str = ""


class UserDetail(Aws, frozen=True):
    user_name: str
    arn: str = ""
    user_id: str = ""
    path: str = "/"
    group_list: tuple[str, ...] = ()
    user_policy_list: tuple[InlinePolicy, ...] = ()
    attached_managed_policies: tuple[AttachedPolicy, ...] = ()
    permissions_boundary: Boundary | None = None
    tags: tuple[Tag, ...] = ()


class GroupDetail(Aws, frozen=True):
    group_name: str
    arn: str = ""
    group_policy_list: tuple[InlinePolicy, ...] = ()
    attached_managed_policies: tuple[AttachedPolicy, ...] = ()


class InstanceProfileDetail(Aws, frozen=True):
    instance_profile_name: str = ""
    arn: str = ""


class RoleDetail(Aws, frozen=True):
    role_name: str
    arn: str = ""
    role_id: str = ""
    path: str = "/"
    assume_role_policy_document: PolicyDocument = ""
    role_policy_list: tuple[InlinePolicy, ...] = ()
    attached_managed_policies: tuple[AttachedPolicy, ...] = ()
    permissions_boundary: Boundary | None = None
    instance_profile_list: tuple[InstanceProfileDetail, ...] = ()
    tags: tuple[Tag, ...] = ()


class PolicyVersion(Aws, frozen=True):
    version_id: str
    is_default_version: bool = False
    document: PolicyDocument = ""


class ManagedPolicy(Aws, frozen=True):
    policy_name: str = ""
    arn: str = ""
    default_version_id: str = ""
    policy_version_list: tuple[PolicyVersion, ...] = ()

    @property
    def document(self) -> PolicyDocument | None:
        """The default version's document; None where it was not collected."""
        for version in self.policy_version_list:
            if version.is_default_version or version.version_id == self.default_version_id:
                return version.document
        return None


class AccessKey(Aws, frozen=True):
    access_key_id: str
    status: str = ""
    create_date: str = ""


class AccessKeys(Aws, frozen=True):
    """ListAccessKeys with the user beside it."""

    user_name: str
    access_key_metadata: tuple[AccessKey, ...] = ()


class MfaDevice(Aws, frozen=True):
    serial_number: str
    enable_date: str = ""


class UserMfaDevices(Aws, frozen=True):
    """ListMFADevices with the user beside it."""

    user_name: str
    mfa_devices: tuple[MfaDevice, ...] = msgspec.field(default=(), name="MFADevices")


class LoginProfile(Aws, frozen=True):
    create_date: str = ""
    password_reset_required: bool = False


class UserLoginProfile(Aws, frozen=True):
    """GetLoginProfile with the user beside it; None where the user has no console password."""

    user_name: str
    login_profile: LoginProfile | None = None


class CredentialReport(Aws, frozen=True):
    """GetCredentialReport: `content` is CSV in base64, None where no report was ever made."""

    account_id: str
    content: str | None = None
    generated_time: str | None = None


class Organization(Aws, frozen=True):
    id: str
    master_account_id: str = ""
    # CONSOLIDATED_BILLING: an organisation without policies.
    feature_set: str = ""


class AccountOrganization(Aws, frozen=True):
    """DescribeOrganization with the account beside it; None where it is in no organisation."""

    account_id: str
    organization: Organization | None = None


class ControlPolicy(Aws, frozen=True):
    """A policy of the organisation; `type` is `SERVICE_CONTROL_POLICY` or `RESOURCE_…`."""

    id: str = ""
    name: str = ""
    type: str = "SERVICE_CONTROL_POLICY"
    content: PolicyDocument = ""


class OrganizationLevel(Aws, frozen=True):
    """The root, an organisational unit or the account itself, with what is attached there."""

    target_id: str = ""
    name: str = ""
    policies: tuple[ControlPolicy, ...] = ()


class AccountControlPolicies(Aws, frozen=True):
    """Every level above one account, the root first, put together from several calls.

    `policy_types` are those that the organisation has enabled; None where that is not said.
    """

    account_id: str
    levels: tuple[OrganizationLevel, ...] = ()
    policy_types: tuple[str, ...] | None = None
