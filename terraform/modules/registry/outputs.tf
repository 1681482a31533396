output "repositories" {
  description = "Repositories by name."
  value       = aws_ecr_repository.this
}
