variable "arn" {}
output "value" { value = var.arn }
