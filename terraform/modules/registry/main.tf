# Private: no repository policy, so only this account's identities get in.
resource "aws_ecr_repository" "this" {
  #checkov:skip=CKV_AWS_136:Images are encrypted with AES-256; a KMS key of our own is not part of the stack.
  for_each = var.repositories

  name                 = each.key
  image_tag_mutability = var.image_tag_mutability

  image_scanning_configuration {
    scan_on_push = var.scan_on_push
  }

  encryption_configuration {
    encryption_type = "AES256"
  }

  tags = { Name = each.key }
}
