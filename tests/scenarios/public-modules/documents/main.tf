# Buckets, roles and functions: documents by data source, merged, and known after apply.
terraform {
  required_providers {
    aws = { source = "hashicorp/aws" }
  }
}

provider "aws" {
  region                      = "eu-west-1"
  access_key                  = "test"
  secret_key                  = "test"
  skip_credentials_validation = true
  skip_metadata_api_check     = true
  skip_requesting_account_id  = true
}

data "aws_caller_identity" "current" {}
data "aws_partition" "current" {}

module "logs" {
  source                         = "./bucket"
  bucket                         = "eg-logs-1"
  attach_elb_log_delivery_policy = true
}
module "data" {
  source                                = "./bucket"
  bucket_prefix                         = "eg-data-"
  attach_policy                         = true
  policy                                = data.aws_iam_policy_document.data.json
  attach_deny_insecure_transport_policy = true
}
module "site" {
  source                  = "./bucket"
  bucket                  = "eg-site-1"
  attach_policy           = true
  policy                  = data.aws_iam_policy_document.site.json
  block_public_acls       = false
  block_public_policy     = false
  ignore_public_acls      = false
  restrict_public_buckets = false
}
module "off" {
  source        = "./bucket"
  create_bucket = false
}
data "aws_iam_policy_document" "data" {
  statement {
    sid       = "Reader"
    actions   = ["s3:GetObject"]
    resources = ["${module.data.arn}/*"]
    principals {
      type        = "AWS"
      identifiers = [module.reader.arn]
    }
  }
}
data "aws_iam_policy_document" "site" {
  statement {
    actions   = ["s3:GetObject"]
    resources = ["arn:aws:s3:::eg-site-1/*"]
    principals {
      type        = "*"
      identifiers = ["*"]
    }
  }
}
module "reader" {
  source            = "./role"
  name              = "reader"
  trusted_services  = ["ec2.amazonaws.com"]
  policy_statements = { read = { actions = ["s3:GetObject", "s3:ListBucket"], resources = [module.data.arn, "${module.data.arn}/*"] } }
  policies          = { ssm = "arn:aws:iam::aws:policy/AmazonSSMManagedInstanceCore" }
}
module "deployer" {
  source         = "./role"
  name           = "deployer"
  oidc_providers = [aws_iam_openid_connect_provider.this.arn]
  oidc_subjects  = ["repo:eg/shop:*"]
  policies       = { own = aws_iam_policy.own.arn }
}
resource "aws_iam_openid_connect_provider" "this" {
  url             = "https://token.actions.githubusercontent.com"
  client_id_list  = ["sts.amazonaws.com"]
  thumbprint_list = ["ffffffffffffffffffffffffffffffffffffffff"]
}
resource "aws_iam_policy" "own" {
  name_prefix = "own-"
  policy = jsonencode({
    Version   = "2012-10-17"
    Statement = [{ Effect = "Allow", Action = ["ecr:*"], Resource = module.registry_arn.value }]
  })
}
module "registry_arn" {
  source = "./function"
  arn    = aws_ecr_repository.this.arn
}
resource "aws_ecr_repository" "this" {
  name                 = "shop"
  image_tag_mutability = "IMMUTABLE"
}
resource "aws_ecr_repository_policy" "this" {
  repository = aws_ecr_repository.this.name
  policy     = data.aws_iam_policy_document.repository.json
}
data "aws_iam_policy_document" "repository" {
  dynamic "statement" {
    for_each = length([module.reader.arn]) > 0 ? [module.reader.arn] : []
    content {
      sid     = "Pull"
      actions = ["ecr:BatchGetImage"]
      principals {
        type        = "AWS"
        identifiers = [statement.value]
      }
    }
  }
}
resource "aws_iam_user" "this" {
  for_each = toset(["ann", "bob"])
  name     = each.value
}
resource "aws_iam_group" "this" {
  name = "people"
}
resource "aws_iam_group_membership" "this" {
  name  = "people"
  group = aws_iam_group.this.id
  users = [for u in aws_iam_user.this : u.name]
}
resource "aws_iam_group_policy_attachment" "this" {
  for_each   = toset(["arn:aws:iam::aws:policy/ReadOnlyAccess"])
  group      = aws_iam_group.this.name
  policy_arn = each.key
}
resource "aws_iam_user_policy" "ann" {
  name   = "own"
  user   = aws_iam_user.this["ann"].name
  policy = data.aws_iam_policy_document.ann.json
}
data "aws_iam_policy_document" "ann" {
  statement {
    actions   = ["s3:*"]
    resources = formatlist("%s/*", [module.data.arn, module.logs.arn])
  }
}
