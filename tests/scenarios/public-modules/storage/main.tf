# Buckets, repositories and identities that name each other.
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

module "closed" {
  source = "./bucket"
  bucket = "acme-closed"

  number_of_readers = 1
  reader_arns       = [module.identity.role_arn]
}

module "public" {
  source = "./bucket"
  bucket = "acme-public"

  attach_public_read      = true
  block_public_policy     = false
  restrict_public_buckets = false
}

module "logs" {
  source        = "./bucket"
  bucket_prefix = "acme-logs-"

  control_object_ownership   = true
  object_ownership           = "ObjectWriter"
  attach_public_access_block = false
  attach_require_tls         = false
  grant = [
    { type = "Group", permission = "WRITE", uri = "http://acs.amazonaws.com/groups/s3/LogDelivery" },
  ]
}

module "private_images" {
  source    = "./registry"
  name      = "acme/private"
  read_arns = [module.identity.role_arn]
}

module "open_images" {
  source = "./registry"
  name   = "acme/open"
  open   = true
}

resource "aws_iam_policy" "reading" {
  name = "reading"
  policy = jsonencode({
    Version = "2012-10-17"
    Statement = [{
      Effect   = "Allow"
      Action   = ["s3:GetObject"]
      Resource = ["${module.closed.arn}/*"]
    }]
  })
}

module "identity" {
  source = "./identity"

  role_name        = "reader"
  trusted_services = ["ec2.amazonaws.com"]
  policy_arns      = { reading = aws_iam_policy.reading.arn, images = "arn:aws:iam::aws:policy/AmazonEC2ContainerRegistryReadOnly" }
  inline           = [{ actions = ["s3:PutObject"], resources = ["${module.public.arn}/*"] }]

  user_name        = "deployer"
  user_policy_arns = ["arn:aws:iam::aws:policy/AmazonS3FullAccess"]
  group_policies = [
    { name = "everything", policy = jsonencode({ Version = "2012-10-17", Statement = [{ Effect = "Allow", Action = "*", Resource = "*" }] }) },
  ]
}
