variable "name" {
  description = "Identifier of the database and name of its subnet group."
  type        = string
}

variable "engine_version" {
  description = "Version of PostgreSQL."
  type        = string
}

variable "instance_class" {
  description = "Instance class."
  type        = string
}

variable "availability_zone" {
  description = "Zone of a Single-AZ database."
  type        = string
}

variable "multi_az" {
  description = "Whether there is a standby in a second zone."
  type        = bool
}

variable "subnet_ids" {
  description = "Subnets of the subnet group."
  type        = list(string)
}

variable "security_group_id" {
  description = "Security group of the database."
  type        = string
}

variable "publicly_accessible" {
  description = "Whether the database gets a public address."
  type        = bool
}

variable "username" {
  description = "Master user."
  type        = string
}

variable "storage_type" {
  description = "Storage type."
  type        = string
}

variable "storage_gib" {
  description = "Storage in GiB."
  type        = number
}

variable "storage_encrypted" {
  description = "Whether the storage is encrypted."
  type        = bool
}

variable "backup_retention_days" {
  description = "How many days automatic backups are kept."
  type        = number
}

variable "deletion_protection" {
  description = "Whether AWS refuses to delete the database."
  type        = bool
}

variable "skip_final_snapshot" {
  description = "Whether the database is deleted without a last snapshot."
  type        = bool
}
