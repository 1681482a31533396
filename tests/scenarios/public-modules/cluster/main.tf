# A cluster with groups of nodes, their rules merged from maps, and a database beside it.
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

locals {
  name     = "cluster"
  vpc_cidr = "10.0.0.0/16"
  azs      = ["eu-west-1a", "eu-west-1b"]
}
resource "aws_vpc" "this" {
  cidr_block = local.vpc_cidr
}
resource "aws_subnet" "private" {
  count             = length(local.azs)
  vpc_id            = aws_vpc.this.id
  cidr_block        = cidrsubnet(local.vpc_cidr, 4, count.index)
  availability_zone = element(local.azs, count.index)
}
module "eks" {
  source                   = "./cluster"
  name                     = local.name
  vpc_id                   = aws_vpc.this.id
  subnet_ids               = aws_subnet.private[*].id
  control_plane_subnet_ids = []
  node_security_group_additional_rules = {
    ingress_self_all = { description = "Node to node", protocol = "-1", from_port = 0, to_port = 0, type = "ingress", self = true }
    ingress_bastion  = { protocol = "tcp", from_port = 22, to_port = 22, type = "ingress", source_security_group_id = aws_security_group.bastion.id }
  }
  node_groups = { one = {}, two = { min_size = 2 } }
}
resource "aws_security_group" "bastion" {
  name_prefix = "bastion-"
  vpc_id      = aws_vpc.this.id
  egress {
    from_port   = 0
    to_port     = 0
    protocol    = "-1"
    cidr_blocks = ["0.0.0.0/0"]
  }
}
resource "aws_instance" "bastion" {
  ami                    = "ami-0123456789abcdef0"
  instance_type          = "t3.micro"
  subnet_id              = aws_subnet.private[0].id
  vpc_security_group_ids = [aws_security_group.bastion.id]
  tags                   = { Name = "bastion" }
}
resource "aws_instance" "node" {
  ami           = "ami-0123456789abcdef0"
  instance_type = "t3.micro"
  subnet_id     = element(aws_subnet.private[*].id, 1)
  vpc_security_group_ids = compact(concat(
    [module.eks.node_security_group_id, module.eks.cluster_primary_security_group_id], []
  ))
  tags = { Name = "node" }
}
resource "aws_security_group" "database" {
  name   = "database"
  vpc_id = aws_vpc.this.id
}
resource "aws_security_group_rule" "database" {
  for_each = {
    nodes   = module.eks.node_security_group_id
    primary = module.eks.cluster_primary_security_group_id
  }
  type                     = "ingress"
  from_port                = 5432
  to_port                  = 5432
  protocol                 = "tcp"
  security_group_id        = aws_security_group.database.id
  source_security_group_id = each.value
}
resource "aws_db_subnet_group" "this" {
  subnet_ids = aws_subnet.private[*].id
}
resource "aws_db_instance" "this" {
  identifier             = "store"
  engine                 = "postgres"
  instance_class         = "db.t4g.micro"
  allocated_storage      = 20
  username               = "u"
  password               = "not-a-secret"
  db_subnet_group_name   = aws_db_subnet_group.this.name
  vpc_security_group_ids = [aws_security_group.database.id]
  skip_final_snapshot    = true
}
