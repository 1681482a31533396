# The ways in which the community's modules say which group, subnet or template is meant.
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
variable "create" { default = true }
variable "extra" { default = [] }
variable "hosts" {
  default = {
    one = { groups = ["a"], zone = "app/eu-west-1a" }
    two = { groups = ["a", "b"], zone = "db/eu-west-1b" }
  }
}
resource "aws_vpc" "this" {
  count      = var.create ? 1 : 0
  cidr_block = "10.0.0.0/16"
}
resource "aws_vpc_ipv4_cidr_block_association" "this" {
  count      = 0
  vpc_id     = aws_vpc.this[0].id
  cidr_block = "10.1.0.0/16"
}
locals {
  vpc_id = try(aws_vpc_ipv4_cidr_block_association.this[0].vpc_id, aws_vpc.this[0].id, "")
  zones = {
    "app/eu-west-1a" = 1
    "db/eu-west-1b"  = 2
  }
  subnets = { for k, s in aws_subnet.this : k => s }
  ids     = { a = module.a.id, b = module.b.id }
}
resource "aws_subnet" "this" {
  for_each   = local.zones
  vpc_id     = local.vpc_id
  cidr_block = cidrsubnet(one(aws_vpc.this[*].cidr_block), 8, each.value)
}
module "a" {
  source = "./group"
  name   = "a"
  vpc_id = local.vpc_id
  more   = { self = { port = 22, own = true }, from = { port = 443, other = module.b.id } }
}
module "b" {
  source = "./group"
  name   = "b"
  prefix = true
  vpc_id = one(aws_vpc.this[*].id)
}
module "same" {
  source = "./group"
  name   = "same"
  create = false
  given  = module.a.id
  vpc_id = join("", aws_vpc.this.*.id)
}
locals {
  cases = {
    concat_first   = [concat([module.a.id], var.extra)[0]]
    compact_concat = compact(concat([try(module.a.id, "")], [for x in var.extra : x], [""]))
    flatten_try    = flatten(concat([try(var.hosts.three.groups, [])], [[module.a.id]], [module.b.id]))
    coalescelist   = coalescelist(var.extra, [module.b.id])
    given          = [module.same.id]
    whole          = [module.a.all["this"].id]
    values         = values(module.b.all)[*].id
    by_name        = [for k, g in module.a.all : g.id if k == "this"]
    condition      = var.create && length(var.extra) == 0 ? distinct([module.a.id, module.a.id]) : null
    merged         = [lookup(merge(local.ids, { c = "" }), "b", null)]
    matched        = [for k, v in local.ids : v if length(regexall("^a", k)) > 0]
    zipped         = [zipmap(["x", "y"], [module.a.id, module.b.id])["y"]]
    sliced         = slice(concat([module.b.id, module.a.id], []), 1, 2)
    joined         = split(",", join(",", [module.a.id, module.b.id]))
    set            = tolist(toset([module.a.id]))
    nested         = [{ x = { y = [module.a.id] } }.x.y[0]]
    one_of         = [one([for k, v in local.ids : v if k == "b"])]
    keys           = [for k in keys(local.ids) : local.ids[k] if k != "a"]
    product        = [for p in setproduct(["n"], values(local.ids)) : p[1]]
    chunk          = chunklist(values(local.ids), 1)[0]
    can_try        = [can(module.a.id) ? module.a.id : "sg-00000000"]
    null_or        = [coalesce(null, "", module.a.id)]
    reversed       = [reverse(values(local.ids))[0]]
    contained      = [for k, v in local.ids : v if contains(["b"], k)]
    formatted      = formatlist("%s", [module.b.id])
    text           = ["${module.a.id}"]
    element        = [element(values(local.ids), 3)]
    transposed     = [for k, v in transpose({ a = ["z"] }) : local.ids[v[0]]]
    loop           = flatten([for k, v in var.hosts : [for g in v.groups : local.ids[g]] if k == "two"])
  }
}
resource "aws_instance" "case" {
  for_each               = local.cases
  ami                    = "ami-0123456789abcdef0"
  instance_type          = "t3.micro"
  subnet_id              = element([for k, s in local.subnets : s.id if split("/", k)[0] == "app"], 0)
  vpc_security_group_ids = each.value
  tags                   = { Name = each.key }
}
resource "aws_instance" "host" {
  for_each               = var.hosts
  ami                    = "ami-0123456789abcdef0"
  instance_type          = "t3.micro"
  subnet_id              = lookup(local.subnets, each.value.zone, { id = null }).id
  vpc_security_group_ids = [for g in each.value.groups : local.ids[g]]
  tags                   = { Name = each.key }
}
locals {
  template = var.create ? aws_launch_template.this[0].id : null
}
resource "aws_launch_template" "this" {
  count                  = 1
  name_prefix            = "node-"
  image_id               = "ami-0123456789abcdef0"
  vpc_security_group_ids = length(var.extra) > 0 ? var.extra : [module.b.id]
}
resource "aws_autoscaling_group" "this" {
  min_size            = 1
  max_size            = 2
  vpc_zone_identifier = [for k, s in local.subnets : s.id if startswith(k, "db/")]
  dynamic "launch_template" {
    for_each = var.create ? [1] : []
    content {
      id      = local.template
      version = "$Latest"
    }
  }
}
