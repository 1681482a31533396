variable "bucket_name" {
  description = "Name of the bucket."
  type        = string
}

variable "object_ownership" {
  description = "Who owns uploaded objects."
  type        = string
}

variable "block_public_acls" {
  description = "BlockPublicAcls."
  type        = bool
}

variable "ignore_public_acls" {
  description = "IgnorePublicAcls."
  type        = bool
}

variable "block_public_policy" {
  description = "BlockPublicPolicy."
  type        = bool
}

variable "restrict_public_buckets" {
  description = "RestrictPublicBuckets."
  type        = bool
}
