output "instances" {
  description = "Instances by name."
  value       = aws_instance.this
}

output "ami_ids" {
  description = "Image of each operating system, given or looked up."
  value       = local.ami_ids
}
