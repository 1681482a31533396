resource "aws_db_subnet_group" "this" {
  name       = var.name
  subnet_ids = var.subnet_ids

  tags = { Name = var.name }
}

resource "aws_db_instance" "this" {
  #checkov:skip=CKV_AWS_118:Enhanced monitoring needs a role that the stack does not have.
  #checkov:skip=CKV_AWS_157:Single-AZ by decision.
  #checkov:skip=CKV_AWS_161:One way in: the master password in Secrets Manager, by decision.
  #checkov:skip=CKV_AWS_226:The minor version is part of the stack's description and is raised in Terraform.
  #checkov:skip=CKV_AWS_353:Performance Insights is not part of the stack.
  #checkov:skip=CKV2_AWS_30:Logged queries may hold learners' data, and it needs a parameter group of our own.
  identifier = var.name

  engine         = "postgres"
  engine_version = var.engine_version
  instance_class = var.instance_class

  # RDS refuses a zone together with a standby.
  availability_zone = var.multi_az ? null : var.availability_zone
  multi_az          = var.multi_az

  db_subnet_group_name   = aws_db_subnet_group.this.name
  vpc_security_group_ids = [var.security_group_id]
  publicly_accessible    = var.publicly_accessible
  port                   = 5432

  storage_type      = var.storage_type
  allocated_storage = var.storage_gib
  storage_encrypted = var.storage_encrypted

  username = var.username
  # RDS makes the password and keeps it in Secrets Manager: it never enters the state.
  manage_master_user_password = true

  # The version is part of the stack's description: it changes here, not by itself.
  auto_minor_version_upgrade = false

  enabled_cloudwatch_logs_exports = ["postgresql", "upgrade"]

  backup_retention_period   = var.backup_retention_days
  copy_tags_to_snapshot     = true
  deletion_protection       = var.deletion_protection
  skip_final_snapshot       = var.skip_final_snapshot
  final_snapshot_identifier = var.skip_final_snapshot ? null : "${var.name}-final"

  tags = { Name = var.name }
}
