output "user" {
  description = "The user."
  value       = aws_iam_user.this
}

output "attachments" {
  description = "Policies of the user, by name."
  value       = aws_iam_user_policy_attachment.this
}
