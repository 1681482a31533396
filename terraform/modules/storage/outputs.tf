output "bucket" {
  description = "The bucket."
  value       = aws_s3_bucket.this
}

output "ownership_controls" {
  description = "Who owns uploaded objects."
  value       = aws_s3_bucket_ownership_controls.this
}

output "public_access_block" {
  description = "The four switches against public access."
  value       = aws_s3_bucket_public_access_block.this
}

output "policy" {
  description = "The bucket policy."
  value       = aws_s3_bucket_policy.this
}

output "encryption" {
  description = "Encryption at rest."
  value       = aws_s3_bucket_server_side_encryption_configuration.this
}

output "versioning" {
  description = "Versioning of the objects."
  value       = aws_s3_bucket_versioning.this
}
