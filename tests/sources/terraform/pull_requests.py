"""Pull requests against terraform/: what they change, and which policy must object."""

from __future__ import annotations

from dataclasses import dataclass, field


@dataclass(frozen=True)
class PullRequest:
    """Texts that are replaced (file, old, new), and files that are added.

    policy  the policy that fails; empty for a harmless one
    path    what the finding's new path leads from and to, by name; empty where the finding is
            about a request or a policy and not about packets
    """

    name: str
    edits: tuple[tuple[str, str, str], ...] = ()
    added: dict[str, str] = field(default_factory=dict)
    policy: str = ""
    path: tuple[str, str] = ("", "")


SOURCES = "variables-network.tf"
RULE = """
resource "aws_vpc_security_group_ingress_rule" "{name}" {{
  security_group_id = {group}
  ip_protocol       = "{protocol}"
  {ports}{peer}
}}
"""


def _rule(name: str, group: str, port: int, peer: str, protocol: str = "tcp") -> str:
    ports = f"from_port         = {port}\n  to_port           = {port}\n  " if port else ""
    return RULE.format(name=name, group=group, protocol=protocol, ports=ports, peer=peer)


def _group(name: str) -> str:
    return f'module.security.group_ids["hackathon_sg_{name}"]'


DANGEROUS = (
    PullRequest(
        "the frontend may reach the database",
        (
            (
                SOURCES,
                '"5432" = ["hackathon_sg_backend"]',
                '"5432" = ["hackathon_sg_backend", "hackathon_sg_frontend"]',
            ),
        ),
        policy="mute-rds-only-from-backend",
        path=("hackathon_frontend_nginx", "hackathon-mute-rds"),
    ),
    PullRequest(
        "a separate rule lets Jenkins into the database",
        added={
            "extra.tf": _rule(
                "report", _group("rds"), 5432, f"referenced_security_group_id = {_group('jenkins')}"
            )
        },
        policy="mute-rds-only-from-backend",
        path=("hackathon_jenkins_agent", "hackathon-mute-rds"),
    ),
    PullRequest(
        "the database becomes public",
        (
            (
                "variables-data.tf",
                'gets a public address."\n  type        = bool\n  default     = false',
                'gets a public address."\n  type        = bool\n  default     = true',
            ),
            (
                "estate.tf",
                '["hackathon_network_private1", "hackathon_network_private2"]',
                '["hackathon_network_public1", "hackathon_network_public2"]',
            ),
            (
                SOURCES,
                '"5432" = ["hackathon_sg_backend"]',
                '"5432" = ["hackathon_sg_backend", "internet"]',
            ),
        ),
        policy="mute-rds-never-from-internet",
        path=("internet", "hackathon-mute-rds"),
    ),
    PullRequest(
        "a frontend instance gets the backend's group",
        (
            (
                "estate.tf",
                'type           = "t3.small"\n      security_group = "hackathon_sg_frontend"',
                'type           = "t3.small"\n      security_group = "hackathon_sg_backend"',
            ),
        ),
        policy="mute-rds-only-from-backend",
        path=("hackathon_frontend_nextjs", "hackathon-mute-rds"),
    ),
    PullRequest(
        "SSH to Jenkins from anywhere",
        (
            (
                SOURCES,
                '"22"   = ["admins", "hackathon_sg_jenkins"]',
                '"22"   = ["admins", "internet", "hackathon_sg_jenkins"]',
            ),
        ),
        policy="mute-internet-exposure",
        path=("internet", "hackathon_jenkins_master"),
    ),
    PullRequest(
        "a private subnet gets the public route table",
        (
            (
                SOURCES,
                'hackathon_network_private1 = "hackathon_rtb_private2"',
                'hackathon_network_private1 = "hackathon_rtb_public"',
            ),
        ),
        policy="mute-private-subnets-unreachable",
        path=("internet", "hackathon_backend_nestjs"),
    ),
    PullRequest(
        "a private route table leads to the internet gateway",
        (
            (
                "estate.tf",
                "hackathon_rtb_private2 = local.nat_gateway_name",
                "hackathon_rtb_private2 = local.internet_gateway_name",
            ),
        ),
        policy="mute-private-subnets-unreachable",
        path=("internet", "hackathon_backend_nestjs"),
    ),
    PullRequest(
        "the frontend may reach the AI services",
        (
            (
                SOURCES,
                '"5000" = ["hackathon_sg_backend"]',
                '"5000" = ["hackathon_sg_backend", "hackathon_sg_frontend"]',
            ),
        ),
        policy="mute-ai-only-from-backend",
        path=("hackathon_frontend_nginx", "hackathon_backend_ai"),
    ),
    PullRequest(
        "an old-style rule through a local opens the backend's port to the world",
        added={
            "extra.tf": f"""
locals {{
  exposed = try({_group("backend")}, null)
}}

resource "aws_security_group_rule" "debug" {{
  type              = "ingress"
  security_group_id = local.exposed
  protocol          = "tcp"
  from_port         = 3000
  to_port           = 3000
  cidr_blocks       = ["0.0.0.0/0"]
}}
"""
        },
        policy="mute-internet-exposure",
        path=("internet", "hackathon_backend_nginx"),
    ),
    PullRequest(
        "all ports of the frontend open, to two halves of the internet",
        added={
            "extra.tf": _rule("low", _group("frontend"), 0, 'cidr_ipv4         = "0.0.0.0/1"', "-1")
            + _rule("high", _group("frontend"), 0, 'cidr_ipv4         = "128.0.0.0/1"', "-1")
        },
        policy="mute-internet-exposure",
        path=("internet", "hackathon_frontend_nginx"),
    ),
    PullRequest(
        "a new host in the backend's group",
        (
            (
                "estate.tf",
                "    hackathon_backend_nginx = {",
                """    hackathon_debug = {
      type           = "t3.micro"
      security_group = "hackathon_sg_backend"
      subnet         = "hackathon_network_public1"
      os             = local.amazon_linux
    }
    hackathon_backend_nginx = {""",
            ),
        ),
        policy="mute-rds-only-from-backend",
        path=("hackathon_debug", "hackathon-mute-rds"),
    ),
    PullRequest(
        "anyone may write to the bucket",
        (
            (
                "modules/storage/main.tf",
                'Action    = "s3:GetObject"',
                'Action    = ["s3:GetObject", "s3:PutObject"]',
            ),
        ),
        policy="mute-s3-public-read-only",
    ),
    PullRequest(
        "the user becomes an administrator",
        (("estate.tf", '["AmazonS3FullAccess"]', '["AmazonS3FullAccess", "AdministratorAccess"]'),),
        policy="mute-iam-s3-ai-exact",
    ),
    PullRequest(
        "the user gets an inline policy",
        added={
            "extra.tf": """
resource "aws_iam_user_policy" "extra" {
  name   = "extra"
  user   = module.identity.user.name
  policy = jsonencode({
    Version   = "2012-10-17"
    Statement = [{ Effect = "Allow", Action = "iam:*", Resource = module.storage.bucket.arn }]
  })
}
"""
        },
        policy="mute-iam-s3-ai-exact",
    ),
    PullRequest(
        "every AWS account may pull the images",
        added={
            "extra.tf": """
resource "aws_ecr_repository_policy" "open" {
  for_each   = module.registry.repositories
  repository = each.value.name
  policy = jsonencode({
    Version = "2012-10-17"
    Statement = [{ Effect = "Allow", Principal = "*", Action = ["ecr:BatchGetImage"] }]
  })
}
"""
        },
        policy="mute-ecr-private",
    ),
)

