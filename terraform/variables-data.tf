variable "bucket_name" {
  description = "Name of the bucket. Bucket names are unique across all AWS accounts: a second copy of the stack needs another one."
  type        = string
  default     = "hackathon-mute-backend"

  validation {
    condition     = can(regex("^[a-z0-9][a-z0-9-]{1,61}[a-z0-9]$", var.bucket_name))
    error_message = "bucket_name must be 3 to 63 lower-case letters, digits and hyphens."
  }
}

variable "bucket_object_ownership" {
  description = "Who owns uploaded objects. BucketOwnerEnforced also switches ACLs off."
  type        = string
  default     = "BucketOwnerEnforced"

  validation {
    condition     = contains(["BucketOwnerEnforced", "BucketOwnerPreferred", "ObjectWriter"], var.bucket_object_ownership)
    error_message = "bucket_object_ownership must be BucketOwnerEnforced, BucketOwnerPreferred or ObjectWriter."
  }
}

variable "bucket_block_public_acls" {
  description = "Whether S3 refuses public ACLs (BlockPublicAcls)."
  type        = bool
  default     = true
}

variable "bucket_ignore_public_acls" {
  description = "Whether S3 ignores public ACLs (IgnorePublicAcls)."
  type        = bool
  default     = true
}

variable "bucket_block_public_policy" {
  description = "Whether S3 refuses a public bucket policy (BlockPublicPolicy). Off: public reading is granted by the policy."
  type        = bool
  default     = false
}

variable "bucket_restrict_public_buckets" {
  description = "Whether S3 lets nobody in from outside of the account although the policy is public (RestrictPublicBuckets). Off, for the same reason."
  type        = bool
  default     = false
}

variable "ecr_scan_on_push" {
  description = "Whether ECR scans an image for known vulnerabilities when it is pushed."
  type        = bool
  default     = true
}

variable "ecr_image_tag_mutability" {
  description = "IMMUTABLE: a tag once pushed stays what it is. MUTABLE: for pipelines that push the same tag again."
  type        = string
  default     = "IMMUTABLE"

  validation {
    condition     = contains(["IMMUTABLE", "MUTABLE"], var.ecr_image_tag_mutability)
    error_message = "ecr_image_tag_mutability must be IMMUTABLE or MUTABLE."
  }
}

variable "rds_instance_class" {
  description = "Instance class of the database."
  type        = string
  default     = "db.t3.micro"

  validation {
    condition     = can(regex("^db\\.[a-z0-9-]+\\.[a-z0-9-]+$", var.rds_instance_class))
    error_message = "rds_instance_class must be a database class such as `db.t3.micro`."
  }
}

variable "rds_username" {
  description = "Master user of the database. The password is made and kept by RDS in Secrets Manager."
  type        = string
  default     = "mute"

  validation {
    condition     = can(regex("^[a-z][a-z0-9_]{0,62}$", var.rds_username)) && !contains(["admin", "postgres", "rdsadmin"], var.rds_username)
    error_message = "rds_username must be a lower-case name of up to 63 letters, digits and underscores, and no well-known or reserved one."
  }
}

variable "rds_storage_gib" {
  description = "Storage of the database in GiB."
  type        = number
  default     = 20

  validation {
    condition     = var.rds_storage_gib >= 20 && var.rds_storage_gib <= 65536 && floor(var.rds_storage_gib) == var.rds_storage_gib
    error_message = "rds_storage_gib must be a whole number from 20 to 65536, the range of gp3."
  }
}

variable "rds_storage_encrypted" {
  description = "Whether the storage of the database is encrypted."
  type        = bool
  default     = true
}

variable "rds_publicly_accessible" {
  description = "Whether the database gets a public address."
  type        = bool
  default     = false
}

variable "rds_multi_az" {
  description = "Whether the database has a standby in a second zone. AWS then chooses the zones."
  type        = bool
  default     = false
}

variable "rds_backup_retention_days" {
  description = "How many days automatic backups are kept. 0 switches them off."
  type        = number
  default     = 7

  validation {
    condition     = var.rds_backup_retention_days >= 0 && var.rds_backup_retention_days <= 35 && floor(var.rds_backup_retention_days) == var.rds_backup_retention_days
    error_message = "rds_backup_retention_days must be a whole number from 0 to 35."
  }
}

variable "rds_deletion_protection" {
  description = "Whether AWS refuses to delete the database. Switch it off, and apply, before `terraform destroy`."
  type        = bool
  default     = true
}

variable "rds_skip_final_snapshot" {
  description = "Whether the database is deleted without a last snapshot."
  type        = bool
  default     = false
}
