resource "aws_instance" "this" {
  #checkov:skip=CKV_AWS_126:Detailed monitoring costs extra per instance; the five-minute metrics do for this stack.
  #checkov:skip=CKV_AWS_135:T3 is always EBS-optimised and t2.micro cannot be: there is nothing to switch on.
  #checkov:skip=CKV2_AWS_41:The stack has no instance roles; the service that uses S3 has its own user.
  for_each = var.instances

  ami                    = local.ami_ids[each.value.os]
  instance_type          = each.value.type
  subnet_id              = each.value.subnet_id
  vpc_security_group_ids = [each.value.security_group_id]
  key_name               = var.ssh_key_name

  # Said aloud: no host of this stack forwards packets that are not meant for it.
  source_dest_check = true

  metadata_options {
    http_endpoint = "enabled"
    http_tokens   = var.require_imdsv2 ? "required" : "optional"
    # One hop: containers do not reach the metadata of their host.
    http_put_response_hop_limit = 1
  }

  root_block_device {
    encrypted   = var.encrypt_root_volumes
    volume_type = "gp3"
    volume_size = var.root_volume_gib

    tags = { Name = each.key }
  }

  tags = { Name = each.key }

  lifecycle {
    # A newer image must not replace running servers in passing: Jenkins keeps its
    # state on its root volume. `terraform apply -replace=…` takes the newer one.
    ignore_changes = [ami]
  }
}
