module "network" {
  source = "./modules/network"

  vpc_name              = local.vpc_name
  vpc_cidr              = var.vpc_cidr
  internet_gateway_name = local.internet_gateway_name
  nat_gateway_name      = local.nat_gateway_name
  nat_subnet            = var.nat_subnet
  route_table_gateways  = local.route_table_gateways

  subnets = {
    for name, zone in local.subnet_zones : name => {
      cidr        = var.subnet_cidrs[name]
      zone        = "${var.region}${zone}"
      route_table = var.subnet_route_tables[name]
    }
  }

  assign_public_addresses = var.assign_public_addresses
}

module "security" {
  source = "./modules/security"

  vpc_id          = module.network.vpc.id
  ingress_sources = var.ingress_sources
  admin_cidrs     = var.admin_cidrs
  egress_cidrs    = var.egress_cidrs
}

module "compute" {
  source = "./modules/compute"

  instances = {
    for name, instance in local.instances : name => {
      type              = lookup(var.instance_types, name, instance.type)
      security_group_id = module.security.group_ids[instance.security_group]
      subnet_id         = module.network.subnet_ids[instance.subnet]
      os                = instance.os
    }
  }

  ami_ids              = var.ami_ids
  ssh_key_name         = var.ssh_key_name
  root_volume_gib      = var.root_volume_gib
  encrypt_root_volumes = var.encrypt_root_volumes
  require_imdsv2       = var.require_imdsv2
}

module "database" {
  source = "./modules/database"

  name              = local.database.name
  engine_version    = local.database.engine_version
  storage_type      = local.database.storage_type
  availability_zone = "${var.region}${local.database.zone}"
  subnet_ids        = [for name in local.database.subnets : module.network.subnet_ids[name]]
  security_group_id = module.security.group_ids[local.database.security_group]

  instance_class        = var.rds_instance_class
  username              = var.rds_username
  storage_gib           = var.rds_storage_gib
  storage_encrypted     = var.rds_storage_encrypted
  publicly_accessible   = var.rds_publicly_accessible
  multi_az              = var.rds_multi_az
  backup_retention_days = var.rds_backup_retention_days
  deletion_protection   = var.rds_deletion_protection
  skip_final_snapshot   = var.rds_skip_final_snapshot
}

module "storage" {
  source = "./modules/storage"

  bucket_name             = var.bucket_name
  object_ownership        = var.bucket_object_ownership
  block_public_acls       = var.bucket_block_public_acls
  ignore_public_acls      = var.bucket_ignore_public_acls
  block_public_policy     = var.bucket_block_public_policy
  restrict_public_buckets = var.bucket_restrict_public_buckets
}

module "registry" {
  source = "./modules/registry"

  repositories         = local.repositories
  scan_on_push         = var.ecr_scan_on_push
  image_tag_mutability = var.ecr_image_tag_mutability
}

module "identity" {
  source = "./modules/identity"

  user_name    = local.object_store_user
  policy_names = local.object_store_policies
}