HARMLESS = (
    PullRequest(
        "another instance type",
        (("estate.tf", 'type           = "t3.large"', 'type           = "t3.xlarge"'),),
    ),
    PullRequest(
        "a comment and an empty line",
        (("estate.tf", "  amazon_linux = ", "  # The newest one.\n\n  amazon_linux = "),),
    ),
    PullRequest(
        "larger disks",
        (("variables-compute.tf", "default     = 20", "default     = 40"),),
    ),
    PullRequest(
        "a longer backup",
        (("variables-data.tf", "default     = 7", "default     = 14"),),
    ),
    PullRequest(
        "another image repository",
        (
            (
                "estate.tf",
                '["mute-ai", "mute-backend", "mute-frontend"]',
                '["mute-ai", "mute-backend", "mute-frontend", "mute-tools"]',
            ),
        ),
    ),
    PullRequest(
        "a log group",
        added={
            "extra.tf": """
resource "aws_cloudwatch_log_group" "app" {
  name = "/mute/app"
}
"""
        },
    ),
    PullRequest(
        "a closed bucket",
        added={
            "extra.tf": """
resource "aws_s3_bucket" "logs" {
  bucket = "hackathon-mute-logs"
}

resource "aws_s3_bucket_public_access_block" "logs" {
  bucket                  = aws_s3_bucket.logs.id
  block_public_acls       = true
  block_public_policy     = true
  ignore_public_acls      = true
  restrict_public_buckets = true
}
"""
        },
    ),
    PullRequest(
        "a local is renamed",
        (
            ("modules/security/main.tf", "local.ingress_rules", "local.rules_in"),
            ("modules/security/main.tf", "  ingress_rules = {", "  rules_in = {"),
        ),
    ),
    PullRequest(
        "the AI group is left out of Jenkins' rule, and a rule of its own takes its place",
        added={
            "extra.tf": _rule(
                "agent", _group("ai"), 22, f"referenced_security_group_id = {_group('jenkins')}"
            )
        },
    ),
    PullRequest(
        "a group that nobody is in",
        added={
            "extra.tf": """
resource "aws_security_group" "spare" {
  name   = "spare"
  vpc_id = module.network.vpc.id

  ingress {
    from_port   = 22
    to_port     = 22
    protocol    = "tcp"
    cidr_blocks = ["0.0.0.0/0"]
  }
}
"""
        },
    ),
)
