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

resource "aws_vpc" "each" {
  for_each   = { left = "10.1.0.0/16", right = "10.2.0.0/16" }
  cidr_block = each.value
}

resource "aws_subnet" "each" {
  for_each          = aws_vpc.each
  vpc_id            = each.value.id
  cidr_block        = cidrsubnet(each.value.cidr_block, 8, 0)
  availability_zone = "eu-west-1a"
}

resource "aws_vpc_peering_connection" "this" {
  vpc_id      = aws_vpc.each["left"].id
  peer_vpc_id = aws_vpc.each["right"].id
  auto_accept = true
}

resource "aws_route_table" "each" {
  for_each = aws_vpc.each
  vpc_id   = each.value.id

  route {
    cidr_block                = each.key == "left" ? aws_vpc.each["right"].cidr_block : aws_vpc.each["left"].cidr_block
    vpc_peering_connection_id = aws_vpc_peering_connection.this.id
  }
}

resource "aws_route_table_association" "each" {
  for_each       = aws_subnet.each
  subnet_id      = each.value.id
  route_table_id = aws_route_table.each[each.key].id
}

resource "aws_security_group" "each" {
  for_each = aws_vpc.each
  name     = each.key
  vpc_id   = each.value.id

  ingress {
    from_port   = 443
    to_port     = 443
    protocol    = "tcp"
    cidr_blocks = each.key == "right" ? ["10.1.0.0/16"] : []
    self        = each.key == "left"
  }
  egress {
    from_port   = 0
    to_port     = 0
    protocol    = "-1"
    cidr_blocks = ["0.0.0.0/0"]
  }
}

resource "aws_instance" "each" {
  for_each               = aws_subnet.each
  ami                    = "ami-12345678"
  instance_type          = "t3.micro"
  subnet_id              = each.value.id
  vpc_security_group_ids = [aws_security_group.each[each.key].id]
  tags                   = { Name = each.key }
}
