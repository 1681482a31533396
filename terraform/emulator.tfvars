# For an emulated AWS (moto), which AWS_ENDPOINT_URL names.
s3_use_path_style = true

# moto knows the Amazon Linux images, but no Ubuntu 24.04: this is its 16.04.
ami_ids = {
  "ubuntu-noble-24.04" = "ami-785db401"
}

# So that `terraform destroy` takes it all down again.
rds_deletion_protection = false
rds_skip_final_snapshot = true
