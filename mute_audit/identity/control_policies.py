"""Which requests the policies of an organisation speak of: facts that both engines go by.

Source: Organizations user guide, *Resource control policies*, "List of AWS services that support
RCPs" and "Resources and entities not restricted by RCPs", as of October 2026. AWS adds services
every few months, so one that is not listed is not known to be left out.
"""

from __future__ import annotations

__all__ = ["RCP_SERVICES", "governed_by_rcps"]

RCP_SERVICES = frozenset(
    {
        "aoss", "appconfig", "appstream", "autoscaling", "autoscaling-plans", "budgets",
        "clouddirectory", "cloudfront", "cloudsearch", "cloudtrail-data", "codeartifact",
        "codebuild", "codecommit", "codepipeline", "cognito-identity", "cognito-idp", "comprehend",
        "comprehendmedical", "compute-optimizer", "cost-optimization-hub", "dax", "dsql",
        "dynamodb", "ecr", "ecr-public", "events", "firehose", "fis", "fms", "gamelift", "health",
        "inspector-scan", "kendra", "kinesisvideo", "kms", "logs", "memorydb", "networkmonitor",
        "notifications", "opensearch", "pca-connector-ad", "personalize", "polly", "pricing",
        "resource-groups", "rolesanywhere", "s3", "secretsmanager", "servicediscovery", "signin",
        "sqs", "sts", "support", "swf", "textract", "timestream-influxdb", "transcribe", "transfer",
        "translate", "wafv2", "workspaces", "xray",
    }
)  # fmt: skip
_NEVER = frozenset({"kms:retiregrant"})


def governed_by_rcps(action: str) -> bool | None:
    """Whether resource control policies can refuse this action; None where that is not known."""
    low = action.lower()
    if low in _NEVER:
        return False
    return True if low.partition(":")[0] in RCP_SERVICES else None
