variable "create" { default = true }
variable "identifier" {}
variable "engine" {}
variable "subnet_group_name" {}
variable "vpc_security_group_ids" { type = list(string) }
variable "multi_az" {}
variable "zone" {}
variable "replicate_source_db" { default = null }

locals {
  is_replica = var.replicate_source_db != null
  engine     = local.is_replica ? null : var.engine
}

resource "aws_db_instance" "this" {
  count                       = var.create ? 1 : 0
  identifier                  = var.identifier
  engine                      = local.engine
  engine_version              = "16.3"
  instance_class              = "db.t4g.micro"
  allocated_storage           = 20
  storage_encrypted           = true
  username                    = "postgres"
  manage_master_user_password = true
  db_subnet_group_name        = var.subnet_group_name
  vpc_security_group_ids      = var.vpc_security_group_ids
  multi_az                    = var.multi_az
  availability_zone           = var.zone
  publicly_accessible         = false
  skip_final_snapshot         = true

  dynamic "restore_to_point_in_time" {
    for_each = var.replicate_source_db != null ? [1] : []
    content {
      use_latest_restorable_time = true
    }
  }
}

output "port" {
  value = try(aws_db_instance.this[0].port, null)
}
