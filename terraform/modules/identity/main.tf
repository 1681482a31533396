# No access key here: Terraform would keep its secret in the state. Make it with
# `aws iam create-access-key` and store it where the service reads it.
resource "aws_iam_user" "this" {
  #checkov:skip=CKV_AWS_273:A user for a service, not for a person: it cannot sign in to the console.
  name = var.user_name

  tags = { Name = var.user_name }
}

resource "aws_iam_user_policy_attachment" "this" {
  #checkov:skip=CKV_AWS_40:The stack describes one user with one policy and no group.
  for_each = var.policy_names

  user       = aws_iam_user.this.name
  policy_arn = "arn:aws:iam::aws:policy/${each.key}"
}
