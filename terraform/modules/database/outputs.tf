# Chosen attributes: the whole resource holds a password field, and the output
# would be sensitive because of it.
output "instance" {
  description = "The database."
  value = {
    identifier                  = aws_db_instance.this.identifier
    arn                         = aws_db_instance.this.arn
    endpoint                    = aws_db_instance.this.endpoint
    port                        = aws_db_instance.this.port
    engine                      = aws_db_instance.this.engine
    engine_version              = aws_db_instance.this.engine_version
    instance_class              = aws_db_instance.this.instance_class
    availability_zone           = aws_db_instance.this.availability_zone
    multi_az                    = aws_db_instance.this.multi_az
    db_subnet_group_name        = aws_db_instance.this.db_subnet_group_name
    vpc_security_group_ids      = aws_db_instance.this.vpc_security_group_ids
    publicly_accessible         = aws_db_instance.this.publicly_accessible
    storage_type                = aws_db_instance.this.storage_type
    storage_encrypted           = aws_db_instance.this.storage_encrypted
    manage_master_user_password = aws_db_instance.this.manage_master_user_password
    auto_minor_version_upgrade  = aws_db_instance.this.auto_minor_version_upgrade
    backup_retention_period     = aws_db_instance.this.backup_retention_period
    deletion_protection         = aws_db_instance.this.deletion_protection
    tags                        = aws_db_instance.this.tags
  }
}

output "subnet_group" {
  description = "The subnet group of the database."
  value       = aws_db_subnet_group.this
}

output "secret_arn" {
  description = "ARN of the secret that holds the master password."
  value       = one(aws_db_instance.this.master_user_secret[*].secret_arn)
}
