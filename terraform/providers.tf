# The endpoint is not set here: the provider honours AWS_ENDPOINT_URL, so the
# same code runs against AWS and against an emulator.
provider "aws" {
  region            = var.region
  s3_use_path_style = var.s3_use_path_style

  # Placeholders, so that an offline plan needs no credentials in the environment.
  # AWS refuses them: nothing can be applied to an account with them.
  access_key = var.offline ? "offline" : null
  secret_key = var.offline ? "offline" : null

  # Each of these is a call that the provider would make before it plans.
  skip_credentials_validation = var.offline
  skip_metadata_api_check     = var.offline
  skip_requesting_account_id  = var.offline

  default_tags {
    tags = var.tags
  }
}
